import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { makeRng, messageOf, type Files } from '@quorate/core';
import { digitsFingerprint, readDigits, type Digits } from './digits.js';
import { readCached, writeCached, type Labelled } from './feature-cache.js';
import { HISTOGRAM_VALUES, PIXELS, gradientHistogram } from './gradient-histogram.js';
import { principalComponents } from './principal-components.js';

/** Feature columns. */
export const COLUMNS = 64;
/** Goes up whenever the same images get other features: a cached file of another version is not read. */
const VERSION = 1;

/**
 * Features of all images and the digit that each shows, digits ascending; from the cache where it has them, else
 * computed (one to two seconds) and put there. A cache that cannot be written is only noted.
 */
export async function digitFeatures(files: Files): Promise<Labelled> {
  const origin = `${VERSION} ${COLUMNS} ${endianness()} ${await digitsFingerprint()}`;
  const key = createHash('sha256').update(origin).digest('hex').slice(0, 16);
  const file = join(files.cacheDir, `mnist-features-${key}.bin`);
  const cached = await readCached(file, COLUMNS);
  if (cached) return cached;
  const computed = computeFeatures(await readDigits());
  try {
    await writeCached(file, computed);
  } catch (thrown) {
    files.note(`The features of the digits could not be cached and are computed in every run: ${messageOf(thrown)}.`);
  }
  return computed;
}

/**
 * Gradient histograms, projected on their COLUMNS leading principal components: columns
 * have mean 0 and, on average, variance 1. The same images give the same bytes.
 */
export function computeFeatures({ pixels, digitOf }: Digits): Labelled {
  const histograms = new Float32Array(digitOf.length * HISTOGRAM_VALUES);
  for (let i = 0; i < digitOf.length; i++) gradientHistogram(pixels, i * PIXELS, histograms, i * HISTOGRAM_VALUES);
  const features = principalComponents(histograms, HISTOGRAM_VALUES, COLUMNS, makeRng('mnist features'));
  return { features, digitOf };
}
