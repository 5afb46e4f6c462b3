import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AnnotationIndex, hasAnswered } from './annotation-index.js';

const list = (first: number, next: Int32Array): number[] => {
  const out: number[] = [];
  for (let a = first; a >= 0; a = next[a]!) out.push(a);
  return out;
};

it('keeps lists and counts as replaying the journal would, through any appends and removals', () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ item: fc.nat(4), worker: fc.nat(5), label: fc.nat(2), remove: fc.nat(3) }), {
        maxLength: 150,
      }),
      (operations) => {
        const index = new AnnotationIndex(5, 3, 3);
        const live = new Map<number, { item: number; worker: number }>();
        const seen: number[] = [];
        for (const { item, worker, label, remove } of operations) {
          while (index.workers <= worker) index.addWorker();
          if (remove === 0 && live.size > 0) {
            const a = [...live.keys()][label % live.size]!;
            index.remove(a);
            live.delete(a);
            expect(index.counts(a)).toBe(false);
            index.appendSilent(item, worker);
          } else {
            live.set(index.append(item, worker, label), { item, worker });
            if (!seen.includes(item)) seen.push(item);
          }
        }
        expect(index.live).toBe(live.size);
        expect([...index.annotated.subarray(0, index.annotatedCount)]).toEqual(seen);
        for (let i = 0; i < 5; i++) {
          const mine = [...live].filter(([, entry]) => entry.item === i).map(([a]) => a);
          expect(list(index.firstOfItem[i]!, index.nextOfItem)).toEqual(mine);
          expect(index.perItem[i]).toBe(mine.length);
          for (let j = 0; j < index.workers; j++) {
            const asked = [...live.values()].some((entry) => entry.item === i && entry.worker === j);
            expect(hasAnswered(index, i, j)).toBe(asked);
          }
        }
        for (let j = 0; j < index.workers; j++) {
          const mine = [...live].filter(([, entry]) => entry.worker === j).map(([a]) => a);
          expect(list(index.firstOfWorker[j]!, index.nextOfWorker)).toEqual(mine);
          expect(index.perWorker[j]).toBe(mine.length);
        }
      },
    ),
    { seed: 7 },
  ));
