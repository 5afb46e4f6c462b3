import { readFileSync } from 'node:fs';
import { AnnotationIndex, hasAnswered, makeRng, type SampleRequest } from '@quorate/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Candidates } from './sampler-candidates.js';
import { hitOptions } from './sampler-options.js';

function request(
  annotations: AnnotationIndex,
  risk: ArrayLike<number>,
  riskThreshold = 0.1,
  may: SampleRequest['may'] = () => true,
): SampleRequest {
  return {
    annotations,
    posterior: new Float64Array(annotations.items * annotations.classes).fill(1 / annotations.classes),
    risk: Float64Array.from(risk),
    riskThreshold,
    budgetLeft: Infinity,
    skill: () => 0.5,
    confusions: { workers: 0, classes: annotations.classes, probability: new Float64Array() },
    learner: null,
    may,
  };
}

/** Annotations with n_i answers of item i, by the workers in turn. */
function answersOf(perItem: readonly number[], workers = 7): AnnotationIndex {
  const annotations = new AnnotationIndex(perItem.length, workers, 2);
  let a = 0;
  perItem.forEach((n, i) => {
    for (let x = 0; x < n; x++) annotations.append(i, a++ % workers, 0);
  });
  return annotations;
}

/** The original's loop, with an end: no level below 0 has more. */
function candidatesByDefinition(
  perItem: ArrayLike<number>,
  risk: readonly number[],
  cap: number,
  size: number,
): number[] {
  const above = (threshold: number) => risk.flatMap((r, i) => (r > threshold && perItem[i]! < cap ? [i] : []));
  let threshold = 0.1;
  while (above(threshold).length < size && threshold >= 0) threshold -= 0.01;
  return above(threshold);
}

const options = (given: object) => hitOptions.parse(given);
const sorted = (items: Iterable<number>) => [...items].sort((a, b) => a - b);

interface GoldenCase {
  readonly risk_thres: number;
  readonly hit_size: number;
  readonly max_annotation_per_example: number;
  readonly risk: number[];
  readonly n_annotation: number[];
  readonly valid_idx: number[];
  readonly stop: boolean;
}
const golden = JSON.parse(readFileSync(new URL('./sampler-candidates.golden.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly GoldenCase[];
};

describe('candidates of a HIT', () => {
  golden.cases.forEach((one, number) => {
    it(`are those of the original program, and so is the stop: case ${number}`, () => {
      const annotations = answersOf(one.n_annotation);
      const candidates = new Candidates(
        options({ fillHits: 'reopen', maxAnnotationsPerItem: one.max_annotation_per_example }),
      );
      const rng = makeRng(number);
      candidates.gather(request(annotations, one.risk, one.risk_thres));
      const seen = new Set<number>();
      for (let draw = 0; draw < 300; draw++) for (const i of candidates.draw(one.hit_size, rng)) seen.add(i);
      expect(sorted(seen)).toEqual(one.valid_idx);
      // The original calls a risk that equals the threshold neither open nor done; to us it is done.
      candidates.gather(
        request(
          annotations,
          one.risk.map((r) => (r === one.risk_thres ? r + 1e-9 : r)),
          one.risk_thres,
        ),
      );
      expect(candidates.open === 0).toBe(one.stop);
    });
  });

  it('are those of the definition while items reach the cap', () => {
    const cases = fc.record({
      items: fc.array(fc.record({ risk: fc.integer({ min: 0, max: 30 }), n: fc.nat(3) }), {
        minLength: 1,
        maxLength: 25,
      }),
      cap: fc.integer({ min: 1, max: 3 }),
      size: fc.integer({ min: 1, max: 12 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(cases, ({ items, cap, size, seed }) => {
        const risk = items.map(({ risk }) => risk / 100);
        const perItem = items.map(({ n }) => n);
        const candidates = new Candidates(options({ fillHits: 'reopen', maxAnnotationsPerItem: cap }));
        candidates.gather(request(answersOf(perItem), risk));
        const rng = makeRng(seed);
        for (let hit = 0; hit < 12; hit++) {
          const expected = candidatesByDefinition(perItem, risk, cap, size);
          const drawn = candidates.draw(size, rng);
          expect(new Set(drawn).size).toBe(Math.min(size, expected.length));
          for (const i of drawn) expect(expected).toContain(i);
          candidates.take(drawn);
          for (const i of drawn) perItem[i]!++;
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('are drawn for a worker from what is not closed to them, and not at all when no open item is left to them', () => {
    const cases = fc.record({
      answers: fc.array(fc.tuple(fc.nat(19), fc.nat(3)), { maxLength: 60 }),
      forbidden: fc.array(fc.tuple(fc.nat(19), fc.nat(3)), { maxLength: 40 }),
      risk: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 20, maxLength: 20 }),
      size: fc.integer({ min: 1, max: 20 }),
      fillHits: fc.constantFrom('reopen', 'shrink'),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(cases, ({ answers, forbidden, risk, size, fillHits, seed }) => {
        const annotations = new AnnotationIndex(20, 4, 2);
        for (const [i, j] of answers) annotations.append(i, j, 0);
        const candidates = new Candidates(options({ fillHits, maxAnnotationsPerItem: 8 }));
        const asked = request(
          annotations,
          risk.map((r) => r / 100),
          0.1,
          (worker, item) => !forbidden.some(([i, j]) => i === item && j === worker),
        );
        candidates.gather(asked);
        const rng = makeRng(seed);
        for (let worker = 0; worker < 4; worker++) {
          const free = [...asked.risk.keys()].filter(
            (i) => annotations.perItem[i]! < 8 && !hasAnswered(annotations, i, worker) && asked.may(worker, i),
          );
          const open = free.filter((i) => asked.risk[i]! > 0.1);
          const keep = candidates.draw(size, rng);
          const hit = candidates.drawFor(worker, size, rng, keep);
          const expected = open.length === 0 ? 0 : Math.min(size, fillHits === 'shrink' ? open.length : free.length);
          expect(new Set(hit).size).toBe(expected);
          expect(hit.length).toBe(expected);
          for (const i of hit) expect(free).toContain(i);
          if (expected === size) for (const i of keep) if (free.includes(i)) expect([...hit]).toContain(i);
        }
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  // χ² of 10,000 draws, against the 0.999 quantile of the distribution (for 39 or 29 degrees of freedom).
  it.each([
    { how: 'sparse', size: 3, answered: 0, quantile: 72.05 },
    { how: 'dense', size: 30, answered: 0, quantile: 72.05 },
    { how: 'sparse, some answered', size: 3, answered: 10, quantile: 58.3 },
    { how: 'dense, some answered', size: 25, answered: 10, quantile: 58.3 },
  ])('are drawn uniformly: $how', ({ size, answered, quantile }) => {
    const annotations = new AnnotationIndex(60, 2, 2);
    for (let i = 0; i < answered; i++) annotations.append(i, 0, 0);
    const candidates = new Candidates(options({ maxAnnotationsPerItem: 2 }));
    // Items 40..59 are finished.
    candidates.gather(
      request(
        annotations,
        Array.from({ length: 60 }, (_, i) => (i < 40 ? 0.5 : 0.05)),
      ),
    );
    const drawn = new Int32Array(40);
    const rng = makeRng(7);
    const draws = 10_000;
    for (let draw = 0; draw < draws; draw++) for (const i of candidates.drawFor(0, size, rng)) drawn[i]!++;
    const free = 40 - answered;
    expect(drawn.subarray(0, answered).every((n) => n === 0)).toBe(true);
    // Counts without replacement within a HIT: each has variance draws·p·(1-p), and they sum to a constant.
    const p = size / free;
    const chi = drawn.subarray(answered).reduce((sum, n) => sum + (n - draws * p) ** 2, 0) / (draws * p * (1 - p));
    expect((chi * (free - 1)) / free).toBeLessThan(quantile);
  });
});
