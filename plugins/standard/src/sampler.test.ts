import { AnnotationIndex, hasAnswered, makeRng, type Hit, type Sampler, type SampleRequest } from '@quorate/core';
import { describeSampler } from '@quorate/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import greedyComponent, { greedyTaskAssignment, type GreedyOptions } from './sampler-greedy-task-assignment.js';
import { randomSampler } from './sampler-random.js';

const greedyOptions = greedyComponent.options;
const parse = (given: object): GreedyOptions => greedyOptions.parse(given);

const samplers = {
  random: (given: object): Sampler => randomSampler(parse(given)),
  greedy_task_assignment: (given: object): Sampler => greedyTaskAssignment(parse(given)),
};
const names = Object.keys(samplers) as (keyof typeof samplers)[];

function requestOf(annotations: AnnotationIndex, given: Partial<SampleRequest> = {}): SampleRequest {
  const { items: N, workers: W, classes: K } = annotations;
  return {
    annotations,
    posterior: new Float64Array(N * K).fill(1 / K),
    risk: new Float64Array(N).fill(0.5),
    riskThreshold: 0.1,
    budgetLeft: Infinity,
    skill: () => 0.7,
    confusions: { workers: W, classes: K, probability: new Float64Array(W * K * K).fill(1 / K) },
    learner: null,
    may: () => true,
    ...given,
  };
}

const asked = (plan: readonly Hit[]): number => plan.reduce((sum, hit) => sum + hit.items.length, 0);

/** HITs as large and as many as the suite's small worlds allow, where more is an error. */
function fitting(name: keyof typeof samplers, given: { hitSize: number; hitsPerStep: number }): Sampler {
  const kept = new Map<string, Sampler>();
  return {
    annotationsPerStep: given.hitSize * given.hitsPerStep,
    plan: (request, rng) => {
      const hitSize = Math.min(given.hitSize, request.annotations.items);
      const hitsPerStep = Math.min(given.hitsPerStep, request.annotations.workers);
      const key = `${hitSize}/${hitsPerStep}`;
      if (!kept.has(key)) kept.set(key, samplers[name]({ ...given, hitSize, hitsPerStep }));
      return kept.get(key)!.plan(request, rng);
    },
  };
}

for (const name of names) {
  for (const fillHits of ['reopen', 'shrink'] as const) {
    for (const allowRepeats of [true, false]) {
      const caps = { hitSize: 4, maxAnnotationsPerItem: 3, allowRepeats };
      const perWorker = name === 'random' ? {} : { maxAnnotationsPerWorker: 9 };
      const options = { ...caps, ...perWorker, hitsPerStep: 3, fillHits };
      describeSampler(`${name} (${fillHits}, allowRepeats ${allowRepeats})`, () => fitting(name, options), {
        ...caps,
        ...perWorker,
      });
    }
  }
}

describe.each(names)('%s', (name) => {
  it('ends every run with each item done, at the cap, or without a worker who may be asked', () => {
    const runs = fc.record({
      items: fc.integer({ min: 1, max: 30 }),
      workers: fc.integer({ min: 1, max: 8 }),
      hitSize: fc.integer({ min: 1, max: 30 }),
      hitsPerStep: fc.integer({ min: 1, max: 8 }),
      maxAnnotationsPerItem: fc.integer({ min: 1, max: 5 }),
      maxAnnotationsPerWorker: fc.constantFrom(40, 2000),
      allowRepeats: fc.boolean(),
      fillHits: fc.constantFrom('reopen', 'shrink'),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(runs, (run) => {
        const { items: N, workers: W, maxAnnotationsPerItem: cap, allowRepeats, seed } = run;
        const options = {
          hitSize: Math.min(run.hitSize, N),
          hitsPerStep: Math.min(run.hitsPerStep, W),
          fillHits: run.fillHits,
        };
        const most = name === 'random' ? Infinity : run.maxAnnotationsPerWorker;
        const sampler = samplers[name]({
          ...options,
          maxAnnotationsPerItem: cap,
          maxAnnotationsPerWorker: run.maxAnnotationsPerWorker,
          allowRepeats,
        });
        const annotations = new AnnotationIndex(N, W, 2);
        const request = requestOf(annotations);
        const rng = makeRng(seed);
        for (;;) {
          const plan = sampler.plan(request, rng);
          if (plan.length === 0) break;
          expect(asked(plan)).toBeGreaterThan(0);
          for (const { worker, items } of plan) for (const i of items) annotations.append(i, worker, 0);
          expect(Math.max(...annotations.perItem)).toBeLessThanOrEqual(cap);
          // Beliefs may go either way.
          for (let i = 0; i < N; i++) request.risk[i] = 0.3 * rng.uniform();
        }
        for (let i = 0; i < N; i++) {
          if (request.risk[i]! <= 0.1 || annotations.perItem[i] === cap) continue;
          for (let j = 0; j < W; j++) {
            const free = allowRepeats || !hasAnswered(annotations, i, j);
            // A worker with room for less than a HIT need not be asked.
            expect(free && annotations.perWorker[j]! + options.hitSize <= most).toBe(false);
          }
        }
      }),
      { seed: 3, numRuns: 400 },
    );
  });

  it('asks for whole HITs, and for a smaller one at the end of the budget', () => {
    const sampler = samplers[name]({ hitSize: 10, hitsPerStep: 5 });
    const sizes = (budgetLeft: number) =>
      sampler
        .plan(requestOf(new AnnotationIndex(100, 8, 3), { budgetLeft }), makeRng(1))
        .map((hit) => hit.items.length);
    expect(sizes(Infinity)).toEqual([10, 10, 10, 10, 10]);
    expect(sizes(23)).toEqual([10, 10, 3]);
    expect(sizes(1)).toEqual([1]);
    expect(sizes(0)).toEqual([]);
    expect(sampler.annotationsPerStep).toBe(50);
  });

  it('shrinks the last HIT to what is open, or fills it up with the riskiest finished items', () => {
    const risk = Float64Array.from({ length: 100 }, (_, i) => (i < 15 ? 0.5 : i < 40 ? 0.085 : 0.02));
    const request = requestOf(new AnnotationIndex(100, 8, 3), { risk });
    const plan = (fillHits: string) =>
      samplers[name]({ hitSize: 10, hitsPerStep: 5, fillHits }).plan(request, makeRng(1));
    expect(plan('shrink').map((hit) => hit.items.length)).toEqual([10, 5]);
    expect(plan('shrink').every((hit) => hit.items.every((i) => i < 15))).toBe(true);
    // 15 open items may be asked about 3 times each; where 10 of them are left no more, those of 0.085 are reopened.
    expect(plan('reopen').map((hit) => hit.items.length)).toEqual([10, 10, 10, 10, 10]);
    expect(plan('reopen').every((hit) => hit.items.every((i) => i < 40))).toBe(true);
  });

  it.each([
    ['hitSize', { hitSize: 41, hitsPerStep: 2 }],
    ['hitsPerStep', { hitSize: 4, hitsPerStep: 9 }],
  ])('refuses a %s that the run is too small for', (option, given) => {
    const plan = () => samplers[name](given).plan(requestOf(new AnnotationIndex(40, 8, 3)), makeRng(1));
    expect(plan).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(plan).toThrow(`sampler.${option}: expected at most`);
  });
});

it('random: gives the HITs to workers drawn uniformly', () => {
  const sampler = samplers.random({ hitSize: 1, hitsPerStep: 2 });
  const served = new Int32Array(10);
  const rng = makeRng(11);
  const request = requestOf(new AnnotationIndex(20, 10, 2));
  for (let step = 0; step < 5000; step++) for (const hit of sampler.plan(request, rng)) served[hit.worker]!++;
  // 2 of 10 workers each step: variance 5000 · 0.2 · 0.8; χ² with 9 degrees of freedom is below 27.9 in 999 of 1000.
  const chi = served.reduce((sum, n) => sum + (n - 1000) ** 2, 0) / 800;
  expect((chi * 9) / 10).toBeLessThan(27.9);
});

describe('greedy_task_assignment', () => {
  const oneHit = { hitSize: 5, hitsPerStep: 1 };

  it('gives a HIT to the worker who should be best at its items', () => {
    const rng = makeRng(5);
    const N = 12;
    const [W, K] = [6, 3];
    for (let round = 0; round < 50; round++) {
      const posterior = new Float64Array(N * K);
      for (let i = 0; i < N; i++) posterior[i * K + rng.int(K)] = 1;
      const skills = Float64Array.from({ length: W * K }, () => rng.uniform());
      const skill = (j: number, k: number): number => skills[j * K + k]!;
      const request = requestOf(new AnnotationIndex(N, W, K), { posterior, skill });
      const [hit] = samplers.greedy_task_assignment(oneHit).plan(request, rng);
      const confidence = (j: number): number => {
        let sum = 0;
        for (const i of hit!.items) for (let k = 0; k < K; k++) sum += posterior[i * K + k]! * skill(j, k);
        return sum / hit!.items.length;
      };
      const best = Math.max(...Array.from({ length: W }, (_, j) => confidence(j)));
      expect(confidence(hit!.worker)).toBeGreaterThanOrEqual(best - 1e-7);
    }
  });

  it('passes over workers without room, and plans fewer HITs where few have some', () => {
    const annotations = new AnnotationIndex(40, 4, 2);
    for (let a = 0; a < 18; a++) annotations.append(a, 0, 0);
    for (let a = 0; a < 16; a++) annotations.append(a, 1, 0);
    const plan = (most: number) =>
      samplers
        .greedy_task_assignment({ hitSize: 5, hitsPerStep: 4, maxAnnotationsPerWorker: most })
        .plan(requestOf(annotations, { skill: (j) => 0.9 - j / 10 }), makeRng(1))
        .map((hit) => hit.worker);
    expect(plan(2000)).toEqual([0, 1, 2, 3]);
    expect(plan(21)).toEqual([1, 2, 3]);
    expect(plan(20)).toEqual([2, 3]);
    expect(plan(4)).toEqual([]);
  });

  it('does not always ask the same of equally good workers', () => {
    const rng = makeRng(9);
    const sampler = samplers.greedy_task_assignment(oneHit);
    const served = new Set<number>();
    for (let n = 0; n < 60; n++) served.add(sampler.plan(requestOf(new AnnotationIndex(12, 4, 2)), rng)[0]!.worker);
    expect(served.size).toBe(4);
  });
});
