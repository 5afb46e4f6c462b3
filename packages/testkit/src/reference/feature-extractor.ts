import { QuorateError, type FeatureExtractor, type FeatureSubject } from '@quorate/core';

const LETTERS = 'aeinorst';

/** Counts letters of a text. A text with a replacement character was no text and cannot be read. */
export function referenceExtractor(): FeatureExtractor {
  return {
    accepts: ['text'],
    batchSize: 4,
    columns: LETTERS.length,
    fingerprint: 'letters 1',
    extract: async (batch) => Float32Array.from(batch.flatMap(countsOf)),
  };
}

function countsOf(subject: FeatureSubject): number[] {
  const text = subject.kind === 'text' ? subject.text : subject.path;
  if (text.includes('\uFFFD')) {
    const fix = 'Save it as UTF-8.';
    throw new QuorateError('DATA_INVALID', { where: subject.id, expected: 'text in UTF-8', got: 'other bytes', fix });
  }
  return [...LETTERS].map((letter) => text.split(letter).length - 1);
}
