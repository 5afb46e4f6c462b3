import {
  defineComponent,
  QuorateError,
  T,
  type Annotations,
  type Dataset,
  type Rng,
  type WorkerKnowledge,
  type WorkerModel,
} from '@quorate/core';
import { z } from 'zod';
import { byAnswer } from './confusion-layout.js';
import {
  countsFrom,
  predefinedCounts,
  priorAliases,
  priorTypeOf,
  priorTypes,
  type PriorType,
} from './dirichlet-prior.js';
import { MAJORITY, mostProbable } from './hard-assignment.js';

const options = z.strictObject({
  prior: z
    .enum([...priorTypes, ...priorAliases])
    .default('homegeneous_workers')
    .describe('where the pseudo-counts come from; `homogeneous` is accepted for `homegeneous`'),
  strength: z.number().positive().default(10).describe('the pseudo-counts are multiplied by this'),
  posCount: z.number().positive().default(2).describe('predefined_homegeneous: pseudo-answers that name the truth'),
  negCount: z.number().min(0).default(1).describe('predefined_homegeneous: pseudo-answers spread over all classes'),
  ties: z
    .enum(['random', 'lowest'])
    .default('random')
    .describe('which class an item counts for when its most probable classes are within 1e-8 of each other'),
});
export type DirichletOptions = z.output<typeof options>;

/**
 * Confusion matrices with a Dirichlet prior on every row, counted from hard labels [Liao21]:
 *
 *     P_j(z | k) = (α_jkz + #{a of worker j: ŷ_i = k, z_a = z}) / Σ_z' (same),      ŷ_i = arg max_k y_i(k)
 *
 * The prior is read at the first `reset`, not before, so that a run with known workers needs none.
 */
export class DirichletWorkers implements WorkerModel {
  readonly confusions: { workers: number; readonly classes: number; probability: Float64Array };
  readonly #options: DirichletOptions;
  readonly #prior: PriorType;
  readonly #knowledge: WorkerKnowledge;
  /** α, laid out [observed][true] as the confusions: one for all workers, or one each. */
  readonly #alpha: Float64Array[] = [];
  readonly #columnSums: Float64Array;
  readonly #named: number;

  /** @param named How many of the classes, the first ones, are not the distractors'. */
  constructor(options: DirichletOptions, knowledge: WorkerKnowledge, classes: number, named = classes) {
    this.#options = options;
    this.#named = named;
    this.#prior = priorTypeOf(options.prior);
    this.#knowledge = knowledge;
    this.confusions = { workers: 0, classes, probability: new Float64Array(0) };
    this.#columnSums = new Float64Array(classes);
  }

  reset(workers: number): void {
    const { confusions } = this;
    const needed = workers * confusions.classes ** 2;
    if (needed > confusions.probability.length) {
      // Twice as long, so that workers who join one by one do not cost a new array each.
      confusions.probability = new Float64Array(Math.max(needed, 2 * confusions.probability.length));
    }
    confusions.workers = workers;
    this.#fillWithPrior();
    this.#normalize();
  }

  update(annotations: Annotations, posterior: Float64Array, rng: Rng): void {
    const { items, firstOfItem, nextOfItem, worker, label } = annotations;
    const { probability, classes: K } = this.confusions;
    const { ties } = this.#options;
    this.#fillWithPrior();
    for (let item = 0; item < items; item++) {
      let a = firstOfItem[item]!;
      if (a < 0) continue;
      // Most often the class that the first answer names: then the row need not be read.
      const first = label[a]!;
      const k = posterior[item * K + first]! > MAJORITY ? first : mostProbable(posterior, item * K, K, ties, rng);
      for (; a >= 0; a = nextOfItem[a]!) probability[(worker[a]! * K + label[a]!) * K + k]!++;
    }
    this.#normalize();
  }

  #fillWithPrior(): void {
    const { probability, classes: K, workers } = this.confusions;
    for (let j = 0; j < workers; j++) probability.set(this.#alphaOf(j), j * K * K);
  }

  #alphaOf(worker: number): Float64Array {
    const index = this.#prior.startsWith('heterogeneous') ? worker : 0;
    return (this.#alpha[index] ??= byAnswer(this.#pseudoCounts(worker), this.confusions.classes).map(
      (count) => count * this.#options.strength,
    ));
  }

  #pseudoCounts(worker: number): Float64Array {
    const K = this.confusions.classes;
    const { posCount, negCount } = this.#options;
    if (this.#prior === 'predefined_homegeneous') return predefinedCounts(K, posCount, negCount);
    const own = this.#prior.startsWith('heterogeneous');
    const source = own ? this.#knowledge.confusion(worker) : this.#knowledge.pooledCounts;
    if (source?.length === K * K) return countsFrom(this.#prior, source, K, own ? K : this.#named);
    throw new QuorateError('CONFIG_INVALID', {
      where: 'workerModel.prior',
      expected: own
        ? `the true confusion matrix (${K}×${K}) of worker ${worker} for prior "${this.#options.prior}"`
        : `answer counts (${K}×${K}) of an earlier study for prior "${this.#options.prior}"`,
      got: source ? `${source.length} numbers from the workers of this run` : 'nothing from the workers of this run',
      fix: 'Set workerModel.prior=predefined_homegeneous, which needs no knowledge of the workers.',
    });
  }

  /** Counts become probabilities: for every worker and true class the entries over the answers sum to 1. */
  #normalize(): void {
    const { probability, classes: K, workers } = this.confusions;
    const sums = this.#columnSums;
    for (let j = 0; j < workers; j++) {
      const start = j * K * K;
      const end = start + K * K;
      sums.fill(0);
      for (let row = start; row < end; row += K) {
        for (let k = 0; k < K; k++) sums[k]! += probability[row + k]!;
      }
      for (let k = 0; k < K; k++) {
        if (sums[k] === 0) {
          // A true class that neither the prior nor an answer speaks of: every answer is as likely.
          for (let row = start; row < end; row += K) probability[row + k] = 1;
          sums[k] = K;
        }
        sums[k] = 1 / sums[k]!;
      }
      for (let row = start; row < end; row += K) {
        for (let k = 0; k < K; k++) probability[row + k]! *= sums[k]!;
      }
    }
  }
}

export default defineComponent({
  kind: 'workerModel',
  name: 'dirichlet',
  summary: 'a confusion matrix for every worker: pseudo-counts plus the answers, counted from hard labels',
  options,
  inject: [T.WorkerKnowledge, T.Dataset],
  create: (options, knowledge: WorkerKnowledge, dataset: Dataset) =>
    new DirichletWorkers(options, knowledge, dataset.classes.length, dataset.distractorClass),
});
