import { AnnotationIndex, makeRng } from '@quorate/core';
import { anyWorld, type World } from '@quorate/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PooledWorkers } from './pooled-workers.js';

const GRID = [4, 8, 16, 32, 64, 128, 256];
const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);
const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);

interface Counted {
  /** [worker][true][observed]. */
  readonly counts: readonly (readonly (readonly number[])[])[];
  /** [true][observed]. */
  readonly pool: readonly (readonly number[])[];
}

/** Soft counts and the pooled matrix as the comment of the class writes them, with nested arrays. */
function counted(annotations: AnnotationIndex, posterior: Float64Array): Counted {
  const { workers, classes: K } = annotations;
  const counts = range(workers).map((j) => {
    const matrix = range(K).map(() => range(K).map(() => 0));
    for (let a = annotations.firstOfWorker[j]!; a >= 0; a = annotations.nextOfWorker[a]!) {
      for (const k of range(K)) matrix[k]![annotations.label[a]!]! += posterior[annotations.item[a]! * K + k]!;
    }
    return matrix;
  });
  const all = range(K).map((k) => range(K).map((z) => sum(counts.map((matrix) => matrix[k]![z]!))));
  const skill = (sum(range(K).map((k) => all[k]![k]!)) + 7) / (sum(all.flat()) + 10);
  const pool = all.map((row, k) => {
    const full = row.map((count, z) => count + 150 * (z === k ? skill : (1 - skill) / (K - 1)));
    return full.map((x) => x / sum(full));
  });
  return { counts, pool };
}

/** P(answers | pool, α) by drawing them one after the other from Pólya's urn; counts must be whole. */
function urn({ counts, pool }: Counted, alpha: number): number {
  let log = 0;
  for (const matrix of counts) {
    for (const [k, row] of matrix.entries()) {
      const drawn = row.map(() => 0);
      for (const [z, count] of row.entries()) {
        for (let n = 0; n < count; n++) {
          log += Math.log((drawn[z]! + alpha * pool[k]![z]!) / (sum(drawn) + alpha));
          drawn[z]!++;
        }
      }
    }
  }
  return log;
}

function certain(world: World): Float64Array {
  const { items, classes: K } = world.plan;
  const truth = world.truth().classOf;
  return Float64Array.from({ length: items * K }, (_, x) => (truth[Math.floor(x / K)] === x % K ? 1 : 0));
}

function fitted(annotations: AnnotationIndex, posterior: Float64Array): PooledWorkers {
  const model = new PooledWorkers(annotations.classes);
  model.reset(annotations.workers);
  model.update(annotations, posterior);
  return model;
}

const entry = ({ confusions: { classes: K, probability } }: PooledWorkers, j: number, k: number, z: number): number =>
  probability[(j * K + z) * K + k]!;

function mustBeShrunk(model: PooledWorkers, { counts, pool }: Counted, alpha: number): void {
  counts.forEach((matrix, j) =>
    matrix.forEach((row, k) =>
      row.forEach((count, z) => {
        const want = (count + alpha * pool[k]![z]!) / (sum(row) + alpha);
        expect(entry(model, j, k, z)).toBeCloseTo(want, 10);
      }),
    ),
  );
}

describe('pooled workers', () => {
  it('take the concentration under which the answers are most likely, one drawn after the other', () => {
    fc.assert(
      fc.property(anyWorld({ maxItems: 6, maxAnnotations: 60, repeats: true }), (world) => {
        const annotations = world.annotations();
        const posterior = certain(world);
        const expected = counted(annotations, posterior);
        const likelihood = GRID.map((alpha) => urn(expected, alpha));
        const best = GRID[likelihood.indexOf(Math.max(...likelihood))]!;
        // Rounding may decide between values that are equally good.
        if (likelihood.filter((one) => one > Math.max(...likelihood) - 1e-7).length > 1) return;
        mustBeShrunk(fitted(annotations, posterior), expected, best);
      }),
    );
  });

  it('count soft labels by their parts', () => {
    fc.assert(
      fc.property(anyWorld({ maxAnnotations: 60 }), (world) => {
        const annotations = world.annotations();
        const posterior = world.posterior();
        const expected = counted(annotations, posterior);
        const model = fitted(annotations, posterior);
        const fits = GRID.some((alpha) => {
          try {
            mustBeShrunk(model, expected, alpha);
            return true;
          } catch {
            return false;
          }
        });
        expect(fits, 'no concentration of the grid gives these matrices').toBe(true);
      }),
    );
  });

  it('lean on the pool where workers are alike, and on themselves where they are not', () => {
    const [K, W, perWorker] = [3, 10, 90];
    const rng = makeRng(3);
    const answered = (isSpammer: (j: number) => boolean): PooledWorkers => {
      const annotations = new AnnotationIndex(W * perWorker, W, K);
      const posterior = new Float64Array(W * perWorker * K);
      for (let i = 0; i < W * perWorker; i++) {
        const j = i % W;
        posterior[i * K + (i % K)] = 1;
        annotations.append(i, j, isSpammer(j) || rng.uniform() < 0.2 ? rng.int(K) : i % K);
      }
      return fitted(annotations, posterior);
    };
    const alike = answered(() => false);
    const mixed = answered((j) => j < 3);
    const skill = (model: PooledWorkers, j: number): number => sum(range(K).map((k) => entry(model, j, k, k))) / K;
    const spread = (model: PooledWorkers, workers: readonly number[]): number =>
      Math.max(...workers.map((j) => skill(model, j))) - Math.min(...workers.map((j) => skill(model, j)));
    expect(spread(alike, range(W))).toBeLessThan(0.06);
    for (const j of [0, 1, 2]) expect(skill(mixed, j)).toBeLessThan(0.5);
    for (const j of [4, 7, 9]) expect(skill(mixed, j)).toBeGreaterThan(0.75);
  });

  it('are right seven times in ten before any answer, and a newcomer is like the pool', () => {
    const model = new PooledWorkers(4);
    model.reset(2);
    expect(entry(model, 1, 2, 2)).toBeCloseTo(0.7, 12);
    expect(entry(model, 1, 2, 3)).toBeCloseTo(0.1, 12);
    const annotations = new AnnotationIndex(400, 2, 4);
    const posterior = new Float64Array(1600);
    for (let i = 0; i < 400; i++) {
      annotations.append(i, 0, i % 4);
      posterior[i * 4 + (i % 4)] = 1;
    }
    model.update(annotations, posterior);
    // 100 answers per class, all right, beside 150 that are right with probability 407/410.
    expect(entry(model, 1, 2, 2)).toBeCloseTo((100 + (150 * 407) / 410) / 250, 10);
  });
});
