import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './sources.js';

/** The worst of the word list in CONTRIBUTING.md, with what to write instead. */
const refused: readonly (readonly [RegExp, string])[] = [
  [/\bmend(s|ed|ing)?\b/i, 'fix, correct'],
  [/\b(he|him|his|himself)\b/i, 'they, them, their'],
  [/\bbears? it out\b/i, 'supports'],
  [/\bWrite it down\b|\bStop and go on\b/, 'Save a configuration; Interrupt and resume'],
  [/\b\d+ (answers|annotations|queries) a (task|class|step|worker)\b/, 'per task'],
];

const places = ['README.md', 'docs', 'examples', 'packages', 'plugins', 'SECURITY.md'];
const texts = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...places], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|md|mjs)$/.test(file) && !/CHANGELOG\.md$|\.d\.ts$/.test(file));

it('texts are in plain English, by the word list in CONTRIBUTING.md', () => {
  const found = texts.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => {
        const wrong = refused.find(([word]) => word.test(line));
        return wrong ? [`${file}:${at + 1}: write "${wrong[1]}": ${line.trim().slice(0, 100)}`] : [];
      }),
  );
  expect(texts.length).toBeGreaterThan(300);
  expect(found).toEqual([]);
});
