import type { AggregateRequest, Aggregator, Annotations, Inferred, Snapshot } from '@quorate/core';
import type { AnswersByItem } from '../answers-by-item.js';
import { coinRule } from '../coin-rule.js';
import { ConfusionModel } from '../confusion-model.js';
import type { CrowdModel } from '../crowd-model.js';
import { modelAggregator, type ModelOptions } from '../model-aggregator.js';
import { VoteModel } from '../vote-model.js';
import { MOST_ANSWERS, dealFolds, leadOverHabit } from './held-out.js';

type MakeModel = (workers: number, classes: number) => CrowdModel;

/** Pseudo-answers of workers: without them a held-out answer can be impossible. */
const STRENGTH = 5;
const models: Readonly<Record<string, MakeModel>> = {
  one_coin: (workers, classes) => new VoteModel(workers, classes, coinRule(STRENGTH)),
  dawid_skene_map: (workers, classes) => new ConfusionModel(workers, classes, STRENGTH),
  majority_vote: (workers, classes) => new VoteModel(workers, classes, coinRule(Infinity)),
};
/**
 * Confusion matrices with more entries in all than this and than there are answers are not tried: every fit would fill them
 * again and again, and most entries would be the prior's.
 */
const MOST_ENTRIES = 1e6;

/** Room for new items, so that the first of them need not copy everything. */
const SPARE = 0.1;

interface Model {
  readonly name: string;
  readonly aggregator: Aggregator;
  /** Its posterior, N×K or longer. */
  rows: Float64Array;
}

export interface VotersState {
  readonly votes: number;
  readonly withShares: boolean;
  readonly models: readonly { readonly name: string; readonly inner: Snapshot; readonly rows: Float64Array }[];
}

/**
 * Vote shares and the models that know the tasks, with a vote each:
 *
 *     share_i(k) = (V_ik + 1/K) / (n_i + 1)            V_ik answers k to item i, of n_i
 *     L_i = mean of share_i and of the posteriors of the models that have a vote
 *
 * Models see neither gold nor a learner: what they infer is then calibrated by gold, and multiplied with a learner.
 */
export class Voters {
  readonly #models: readonly Model[];
  /** How many of the models vote: all, or none of the one that is there to describe the workers. */
  readonly #votes: number;
  readonly #withShares: boolean;

  /**
   * @param names Models that have a vote, from the simplest to the richest. @param withShares False: vote shares have no
   * vote of their own, so that a single model is taken at its word.
   */
  constructor(names: readonly string[], options: ModelOptions, withShares = true) {
    this.#votes = names.length;
    this.#withShares = withShares || names.length === 0;
    this.#models = (names.length > 0 ? names : ['majority_vote']).map((name) => ({
      name,
      aggregator: modelAggregator(models[name]!, options),
      rows: new Float64Array(0),
    }));
  }

  aggregate(request: AggregateRequest): void {
    const { items, classes } = request.annotations;
    for (const model of this.#models) {
      model.rows = new Float64Array(Math.ceil(items * (1 + SPARE)) * classes);
      model.aggregator.aggregate(this.#alone(model, request));
    }
  }

  absorb(request: AggregateRequest, first: number): void {
    const { items, classes } = request.annotations;
    for (const model of this.#models) {
      if (model.rows.length < items * classes) {
        const wide = new Float64Array(Math.ceil(items * (1 + SPARE)) * classes);
        wide.set(model.rows);
        model.rows = wide;
      }
      model.aggregator.absorb!(this.#alone(model, request), first);
    }
  }

  #alone({ rows }: Model, request: AggregateRequest): AggregateRequest {
    const { items, classes } = request.annotations;
    return { ...request, prior: null, gold: null, posterior: rows.subarray(0, items * classes) };
  }

  /**
   * L of an item with answers.
   * @param answers Holds the item's answers as those of its item `n`. @param out Gets K probabilities from `to` on.
   */
  labels({ classes: K, start, label }: AnswersByItem, n: number, item: number, out: Float64Array, to: number): void {
    const [from, end] = [start[n]!, start[n + 1]!];
    const one = this.#withShares ? 1 / (end - from + 1) : 0;
    for (let k = 0; k < K; k++) out[to + k] = one / K;
    for (let a = from; a < end; a++) out[to + label[a]!]! += one;
    if (this.#votes === 0) return;
    for (const { rows } of this.#models) for (let k = 0; k < K; k++) out[to + k]! += rows[item * K + k]!;
    const voices = this.#votes + Number(this.#withShares);
    for (let k = 0; k < K; k++) out[to + k]! /= voices;
  }

  /** What the richest model says of the workers. */
  inferred(): Inferred {
    return this.#models.at(-1)!.aggregator.inferred!();
  }

  snapshot(): Snapshot {
    const kept = this.#models.map(({ name, aggregator, rows }) => {
      return { name, inner: aggregator.snapshot!(), rows: rows.slice() };
    });
    return { votes: this.#votes, withShares: this.#withShares, models: kept };
  }

  static restored(saved: Snapshot, options: ModelOptions): Voters {
    const { votes, withShares, models: kept } = saved as unknown as VotersState;
    const voters = new Voters(votes > 0 ? kept.map(({ name }) => name) : [], options, withShares);
    kept.forEach(({ inner, rows }, n) => {
      const model = voters.#models[n]!;
      model.aggregator.restore!(inner);
      model.rows = Float64Array.from(rows);
    });
    return voters;
  }
}

/**
 * Which models have a vote on these answers: those ahead of the workers' habits by more than one standard error on
 * held-out answers. A model that is not explains answers by "all tasks are of one class, and workers name it more or less
 * often"; its labels are worth nothing.
 *
 * @param independent Workers are known to err independently: the model with the greatest lead is the only one.
 */
export function chooseVoters(
  annotations: Annotations,
  seed: number,
  independent: boolean,
): { readonly names: readonly string[]; readonly notes: readonly string[] } {
  const folds = dealFolds(annotations, seed);
  const { workers, classes, live } = annotations;
  const small = workers * classes ** 2 <= Math.max(MOST_ENTRIES, Math.min(5e7, live));
  const able = small ? ['one_coin', 'dawid_skene_map'] : ['one_coin'];
  const leads = able.map((name) => ({ name, ...leadOverHabit(folds, models[name]!) }));
  const answers = leads[0]!.answers;
  if (answers === 0) {
    return {
      names: [],
      notes: ['labels by vote shares alone: no task has two answers, so nothing tells workers apart'],
    };
  }
  const ahead = leads.filter(({ nats, error }) => nats > error);
  const most = Math.max(...ahead.map(({ nats }) => nats));
  const names = ahead.filter(({ nats }) => !independent || nats === most).map(({ name }) => name);
  const said = leads.map(({ name, nats, error }) => {
    const rate = `${nats < 0 ? '' : '+'}${(nats / answers).toFixed(3)} ± ${(error / answers).toFixed(3)}`;
    return `${name} ${rate}${names.includes(name) ? '' : ' (no vote)'}`;
  });
  const notes = [
    independent && names.length > 0
      ? `labels by ${names.join()}, taken at its word: workers are said to err independently`
      : `labels by equal votes of ${['vote shares', ...names].join(', ')}`,
    `lead over the workers' own label frequencies on ${answers} held-out answers, in nats per answer: ${said.join(', ')}`,
  ];
  if (live > MOST_ANSWERS) notes.push(`models were tried on tasks with ${folds.answers.count} answers`);
  if (!small)
    notes.push('dawid_skene_map was not tried: its confusion matrices would have more entries than there are answers');
  return { names, notes };
}
