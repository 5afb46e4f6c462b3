import { defineComponent, QuorateError, T, type FeatureExtractor, type FeatureSubject } from '@quorate/core';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnFeatureExtractor implements FeatureExtractor {
  readonly accepts = ['text'] as const;
  readonly batchSize = 256;
  readonly columns: number;
  readonly fingerprint: string;
  readonly #letters: number;

  constructor(@inject(Options) { columns, letters }: z.output<typeof options>) {
    this.columns = columns;
    this.fingerprint = JSON.stringify({ extractor: 'my_part', version: 1, columns, letters });
    this.#letters = letters;
  }

  async extract(batch: readonly FeatureSubject[]): Promise<Float32Array> {
    const { columns } = this;
    const letters = this.#letters;
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
  }
}
