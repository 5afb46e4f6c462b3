import { makeRng, type AggregateRequest, type Aggregator, type Learner, type WorkerModel } from '@quorate/core';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { posteriorByBayes } from './aggregator-bayes.js';
import { voteShares } from './aggregator-majority-vote.js';
import {
  annotationsOf,
  goldenFiles,
  hasGolden,
  plainDataset,
  readGolden,
  whySkipped,
  type EmGolden,
} from './golden.fixture.js';
import { explain } from './likelihood.js';
import { ExpectationMaximization } from './optimizer-em.js';
import { DirichletWorkers } from './worker-model-dirichlet.js';

const small = JSON.parse(readFileSync(new URL('./em-small.fixture.json', import.meta.url), 'utf8')) as EmGolden[];

/** Within 1e-7 of the value, and where files keep few digits within 1e-7 outright. */
function expectClose(got: ArrayLike<number>, want: readonly number[], what: string): void {
  let worst = 0;
  for (let x = 0; x < want.length; x++) worst = Math.max(worst, Math.abs(got[x]! - want[x]!));
  expect(got.length, what).toBe(want.length);
  expect(worst, what).toBeLessThanOrEqual(1e-7);
}

/** Runs one step of EM as the file describes it, and keeps every posterior and every M step that went by. */
async function replay(golden: EmGolden) {
  const { n_images: N, n_classes: K, n_workers: W } = golden;
  const annotations = annotationsOf(golden.annotations, N, W, K);
  const alphas = (golden.prior_alpha ?? [golden.prior_alpha_shared!]).map((alpha) => Float64Array.from(alpha.flat()));
  const workerModel: WorkerModel = new DirichletWorkers(
    {
      prior: golden.prior_alpha ? 'heterogeneous_workers_perfect' : 'homegeneous_workers_perfect',
      strength: 1,
      posCount: 2,
      negCount: 1,
      ties: 'lowest',
    },
    { pooledCounts: alphas[0]!, confusion: (j) => alphas[j] ?? null },
    K,
  );
  const eSteps: Float64Array[] = [];
  const mSteps: Float64Array[] = [];
  const likelihoods: number[] = [];
  // The files' learner speaks in float64, ours in float32, which alone is 1e-7: EM is compared on the exact numbers.
  const exact = golden.learner_prob && Float64Array.from(golden.learner_prob.flat());
  const aggregator: Aggregator = {
    emptyRows: false,
    aggregate(request: AggregateRequest) {
      posteriorByBayes({ ...request, prior: request.prior && exact });
      eSteps.push(request.posterior.slice());
    },
  };
  const recording: WorkerModel = {
    confusions: workerModel.confusions,
    reset: (workers) => workerModel.reset(workers),
    update(given, posterior, rng) {
      workerModel.update(given, posterior, rng);
      mSteps.push(workerModel.confusions.probability.slice());
      likelihoods.push(explain(given, workerModel.confusions, posterior, new Int32Array(N)).likelihood);
    },
  };
  const output = exact && { probability: Float32Array.from(exact), includesOwnAnswers: true };
  const learner: Learner = { fitPredict: () => output };
  const { criterion, max_em_steps: maxEmSteps, likelihood_epsilon: likelihoodEpsilon } = golden;
  const em = new ExpectationMaximization(
    { criterion, maxEmSteps, likelihoodEpsilon, refitWorkers: false, known: false },
    { aggregator, workerModel: recording, learner, dataset: plainDataset(N, K) },
  );
  em.restore({ learned: output });
  const beliefs = await em.step({ annotations, riskThreshold: 0.1 }, makeRng(1));
  return { annotations, alphas, eSteps, mSteps, likelihoods, beliefs };
}

async function holds(golden: EmGolden): Promise<void> {
  const { n_images: N, n_classes: K, n_workers: W } = golden;
  const { annotations, alphas, eSteps, mSteps, likelihoods, beliefs } = await replay(golden);
  // Where classes of an item are tied, the reference's label of it (and so the likelihood, or the set of labels, that ends EM)
  // follows the last bit of its floating point. With such an item in the way EM may end one iteration sooner or later;
  // what both compute until then is the same, and the end is compared where both end at once.
  const decidedByTies = golden.z_likelihood_tie_sensitive.some(Boolean) ? 1 : 0;
  const apart = Math.abs(beliefs.iterations - golden.n_iterations);
  expect(apart, `${beliefs.iterations} iterations, not ${golden.n_iterations}`).toBeLessThanOrEqual(decidedByTies);
  if (apart === 0) expect(beliefs.converged).toBe(golden.converged);
  for (let t = 0; t < Math.min(beliefs.iterations, golden.n_iterations); t++) {
    expectClose(eSteps[t]!, golden.e_step_y_posterior[t]!.flat(), `E step ${t}`);
    for (let j = 0; j < W; j++) {
      const counts = new Float64Array(alphas[j] ?? alphas[0]!);
      for (const [k, z, count] of golden.m_step_posterior_alpha[t]![j]!) counts[k * K + z]! += count;
      for (let k = 0; k < K; k++) {
        const row = counts.subarray(k * K, (k + 1) * K);
        const total = row.reduce((a, b) => a + b, 0);
        const got = Array.from(row, (_, z) => mSteps[t]![(j * K + z) * K + k]! * total);
        // One answer more or less would show: counts are whole, and these agree to a millionth.
        for (let z = 0; z < K; z++) expect(Math.abs(got[z]! - row[z]!), `M step ${t}, worker ${j}`).toBeLessThan(1e-6);
      }
    }
    if (!golden.z_likelihood_tie_sensitive[t]) {
      expect(Math.abs(likelihoods[t]! - golden.z_likelihood[t]!), `likelihood ${t}`).toBeLessThanOrEqual(1e-7);
    }
  }
  if (apart === 0) {
    expectClose(beliefs.posterior, golden.final_y_posterior.flat(), 'final posterior');
    expectClose(beliefs.risk, golden.final_risk, 'final risk');
  }

  const shares = new Float64Array(N * K).fill(NaN);
  voteShares({ annotations, workers: beliefs.workers, prior: null, rows: 'all', posterior: shares });
  expectClose(shares, golden.majority_vote.flat(), 'majority vote');
}

describe('EM agrees with the reference implementation in every E step, M step, likelihood and, but for ties, iteration count', () => {
  for (const [x, golden] of small.entries()) it(`small case ${x}`, () => holds(golden));
  for (const name of goldenFiles('em_')) it(name, () => holds(readGolden<EmGolden>(name)));
  it.skipIf(!hasGolden)(`there are golden files${whySkipped}`, () => expect(goldenFiles('em_')).not.toEqual([]));
});
