import { describe, expect, it } from 'vitest';
import { AnnotationIndex, AnswerTableBuilder, T, makeRng, type AnswerFiles, type Dataset } from '@quorate/core';
import { buildComponent, describeWorkerSimulator } from '@quorate/testkit';
import recorded, { RecordedWorkers } from './recorded-workers.js';
import { recordOf } from './record.js';

type Row = readonly [task: string, worker: string, label: string];

function tableOf(rows: readonly Row[]) {
  const table = new AnswerTableBuilder();
  for (const [task, worker, label] of rows) table.add(table.task(task), table.worker(worker), table.class(label));
  return table.build();
}

/** Answers about half of the pairs of the tasks t0..t9 and six workers. */
function someAnswers(): Row[] {
  const rng = makeRng('record');
  const pairs = Array.from({ length: 60 }, (_, x) => [`t${Math.floor(x / 6)}`, `ann${x % 6}`] as const);
  const rows = pairs.filter(() => rng.int(2) === 0).map(([task, worker]): Row => [task, worker, `c${rng.int(2)}`]);
  return [['t0', 'ann0', 'c0'], ...rows.filter(([task, worker]) => task !== 't0' || worker !== 'ann0')];
}

const files: AnswerFiles = {
  read: async () => tableOf(someAnswers()),
  readGold: async () => new Map(),
};

describeWorkerSimulator(
  'recorded',
  buildComponent(recorded, { options: { file: 'a.csv' }, values: [[T.AnswerFiles, files]] }),
  { declines: true },
);

const dataset: Dataset = {
  taskIds: ['t0', 't1', 't2'],
  classes: ['cat', 'dog'],
  features: null,
  prototypes: { ids: ['p0', 'p1'], classOf: Int32Array.of(0, 1) },
};
const rows: readonly Row[] = [
  ['t0', 'bob', 'cat'],
  ['t0', 'ann', 'dog'],
  ['t1', 'ann', 'dog'],
  ['t0', 'ann', 'cat'],
  ['t9', 'ann', 'cat'],
  ['t1', 'cy', 'emu'],
  ['p0', 'bob', 'cat'],
  ['p0', 'ann', 'dog'],
  ['p1', 'dee', 'dog'],
];
const record = (given: readonly Row[] = rows, seed = 1) => recordOf('a.csv', tableOf(given), dataset, makeRng(seed));

describe('a record', () => {
  it('holds each answer to a task or prototype of the run once, and says what it leaves out', () => {
    const { workerIds, start, prototypes, notes } = record();
    expect(workerIds).toEqual(['ann', 'bob', 'dee']);
    expect([...start]).toEqual([0, 2, 3, 3]);
    expect(prototypes.count).toBe(3);
    expect(notes).toEqual([
      'a.csv: 1 answer about a task that is not in the data is left out.',
      'a.csv: 1 answer that names no class of the run is left out.',
      'a.csv: 1 answer of a worker who had answered the task before is left out.',
    ]);
  });

  it("keeps a worker's first answer", () => {
    const workers = new RecordedWorkers(record());
    const labels = new Int32Array(2);
    workers.answer({ count: 2, item: Int32Array.of(0, 2), worker: Int32Array.of(0, 0) }, labels);
    expect([...labels]).toEqual([1, -1]);
  });

  it('does not hang on the order of the rows, but for the answers that are repeated', () => {
    const once = rows.filter(([task, worker], a) => !(task === 't0' && worker === 'ann' && a === 3));
    expect(record([...once].reverse())).toMatchObject({ hash: record(once).hash });
    expect(record(once, 2).workerIds).toEqual(record(once).workerIds);
  });

  it('is refused where it has nothing to do with the data', () => {
    expect(() => record([['x', 'ann', 'cat']])).toThrow(/answers about tasks of the data, such as "t0".*such as "x"/s);
    expect(() => record([['t0', 'ann', 'emu']])).toThrow(/answers about classes of the data, such as "cat".*"emu"/s);
  });

  it('closes a task whose answers are spent, and uses none twice', () => {
    const workers = new RecordedWorkers(record());
    const annotations = new AnnotationIndex(3, 3, 2);
    const plan = [0, 1, 2].map((worker) => ({ worker, items: Int32Array.of(0, 1, 2) }));
    const given = workers.assign(plan, annotations);
    expect(given.flatMap(({ items }) => [...items]).sort()).toEqual([0, 0, 1]);
    expect(workers.may(0, 2, annotations)).toBe(false);
    for (const { worker, items } of given) for (const i of items) annotations.append(i, worker, 0);
    expect([0, 1, 2].map((i) => workers.may(0, i, annotations))).toEqual([false, false, false]);
    expect(workers.assign(plan, annotations)).toEqual([]);
  });

  it('says what up to so many workers said of each prototype', () => {
    const workers = new RecordedWorkers(record());
    expect(workers.askPrototypes(5)).toMatchObject({ count: 3, prototype: Int32Array.of(0, 0, 1) });
    expect(workers.askPrototypes(1)).toMatchObject({ count: 2, prototype: Int32Array.of(0, 1) });
  });

  it('must be the same when a run goes on', () => {
    const state = new RecordedWorkers(record()).snapshot();
    new RecordedWorkers(record()).restore(state);
    expect(() => new RecordedWorkers(record(rows.slice(0, 2))).restore(state)).toThrow(/started with/);
  });
});
