import {
  AnnotationIndex,
  makeRng,
  type Aggregator,
  type Beliefs,
  type Learner,
  type LearnerOutput,
  type LearnRequest,
  type WorkerKnowledge,
} from '@quorate/core';
import { normalizeRows } from '@quorate/core/numbers';
import {
  anyWorld,
  buildComponent,
  describeLearner,
  describeOptimizer,
  forAll,
  rememberingLearner,
  type World,
} from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import bayes, { posteriorByBayes } from './aggregator-bayes.js';
import majorityVote, { voteShares } from './aggregator-majority-vote.js';
import { plainDataset } from './golden.fixture.js';
import { KnownWorkers } from './known-workers.js';
import learnerNone from './learner-none.js';
import { naiveEm } from './naive-em.fixture.js';
import em, { ExpectationMaximization, type EmOptions, type EmParts } from './optimizer-em.js';
import dirichlet, { DirichletWorkers, type DirichletOptions } from './worker-model-dirichlet.js';

describeLearner('none', buildComponent(learnerNone), { silent: true });

const provide = {
  aggregator: buildComponent<Aggregator>(bayes),
  workerModel: buildComponent<DirichletWorkers>(dirichlet),
};
describeOptimizer('em', buildComponent(em, { provide }));
describeOptimizer(
  'em, with a learner that can say again what it said',
  buildComponent(em, { provide: { ...provide, learner: rememberingLearner } }),
);
describeOptimizer('em, hard criterion', buildComponent(em, { provide, options: { criterion: 'hard' } }));
describeOptimizer('em, known workers', buildComponent(em, { provide, options: { known: true } }));
describeOptimizer(
  'em, fixed iterations, workers refitted',
  buildComponent(em, { provide, options: { maxEmSteps: 3, likelihoodEpsilon: 0, refitWorkers: true } }),
  { maxIterations: 3 },
);
describeOptimizer(
  'em, majority vote without a learner',
  buildComponent(em, {
    provide: { ...provide, aggregator: buildComponent(majorityVote), learner: buildComponent(learnerNone) },
  }),
);

const optionsOf = (options: Partial<EmOptions>): EmOptions => em.options.parse(options);
const silent: Learner = { fitPredict: () => null };
const says = (output: LearnerOutput | null): Learner => ({ fitPredict: () => output });
const bayesian: Aggregator = { emptyRows: false, aggregate: posteriorByBayes };

function optimizerFor(
  items: number,
  classes: number,
  knowledge: WorkerKnowledge,
  options: Partial<EmOptions> = {},
  parts: Partial<EmParts> = {},
): ExpectationMaximization {
  const prior: Partial<DirichletOptions> = { prior: 'heterogeneous_workers_perfect', ties: 'lowest' };
  return new ExpectationMaximization(optionsOf(options), {
    aggregator: bayesian,
    workerModel: new DirichletWorkers(dirichlet.options.parse(prior), knowledge, classes),
    learner: silent,
    dataset: plainDataset(items, classes),
    ...parts,
  });
}

/** What a learner might say in each step: the same for the same world and step. */
function opinion({ plan }: World, step: number): LearnerOutput {
  const rng = makeRng(`opinion/${plan.seed}/${step}`);
  const probability = Float32Array.from({ length: plan.items * plan.classes }, () => Math.exp(rng.normal()));
  normalizeRows(probability, plan.classes);
  return { probability, includesOwnAnswers: false };
}

/** Answers that count, as triples. */
function answersOf(index: AnnotationIndex): (readonly [number, number, number])[] {
  return Array.from({ length: index.count }, (_, a) => a)
    .filter((a) => index.counts(a))
    .map((a) => [index.item[a]!, index.worker[a]!, index.label[a]!]);
}

const nested = (flat: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: flat.length / width }, (_, i) => Array.from({ length: width }, (_, k) => flat[i * width + k]!));
const kept = ({ posterior, risk, iterations, converged }: Beliefs) => ({
  posterior: posterior.slice(),
  risk: risk.slice(),
  iterations,
  converged,
});

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-9): void {
  expect(got.length).toBe(want.length);
  for (let x = 0; x < want.length; x++) expect(Math.abs(got[x]! - want[x]!), `entry ${x}`).toBeLessThan(tolerance);
}

describe('em', () => {
  for (const criterion of ['soft', 'hard'] as const) {
    it(`agrees with the definition, ${criterion}`, () =>
      forAll(anyWorld({ maxItems: 12, maxAnnotations: 60 }), 150, async (world) => {
        const { items, classes, workers } = world.plan;
        const annotations = world.annotations();
        const [before, after] = [opinion(world, 0), opinion(world, 1)];
        const optimizer = optimizerFor(items, classes, world.knowledge(), { criterion }, { learner: says(after) });
        optimizer.restore({ learned: { ...before } });
        const got = await optimizer.step({ annotations, riskThreshold: 0.1 }, makeRng(1));

        const shared = {
          items,
          classes,
          workers,
          answers: answersOf(annotations),
          alpha: Array.from({ length: workers }, (_, j) =>
            nested(world.confusion(j), classes).map((row) => row.map((p) => 10 * p)),
          ),
          criterion,
        };
        const want = naiveEm({ ...shared, prior: nested(before.probability, classes) });
        expect(got.iterations).toBe(want.iterations);
        // The last E step has the new opinion, over the workers that the old one led to.
        const fresh = { annotations, workers: got.workers, prior: after.probability, rows: 'all' as const };
        const posterior = new Float64Array(items * classes);
        posteriorByBayes({ ...fresh, posterior });
        expectClose(got.posterior, posterior);
        posteriorByBayes({ ...fresh, prior: before.probability, posterior });
        expectClose(posterior, want.posterior.flat());
        nested(got.posterior, classes).forEach((row, i) => expect(got.risk[i]).toBeCloseTo(1 - Math.max(...row), 12));
      }));
  }

  it('gives every step what a fresh start on the same annotations gives, through answers and retractions', () =>
    forAll(anyWorld({ maxItems: 10 }), 60, async (world) => {
      const { items, classes, answers } = world.plan;
      for (const spoken of [false, true]) {
        let step = 0;
        const learner: Learner = { fitPredict: () => (spoken ? opinion(world, Math.floor(step / 2)) : null) };
        const optimizer = optimizerFor(items, classes, world.knowledge(), {}, { learner });
        const growing = world.annotations(0);
        for (step = 0; step < 6; step++) {
          while (growing.count < (answers.length * step) / 4 && growing.count < answers.length) {
            growing.append(...answers[growing.count]!);
          }
          if (step === 5) world.retractFrom(growing);
          const state = optimizer.snapshot();
          const got = kept(await optimizer.step({ annotations: growing, riskThreshold: 0.1 }, makeRng(step)));
          const resumed = optimizerFor(items, classes, world.knowledge(), {}, { learner });
          resumed.restore(state);
          const want = kept(await resumed.step({ annotations: growing, riskThreshold: 0.1 }, makeRng(step)));
          expect(got).toEqual(want);
        }
      }
    }));

  it('keeps nothing of size N·K for a learner that can say again what it said', async () => {
    const said = { probability: Float32Array.of(0.9, 0.1, 0.2, 0.8), includesOwnAnswers: false };
    const knowledge: WorkerKnowledge = { pooledCounts: null, confusion: () => Float64Array.of(0.8, 0.2, 0.2, 0.8) };
    const annotations = new AnnotationIndex(2, 1, 2);
    annotations.append(0, 0, 1);
    const stateWith = async (learner: Learner): Promise<unknown> => {
      const optimizer = optimizerFor(2, 2, knowledge, {}, { learner });
      const before = optimizer.snapshot();
      await optimizer.step({ annotations, riskThreshold: 0.1 }, makeRng(1));
      return [before, optimizer.snapshot()];
    };
    const nothing = { learned: null };
    expect(await stateWith(says(said))).toEqual([nothing, { learned: said }]);
    expect(await stateWith({ ...says(said), lastOutput: () => Promise.resolve(said) })).toEqual([
      nothing,
      { learned: 'lastOutput' },
    ]);
    expect(await stateWith({ ...silent, lastOutput: () => Promise.resolve(null) })).toEqual([nothing, nothing]);
  });

  it('counts the workers once more with what the learner says now, where asked to', () =>
    forAll(anyWorld({ maxItems: 12, maxAnnotations: 60 }), 60, async (world) => {
      const { items, classes, workers } = world.plan;
      const annotations = world.annotations();
      const said = opinion(world, 1);
      const stepWith = (refitWorkers: boolean): Promise<Beliefs> => {
        const options = { maxEmSteps: 3, likelihoodEpsilon: 0, refitWorkers };
        const optimizer = optimizerFor(items, classes, world.knowledge(), options, { learner: says(said) });
        optimizer.restore({ learned: opinion(world, 0) as never });
        return Promise.resolve(optimizer.step({ annotations, riskThreshold: 0.1 }, makeRng(1)));
      };
      const once = await stepWith(false);
      const refitted = await stepWith(true);
      const prior = { prior: 'heterogeneous_workers_perfect', ties: 'lowest' };
      const model = new DirichletWorkers(dirichlet.options.parse(prior), world.knowledge(), classes);
      model.reset(workers);
      if (annotations.live > 0) model.update(annotations, once.posterior, makeRng(1));
      const want = new Float64Array(items * classes);
      const request = { annotations, workers: model.confusions, prior: said.probability, rows: 'all' as const };
      posteriorByBayes({ ...request, posterior: want });
      expectClose(refitted.posterior, want);
      nested(want, classes).forEach((row, i) => expect(refitted.risk[i]).toBeCloseTo(1 - Math.max(...row), 12));
    }));

  it('does not care how classes and workers are numbered', () =>
    forAll(anyWorld({ maxItems: 10, maxAnnotations: 50 }), 100, async (world) => {
      const { items, classes: K, workers } = world.plan;
      const flip = (k: number): number => K - 1 - k;
      const other = (j: number): number => workers - 1 - j;
      const annotations = world.annotations();
      const mirrored = new AnnotationIndex(items, workers, K);
      for (const [i, j, z] of answersOf(annotations).reverse()) mirrored.append(i, other(j), flip(z));
      const said = opinion(world, 0);
      const mirror = <A extends Float32Array | Float64Array>(rows: A): A => {
        const out = rows.slice() as A;
        rows.forEach((p, x) => (out[Math.floor(x / K) * K + flip(x % K)] = p));
        return out;
      };
      const flippedKnowledge: WorkerKnowledge = {
        pooledCounts: null,
        confusion: (j) => world.confusion(other(j)).reverse(),
      };
      const one = optimizerFor(items, K, world.knowledge(), {}, { learner: says(said) });
      const two = optimizerFor(
        items,
        K,
        flippedKnowledge,
        {},
        {
          learner: says({ ...said, probability: mirror(said.probability) }),
        },
      );
      for (let step = 0; step < 2; step++) {
        const got = await one.step({ annotations, riskThreshold: 0.1 }, makeRng(1));
        const flipped = await two.step({ annotations: mirrored, riskThreshold: 0.1 }, makeRng(1));
        expect(flipped.iterations).toBe(got.iterations);
        // A step without an opinion may tie, and then the lowest class is another one: the second step has one.
        if (step === 1) expectClose(flipped.posterior, mirror(got.posterior));
      }
    }));

  it('shows the learner its own last opinion in the posterior, with known workers too', async () => {
    const requests: { posterior: number[]; risk: number[] }[] = [];
    const said = { probability: Float32Array.of(0.9, 0.1, 0.2, 0.8), includesOwnAnswers: false };
    const learner: Learner = {
      fitPredict: ({ posterior, risk }: LearnRequest) => {
        requests.push({ posterior: Array.from(posterior), risk: Array.from(risk) });
        return said;
      },
    };
    const knowledge: WorkerKnowledge = { pooledCounts: null, confusion: () => Float64Array.of(0.8, 0.2, 0.4, 0.6) };
    const annotations = new AnnotationIndex(2, 1, 2);
    const parts = { learner, workerModel: new KnownWorkers(knowledge, 2) };
    const optimizer = optimizerFor(2, 2, knowledge, { known: true }, parts);
    const first = await optimizer.step({ annotations, riskThreshold: 0.1 }, makeRng(1));
    expect(requests[0]).toEqual({ posterior: [0.5, 0.5, 0.5, 0.5], risk: [0.5, 0.5] });
    expectClose(first.posterior, [0.9, 0.1, 0.2, 0.8], 1e-7);
    annotations.append(0, 0, 1);
    const second = await optimizer.step({ annotations, riskThreshold: 0.1 }, makeRng(1));
    expect([second.iterations, second.converged]).toEqual([0, true]);
    // E(P, q of the step before): the answer of the worker times (0.9, 0.1), and for the other item (0.2, 0.8) alone.
    expectClose(requests[1]!.posterior, [0.75, 0.25, 0.2, 0.8], 1e-7);
    expectClose(second.posterior, [0.75, 0.25, 0.2, 0.8], 1e-7);
  });

  it('fits the learner beside a majority vote, and ignores it', async () => {
    let fitted = 0;
    const learner: Learner = {
      fitPredict: () => {
        fitted++;
        return { probability: Float32Array.of(0, 1, 0, 1), includesOwnAnswers: false };
      },
    };
    const knowledge: WorkerKnowledge = { pooledCounts: null, confusion: () => Float64Array.of(0.8, 0.2, 0.4, 0.6) };
    const aggregator: Aggregator = { emptyRows: true, aggregate: voteShares };
    const optimizer = optimizerFor(2, 2, knowledge, {}, { aggregator, learner });
    const annotations = new AnnotationIndex(2, 1, 2);
    annotations.append(0, 0, 0);
    for (let step = 0; step < 2; step++) {
      const {
        posterior,
        risk,
        learner: output,
      } = await optimizer.step({ annotations, riskThreshold: 0.1 }, makeRng(1));
      expect(Array.from(posterior)).toEqual([1, 0, 0, 0]);
      expect(Array.from(risk)).toEqual([0, 1]);
      expect(output).not.toBeNull();
    }
    expect(fitted).toBe(2);
  });

  it("tells the learner what an item's own answers say", async () => {
    const knowledge: WorkerKnowledge = { pooledCounts: null, confusion: () => Float64Array.of(0.8, 0.2, 0.4, 0.6) };
    const heard: number[][] = [];
    const learner: Learner = {
      fitPredict: (request) => {
        for (const item of [0, 1]) {
          const out = new Float64Array(2).fill(NaN);
          request.annotationLogLikelihood(item, out);
          heard.push(Array.from(out));
        }
        return null;
      },
    };
    const parts = { learner, workerModel: new KnownWorkers(knowledge, 2) };
    const optimizer = optimizerFor(2, 2, knowledge, { known: true }, parts);
    const annotations = new AnnotationIndex(2, 2, 2);
    annotations.append(0, 0, 1);
    annotations.append(0, 1, 0);
    await optimizer.step({ annotations, riskThreshold: 0.1 }, makeRng(1));
    expect(heard[0]![0]).toBeCloseTo(Math.log(0.2 * 0.8), 6);
    expect(heard[0]![1]).toBeCloseTo(Math.log(0.6 * 0.4), 6);
    expect(heard[1]).toEqual([0, 0]);
  });

  it('survives 2000 annotations of one item, two classes and one worker', async () => {
    const knowledge: WorkerKnowledge = { pooledCounts: null, confusion: () => Float64Array.of(0.6, 0.4, 0.4, 0.6) };
    const annotations = new AnnotationIndex(1, 1, 2);
    for (let n = 0; n < 2000; n++) annotations.append(0, 0, n % 3 === 0 ? 0 : 1);
    const { posterior, converged } = await optimizerFor(1, 2, knowledge).step(
      { annotations, riskThreshold: 0.1 },
      makeRng(1),
    );
    expect(converged).toBe(true);
    expect(posterior[0]! + posterior[1]!).toBeCloseTo(1, 12);
    expect(posterior[1]).toBeGreaterThan(0.99);
  });

  it('stops within its number of iterations, names its phases, and can be cancelled and asked again', async () => {
    const knowledge: WorkerKnowledge = { pooledCounts: null, confusion: () => Float64Array.of(0.6, 0.4, 0.4, 0.6) };
    const annotations = new AnnotationIndex(3, 2, 2);
    for (let n = 0; n < 12; n++) annotations.append(n % 3, n % 2, n % 2);
    const optimizer = optimizerFor(3, 2, knowledge, { maxEmSteps: 3, likelihoodEpsilon: 0 });
    const phases: string[] = [];
    const onPhase = (phase: string): void => void phases.push(phase);
    const whole = kept(await optimizer.step({ annotations, riskThreshold: 0.1, onPhase }, makeRng(1)));
    expect([whole.iterations, whole.converged]).toEqual([3, false]);
    expect(phases).toEqual(['EM iteration 1', 'EM iteration 2', 'EM iteration 3', 'learner']);
    for (const unwanted of phases) {
      const cancel = (phase: string): void => {
        if (phase === unwanted) throw new Error('cancelled');
      };
      await expect(optimizer.step({ annotations, riskThreshold: 0.1, onPhase: cancel }, makeRng(1))).rejects.toThrow();
      expect(kept(await optimizer.step({ annotations, riskThreshold: 0.1 }, makeRng(1)))).toEqual(whole);
    }
  });
});

describe('items whose class is known', () => {
  it('keep it, and tell who is right where the many are wrong', async () => {
    const [N, K] = [60, 2];
    const truth = (item: number): number => item % K;
    const answers = new AnnotationIndex(N, 3, K);
    for (let i = 0; i < N; i++) for (const j of [0, 1, 2]) answers.append(i, j, j === 0 ? truth(i) : 1 - truth(i));
    const knowledge: WorkerKnowledge = { pooledCounts: null, confusion: () => null };
    const labels = async (known?: { item: Int32Array; label: Int32Array }): Promise<number[]> => {
      const options = dirichlet.options.parse({ prior: 'predefined_homegeneous', ties: 'lowest' });
      const workerModel = new DirichletWorkers(options, knowledge, K);
      const optimizer = optimizerFor(N, K, knowledge, {}, { workerModel });
      const request = { annotations: answers, riskThreshold: 0.1, ...(known ? { known } : {}) };
      const { posterior } = await optimizer.step(request, makeRng(1));
      return Array.from({ length: N }, (_, i) => (posterior[i * K]! > posterior[i * K + 1]! ? 0 : 1));
    };
    const wrong = Array.from({ length: N }, (_, i) => 1 - truth(i));
    expect(await labels()).toEqual(wrong);
    const item = Int32Array.from({ length: 40 }, (_, i) => i);
    expect(await labels({ item, label: item.map(truth) })).toEqual(wrong.map((k) => 1 - k));
  });
});
