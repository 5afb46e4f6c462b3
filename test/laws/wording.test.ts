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

/** How numbers are not written: `61.7%`, `30000`, `30 000`. */
const misprinted = /\d%|(?<![\d.,/#\w-])\d{5,}(?![\w.-]*\w)|\d \d{3}\b/;

it('numbers in texts are written in one way, by CONTRIBUTING.md', () => {
  const prose = [...texts, 'CONTRIBUTING.md'].filter((file) => file.endsWith('.md'));
  const found = prose.flatMap((file) => {
    // Blocks of code stay as they are, and so does what stands in backticks, links and tags.
    const text = readFileSync(join(root, file), 'utf8').replace(/^```[^]*?^```$/gm, (block) =>
      block.replace(/[^\n]/g, ''),
    );
    return text.split('\n').flatMap((line, at) => {
      const bare = line.replace(/`[^`]*`|\]\([^)]*\)|https?:\/\/\S+|<[^>]*>/g, '');
      return misprinted.test(bare) ? [`${file}:${at + 1}: write 61.7 % and 30,000: ${line.trim().slice(0, 100)}`] : [];
    });
  });
  expect(['61.7%', 'of 30000 tasks', 'of 30 000 tasks', '12345'].filter((text) => !misprinted.test(text))).toEqual([]);
  expect(
    ['61.7 %', '30,000', '0.12345', 'sha 12345abc', '2,048 rows', 'in 2021 (2048)'].filter((text) =>
      misprinted.test(text),
    ),
  ).toEqual([]);
  expect(found).toEqual([]);
});
