import { isQuorateError, messageOf, type FeatureExtractor, type FeatureSubject } from '@quorate/core';
import fc from 'fast-check';
import type { Truth } from '@quorate/core/truth';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { describeLaws, forAll, must, type Law, type SuiteOptions } from './law.js';
import { World } from './world.js';

export interface FeatureExtractorCapabilities extends SuiteOptions {
  /** Three or more that can be read and differ: what is in them is the extractor's business. */
  readonly subjects: readonly FeatureSubject[];
  /** One that cannot be read; without it L4 is not tested. */
  readonly unreadable?: FeatureSubject;
}

export interface FeatureExtractorSubject {
  readonly make: Make<FeatureExtractor>;
  readonly capabilities: FeatureExtractorCapabilities;
}

interface Case {
  /** Places in the list of subjects, some maybe twice. */
  readonly order: readonly number[];
  /** Where the order is cut into batches. */
  readonly batch: number;
}

const RUNS = 10;
/** What another batch may change: the rounding of float32, relative to the largest value of the row. */
const ROUNDING = 1e-4;

const blank = { workers: 1, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, answers: [], retracted: [] };
const setup = () => new World({ ...blank, items: 1, classes: 2, beliefs: [], classNames: null, seed: 1 }).setup();

const caseOf = ({ subjects }: FeatureExtractorCapabilities): fc.Arbitrary<Case> =>
  fc.record({
    order: fc.array(fc.nat(subjects.length - 1), { minLength: 1, maxLength: 2 * subjects.length }),
    batch: fc.integer({ min: 1, max: subjects.length + 1 }),
  });

/** Builds an extractor for one check, and frees it afterwards: it may hold a model. */
async function using<R>(
  { make }: FeatureExtractorSubject,
  check: (extractor: FeatureExtractor) => Promise<R>,
  truth: Truth | null = null,
): Promise<R> {
  const extractor = await make({ ...setup(), ...(truth ? { truth } : {}) });
  try {
    return await check(extractor);
  } finally {
    await extractor.dispose?.();
  }
}

/** Rows of the subjects one after the other, in batches of at most `size`. */
async function rowsOf(extractor: FeatureExtractor, subjects: readonly FeatureSubject[], size = Infinity) {
  const rows: Float32Array[] = [];
  const most = Math.min(size, extractor.batchSize);
  must(Number.isInteger(extractor.batchSize) && most >= 1, `batchSize is ${extractor.batchSize}`);
  for (let from = 0; from < subjects.length; from += most) {
    const batch = subjects.slice(from, from + most);
    const values = await extractor.extract(batch);
    const { columns } = extractor;
    must(columns !== null && columns >= 1, `columns is ${columns} after a batch`);
    const length = batch.length * columns;
    must(values.length === length, `${values.length} values for ${batch.length} rows of ${columns} columns`);
    for (let i = 0; i < batch.length; i++) rows.push(values.slice(i * columns, (i + 1) * columns));
  }
  return rows;
}

function mustBeClose(got: Float32Array, want: Float32Array, what: string): void {
  const scale = want.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
  const bad = want.findIndex((x, d) => !(Math.abs(x - got[d]!) <= ROUNDING * scale));
  must(bad < 0, () => `${what}: column ${bad} is ${got[bad]}, was ${want[bad]}`);
}

export const featureExtractorLaws: readonly Law<FeatureExtractorSubject>[] = [
  {
    id: 'L1',
    text: 'every row has `columns` finite numbers, the same number for every batch',
    check: (subject) =>
      using(subject, async (extractor) => {
        const { subjects, runs = RUNS } = subject.capabilities;
        const { accepts, columns: declared } = extractor;
        for (const { kind, id } of subjects)
          must(accepts.includes(kind), `it does not accept ${id}, a subject of ${kind}`);
        await rowsOf(extractor, subjects);
        const columns = extractor.columns!;
        must(declared === null || declared === columns, `columns was ${declared} and became ${columns}`);
        await forAll(caseOf(subject.capabilities), runs, async ({ order, batch }) => {
          for (const row of await rowsOf(
            extractor,
            order.map((at) => subjects[at]!),
            batch,
          )) {
            must(row.length === columns, `a row of ${row.length} columns after one of ${columns}`);
            must(row.every(Number.isFinite), () => `a row has the value ${row.find((x) => !Number.isFinite(x))}`);
          }
        });
      }),
  },
  {
    id: 'L2',
    text: 'a row depends on its subject alone: the same in any order and any company, up to float32 rounding',
    check: (subject) =>
      using(subject, async (extractor) => {
        const { subjects, runs = RUNS } = subject.capabilities;
        const alone = await rowsOf(extractor, subjects, 1);
        await forAll(caseOf(subject.capabilities), runs, async ({ order, batch }) => {
          const rows = await rowsOf(
            extractor,
            order.map((at) => subjects[at]!),
            batch,
          );
          rows.forEach((row, i) => mustBeClose(row, alone[order[i]!]!, `${subjects[order[i]!]!.id} in company`));
        });
        const differ = alone.some((row) => fingerprint(row) !== fingerprint(alone[0]));
        must(differ, 'all subjects have the same row');
      }),
  },
  {
    id: 'L3',
    text: 'deterministic and pure: built again it gives the same bytes for the same batch and has the same fingerprint',
    check: async (subject) => {
      const { subjects } = subject.capabilities;
      const before = fingerprint(subjects);
      const [first, again] = await using(subject, async (extractor) => [
        { rows: fingerprint(await rowsOf(extractor, subjects)), print: extractor.fingerprint },
        { rows: fingerprint(await rowsOf(extractor, subjects)), print: extractor.fingerprint },
      ]);
      const other = await using(
        subject,
        async (extractor) => ({
          print: extractor.fingerprint,
          rows: fingerprint(await rowsOf(extractor, subjects)),
        }),
        { classOf: Int32Array.of(1) },
      );
      for (const [name, { rows, print }] of Object.entries({ 'a second time': again, 'built again': other })) {
        must(rows === first.rows, () => `${name}: ${firstDifference(first.rows, rows)}`);
        must(print === first.print, () => `the fingerprint, ${name}: ${firstDifference(first.print, print)}`);
      }
      must(first.print !== '', 'the fingerprint is empty');
      must(fingerprint(subjects) === before, 'the subjects changed');
    },
  },
  {
    id: 'L4',
    text: 'a subject that cannot be read throws DATA_INVALID that names it, and the extractor goes on',
    waived: ({ capabilities }) => (capabilities.unreadable ? null : 'no unreadable subject is given'),
    check: (subject) =>
      using(subject, async (extractor) => {
        const { subjects, unreadable } = subject.capabilities;
        const [want] = await rowsOf(extractor, subjects.slice(0, 1));
        for (const batch of [[unreadable!], [subjects[0]!, unreadable!]].filter(
          (b) => b.length <= extractor.batchSize,
        )) {
          const error = await extractor.extract(batch).then(
            () => null,
            (thrown: unknown) => thrown,
          );
          must(isQuorateError(error), () => `${unreadable!.id} gave ${error === null ? 'rows' : messageOf(error)}`);
          must(error.code === 'DATA_INVALID', `its code is ${error.code}`);
          must(error.message.includes(unreadable!.id), `the message does not name ${unreadable!.id}: ${error.message}`);
          const [row] = await rowsOf(extractor, subjects.slice(0, 1));
          mustBeClose(row!, want!, 'the batch after the error');
        }
      }),
  },
];

/** Runs every law of `FeatureExtractor` against one implementation. */
export function describeFeatureExtractor(
  name: string,
  make: Make<FeatureExtractor>,
  capabilities: FeatureExtractorCapabilities,
): void {
  describeLaws(`${name} keeps the FeatureExtractor contract`, featureExtractorLaws, { make, capabilities });
}
