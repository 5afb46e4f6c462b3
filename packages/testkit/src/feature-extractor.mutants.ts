import { QuorateError, type FeatureExtractor, type FeatureSubject } from '@quorate/core';
import type { FeatureExtractorCapabilities, FeatureExtractorSubject } from './feature-extractor.js';
import type { Mutant } from './mutants.js';
import { referenceExtractor } from './reference/feature-extractor.js';

const texts = ['a rat ate', 'no one is in', '', 'tests'];

export const letterSubjects: FeatureExtractorCapabilities = {
  subjects: texts.map((text, i): FeatureSubject => ({ kind: 'text', id: `t${i}`, text })),
  unreadable: { kind: 'text', id: 'torn', text: 'a\uFFFDb' },
};

type Change = (right: FeatureExtractor) => Partial<FeatureExtractor>;

const mutant = (name: string, breaks: string, change: Change): Mutant<FeatureExtractorSubject> => ({
  name,
  breaks,
  subject: {
    make: () => {
      const right = referenceExtractor();
      return { ...right, ...change(right) };
    },
    capabilities: letterSubjects,
  },
});

const mapped =
  (map: (rows: Float32Array, batch: readonly FeatureSubject[]) => Float32Array): Change =>
  (right) => ({ extract: async (batch) => map(await right.extract(batch), batch) });

let built = 0;
let calls = 0;

export const featureExtractorMutants: readonly Mutant<FeatureExtractorSubject>[] = [
  mutant('shares instead of counts: an empty text is 0/0', 'L1', (right) =>
    mapped((rows) => {
      const out = rows.slice();
      for (let start = 0; start < out.length; start += right.columns!) {
        const row = out.subarray(start, start + right.columns!);
        const sum = row.reduce((a, b) => a + b, 0);
        row.forEach((x, d) => (row[d] = x / sum));
      }
      return out;
    })(right),
  ),
  mutant(
    'forgets the last row of a batch',
    'L1',
    mapped((rows) => rows.slice(0, -8)),
  ),
  mutant('does not say how many columns it has', 'L1', () => ({ columns: null })),
  mutant('accepts nothing', 'L1', () => ({ accepts: [] })),
  mutant('batches of no subjects', 'L1', () => ({ batchSize: 0 })),
  mutant('takes the mean of the batch away', 'L2', (right) =>
    mapped((rows, { length }) => {
      const D = right.columns!;
      return rows.map((x, at) => {
        let sum = 0;
        for (let i = 0; i < length; i++) sum += rows[i * D + (at % D)]!;
        return x - sum / length;
      });
    })(right),
  ),
  mutant('counts what fills up short texts', 'L2', (right) => ({
    extract: (batch) => {
      const longest = Math.max(...batch.map((one) => (one.kind === 'text' ? one.text.length : 0)));
      return right.extract(
        batch.map((one) => (one.kind === 'text' ? { ...one, text: one.text.padEnd(longest, 'a') } : one)),
      );
    },
  })),
  mutant('rows in order of their length', 'L2', (right) => ({
    extract: (batch) => {
      const length = (one: FeatureSubject): number => (one.kind === 'text' ? one.text.length : 0);
      return right.extract([...batch].sort((a, b) => length(a) - length(b)));
    },
  })),
  mutant(
    'the same row for everything',
    'L2',
    mapped((rows) => rows.fill(1)),
  ),
  mutant(
    'dropout is left on',
    'L3',
    mapped((rows) => rows.map((x) => x * (1 + (calls++ % 7) / 1e7))),
  ),
  mutant('a fingerprint of its own for every process', 'L3', () => ({ fingerprint: `letters ${built++}` })),
  mutant('no fingerprint', 'L3', () => ({ fingerprint: '' })),
  mutant('zeros for what cannot be read', 'L4', (right) => ({
    extract: (batch) => right.extract(batch).catch(() => new Float32Array(batch.length * right.columns!)),
  })),
  mutant('an error of no code', 'L4', (right) => ({
    extract: (batch) => right.extract(batch).catch(() => Promise.reject(new Error('cannot read torn'))),
  })),
  mutant('an error that does not say which', 'L4', (right) => ({
    extract: (batch) =>
      right.extract(batch).catch(() => {
        const detail = { where: 'the batch', expected: 'texts', got: 'another', fix: 'Look for it.' };
        throw new QuorateError('DATA_INVALID', detail);
      }),
  })),
  mutant('is done for after an error', 'L4', (right) => {
    let failed = false;
    return {
      extract: async (batch) => {
        const rows = await right.extract(batch).catch((thrown: unknown) => {
          failed = true;
          throw thrown;
        });
        return failed ? rows.map((x) => x + 1) : rows;
      },
    };
  }),
];
