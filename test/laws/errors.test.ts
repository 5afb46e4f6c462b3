import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errorCodes } from '@quorate/core';
import { packagesBelow, root, walk } from './sources.js';

const layers = [...packagesBelow('packages'), ...packagesBelow('plugins')].map((folder) => `${folder}/src`);
const sources = layers
  .flatMap(walk)
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');
const docs = readFileSync(join(root, 'packages/README.md'), 'utf8').replace(/ +/g, ' ');

it.each(Object.entries(errorCodes))('%s is thrown somewhere and documented', (code, { exit, meaning }) => {
  expect(sources).toContain(`'${code}'`);
  expect(docs).toContain(`| \`${code}\` | ${exit} | ${meaning} |`);
});
