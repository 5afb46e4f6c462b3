import { defineComponent, QuorateError, type FeatureExtractor } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  columns: z.int().min(1).default(256).describe('numbers per text'),
  letters: z.int().min(1).default(3).describe('letters of a run that is counted'),
});

/**
 * Turns texts or images into rows of numbers. THE FEATURES BELOW ARE YOURS TO CHANGE: load a model, call a service, ...
 *
 * What `extract` receives: 1 to `batchSize` subjects of the kinds in `accepts`. A text has `id` and `text`, an image `id`
 * and `path`. It returns a row of `columns` numbers for each, one after the other.
 *
 * What must hold: numbers are finite; a row depends on its subject alone, in any order and company; the same options give
 * the same rows and the same `fingerprint`, which names everything that shapes them; a subject that cannot be read throws
 * DATA_INVALID with its id, and the next batch works. A model is freed in `dispose`.
 */
export default defineComponent({
  kind: 'featureExtractor',
  name: 'my_part',
  summary: 'texts as counts of their runs of letters, hashed into columns',
  options,
  create: ({ columns, letters }): FeatureExtractor => ({
    accepts: ['text'],
    batchSize: 256,
    columns,
    fingerprint: JSON.stringify({ extractor: 'my_part', version: 1, columns, letters }),
    extract: async (batch) => {
      const rows = new Float32Array(batch.length * columns);
      batch.forEach((subject, place) => {
        const text = subject.kind === 'text' ? subject.text.trim().toLowerCase() : '';
        if (text === '') {
          throw new QuorateError('DATA_INVALID', {
            where: subject.id,
            expected: 'a text',
            got: 'none',
            fix: 'Give it a text, or leave it out.',
          });
        }
        const row = rows.subarray(place * columns, (place + 1) * columns);
        const padded = ` ${text} `;
        for (let at = 0; at + letters <= Math.max(padded.length, letters); at++) {
          row[hash(padded.slice(at, at + letters)) % columns]!++;
        }
        const length = Math.hypot(...row);
        for (let d = 0; d < columns; d++) row[d]! /= length;
      });
      return rows;
    },
  }),
});

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
