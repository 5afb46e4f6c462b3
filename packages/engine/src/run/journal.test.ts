import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuorateError, type Dataset } from '@quorate/core';
import { describeAnnotationStore } from '@quorate/testkit';
import { Journal } from './journal.js';

describeAnnotationStore('Journal', (dataset, workerIds) => new Journal(dataset, workerIds));

const dataset: Dataset = {
  taskIds: ['t0', 't1', 't2'],
  classes: ['cat', 'dog'],
  features: null,
  prototypes: { ids: [], classOf: new Int32Array(0) },
};
const fill = (): Journal => {
  const journal = new Journal(dataset, ['w0', 'w1']);
  journal.collect(
    { count: 3, item: Int32Array.of(0, 1, 0), worker: Int32Array.of(0, 0, 1), label: Int32Array.of(0, 1, 1) },
    1,
  );
  return journal;
};
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (thrown) {
    return (thrown as QuorateError).code;
  }
  return 'nothing was thrown';
};

describe('annotation journal', () => {
  it('takes answers from outside, of new workers too', () => {
    const journal = fill();
    expect(
      journal.add(
        [
          { task: 't2', worker: 'ann', label: 'dog' },
          { task: 't2', worker: 'w1', label: 'cat' },
        ],
        2,
      ),
    ).toBe(3);
    expect(journal.workerIds).toEqual(['w0', 'w1', 'ann']);
    expect(journal.view.perItem[2]).toBe(2);
    expect(journal.entry(3)).toEqual({ task: 't2', worker: 'ann', label: 'dog', step: 2 });
  });

  it.each([
    ['an unknown task', { task: 'tt', worker: 'w0', label: 'cat' }],
    ['an unknown label', { task: 't0', worker: 'w0', label: 'bird' }],
    ['no worker', { task: 't0', worker: '', label: 'cat' }],
  ])('refuses %s as a whole, and keeps what it had', (_what, bad) => {
    const journal = fill();
    const before = journal.snapshot();
    expect(code(() => journal.add([{ task: 't1', worker: 'w1', label: 'cat' }, bad], 2))).toBe('ANNOTATION_INVALID');
    expect(journal.snapshot()).toEqual(before);
  });

  it('refuses answers out of range before it stores any', () => {
    const journal = fill();
    const bad = { count: 2, item: Int32Array.of(0, 1), worker: Int32Array.of(0, 0), label: Int32Array.of(0, 2) };
    expect(code(() => journal.collect(bad, 2))).toBe('ANNOTATION_INVALID');
    expect(journal.view.live).toBe(3);
  });

  it('takes an answer back and replaces one, erasing nothing', () => {
    const journal = fill();
    journal.retract(0, 2);
    expect(journal.view.live).toBe(2);
    expect(journal.replace(2, 0, 3)).toBe(5);
    expect([0, 1, 2, 3, 4, 5].map((a) => journal.entry(a).label)).toEqual(['cat', 'dog', 'dog', null, null, 'cat']);
    expect(code(() => journal.retract(0, 4))).toBe('ANNOTATION_INVALID');
    expect(code(() => journal.retract(99, 4))).toBe('ANNOTATION_INVALID');
    expect(code(() => journal.replace(5, 7, 4))).toBe('ANNOTATION_INVALID');
    expect(journal.view.live).toBe(2);
  });

  it('only takes the latest of repeated answers back', () => {
    const journal = fill();
    journal.add([{ task: 't0', worker: 'w0', label: 'dog' }], 2);
    expect(code(() => journal.retract(0, 3))).toBe('ANNOTATION_INVALID');
    journal.retract(3, 3);
    journal.retract(0, 3);
    expect(journal.view.perItem[0]).toBe(1);
  });

  it('is the same after a snapshot is replayed, whatever happened to it', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.nat(3), fc.nat(1), fc.boolean()), { maxLength: 60 }),
        (operations) => {
          const journal = new Journal(dataset, ['w0']);
          operations.forEach(([item, worker, label, retract], step) => {
            const a = journal.add([{ task: `t${item}`, worker: `w${worker}`, label: dataset.classes[label]! }], step);
            if (retract) journal.retract(a, step);
          });
          const copy = new Journal(dataset, ['w0']);
          copy.restore(structuredClone(journal.snapshot()));
          expect(copy.snapshot()).toEqual(journal.snapshot());
          expect(copy.view.live).toBe(journal.view.live);
          expect([...copy.view.perItem]).toEqual([...journal.view.perItem]);
          expect([...copy.view.firstOfItem]).toEqual([...journal.view.firstOfItem]);
        },
      ),
      { seed: 3 },
    ));
});
