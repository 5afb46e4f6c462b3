import {
  defineComponent,
  type AggregateRequest,
  type Aggregator,
  type Annotations,
  type Snapshot,
} from '@quorate/core';
import { z } from 'zod';
import { knowledgeOf } from './answers-by-item.js';
import { ascentOptions, type AscentOptions } from './ascent.js';
import { coinRule } from './coin-rule.js';
import { ConfusionModel } from './confusion-model.js';
import type { CrowdModel } from './crowd-model.js';
import { MOST_ANSWERS, dealFolds, predictHeldOut, type Prediction } from './held-out.js';
import { known, modelAggregator } from './model-aggregator.js';
import { VoteModel } from './vote-model.js';

type MakeModel = (workers: number, classes: number) => CrowdModel;

/** Pseudo-answers of the candidates that have workers of their own: without them a held-out answer can be impossible. */
const STRENGTH = 5;

/** From the simplest to the richest. */
const candidates: readonly (readonly [name: string, makeModel: MakeModel])[] = [
  ['majority_vote', (workers, classes) => new VoteModel(workers, classes, coinRule(Infinity))],
  ['one_coin', (workers, classes) => new VoteModel(workers, classes, coinRule(STRENGTH))],
  ['dawid_skene_map', (workers, classes) => new ConfusionModel(workers, classes, STRENGTH)],
];

/** Confusion matrices with more entries in all (400 MB) are no candidates. */
const MOST_ENTRIES = 5e7;

interface DefaultOptions extends AscentOptions {
  readonly classPrior: 'flat' | 'estimated';
  readonly seed: number;
}

/**
 * Chooses a model for these answers, without looking at any truth: the simplest whose likelihood of held-out answers is
 * within one standard error of the best,
 *
 *     D_m = Σ_i (L_best,i − L_m,i) <= √(n/(n−1) Σ_i (L_best,i − L_m,i − D_m / n)²)
 *
 * with L_m,i = Σ ln P(z_a) over the held-out answers of item i, n items (`predictHeldOut`: 5 folds over the answers). The
 * candidates are majority vote (one accuracy for all workers), one_coin and dawid_skene_map, the last two with 5
 * pseudo-answers, all with estimated class shares; one that tells no task from another is left out (`knowsItems`). Labels
 * then leave these shares out (`classPrior: flat`). The README says why. The one-standard-error rule is that of L. Breiman
 * et al., Classification and Regression Trees, 1984.
 */
export function chooseForTheseAnswers({ seed, ...options }: DefaultOptions): Aggregator {
  let state: { name: string; notes: readonly string[]; inner: Aggregator } | null = null;
  const start = (name: string, notes: readonly string[]): Aggregator => {
    const makeModel = candidates.find(([candidate]) => candidate === name)![1];
    const inner = modelAggregator(makeModel, options);
    state = { name, notes, inner };
    return inner;
  };
  const aggregator: Aggregator = {
    emptyRows: false,
    aggregate(request) {
      const { name, notes } = choose(request, seed);
      const inner = start(name, notes);
      inner.aggregate(request);
      if (name === 'majority_vote' || !isOfOneClass(inner.inferred!().classPrior!, request.annotations)) return;
      const instead = `majority_vote instead: fitted to all answers, ${name} takes all tasks for one class`;
      start('majority_vote', [...notes, instead]).aggregate(request);
    },
    inferred() {
      const { notes, inner } = known(state);
      const inferred = inner.inferred!();
      return { ...inferred, notes: [...notes, ...inferred.notes] };
    },
    absorb(request, first) {
      if (state) state.inner.absorb!(request, first);
      else aggregator.aggregate(request);
    },
    snapshot: () => state && { name: state.name, notes: state.notes, inner: state.inner.snapshot!() },
    restore(saved: Snapshot) {
      const old = saved as { name: string; notes: readonly string[]; inner: Snapshot } | null;
      state = null;
      if (old) start(old.name, old.notes).restore!(old.inner);
    },
  };
  return aggregator;
}

function choose(request: AggregateRequest, seed: number): { name: string; notes: string[] } {
  const { annotations } = request;
  const folds = dealFolds(annotations, knowledgeOf(request), seed);
  const small = annotations.workers * annotations.classes ** 2 <= MOST_ENTRIES;
  const able = candidates.filter(([name]) => name !== 'dawid_skene_map' || small);
  const fitted = able.map(([name, makeModel]) => ({ name, ...predictHeldOut(folds, makeModel) }));
  const { answers } = fitted[0]!;
  if (answers === 0) {
    return {
      name: 'majority_vote',
      notes: ['majority_vote: no task has two answers, and so nothing says how workers err'],
    };
  }
  const scores = fitted.filter((score, n) => n === 0 || knowsItems(score));
  const best = scores.reduce((a, b) => (sum(b.perItem) > sum(a.perItem) ? b : a));
  const chosen = scores.find((score) => isWithinError(best, score))!;

  const rate = (score: Prediction): string => (sum(score.perItem) / answers).toFixed(4);
  const table = fitted.map((score) => `${score.name} ${rate(score)}`).join(', ');
  const notes = [
    `chose ${chosen.name} by the log-likelihood of ${answers} held-out answers, in nats an answer: ${table}`,
  ];
  if (chosen !== best) {
    const { difference, error } = lead(best.perItem, chosen.perItem, best.items);
    const by = `${(difference / answers).toFixed(4)}, within one standard error (${(error / answers).toFixed(4)})`;
    notes.push(`${best.name} is ahead by ${by}: the simpler model is taken`);
  } else if (scores.length > 1) {
    const next = scores.filter((score) => score !== best).reduce((a, b) => (sum(b.perItem) > sum(a.perItem) ? b : a));
    const { difference } = lead(best.perItem, next.perItem, best.items);
    notes.push(`${best.name} is ahead of ${next.name} by ${(difference / answers).toFixed(4)} nats an answer`);
  }
  for (const { name } of fitted.filter((score) => !scores.includes(score)))
    notes.push(`${name} was left out: it explains answers by the habits of workers, and tells no task from another`);
  if (annotations.live > MOST_ANSWERS) notes.push(`the choice was made on tasks with ${folds.answers.count} answers`);
  if (!small) notes.push('dawid_skene_map was no candidate: its confusion matrices would not fit into 400 MB');
  return { name: chosen.name, notes };
}

/** Is less than one task expected of any class but the commonest? */
function isOfOneClass(classPrior: Float64Array, { annotatedCount }: Annotations): boolean {
  return (1 - Math.max(...classPrior)) * annotatedCount < 1;
}

/**
 * Do the other answers to a task tell more of an answer than the worker's habits do, by more than one standard error? Where
 * they do not, "all tasks are of one class" is how the model explains the answers; its labels are worth nothing.
 */
function knowsItems({ perItem, byHabit, items }: Prediction): boolean {
  const { difference, error } = lead(perItem, byHabit, items);
  return difference > error;
}

function isWithinError(best: Prediction, score: Prediction): boolean {
  const { difference, error } = lead(best.perItem, score.perItem, best.items);
  return difference <= error;
}

/** By how much `best` is ahead of `other`, in nats, and the standard error of that, with the n items as independent units. */
function lead(best: Float64Array, other: Float64Array, n: number): { difference: number; error: number } {
  const difference = sum(best) - sum(other);
  let squares = 0;
  for (let i = 0; i < best.length; i++) squares += (best[i]! - other[i]!) ** 2;
  const scatter = Math.max(0, squares - difference ** 2 / n);
  return { difference, error: n > 1 ? Math.sqrt((n / (n - 1)) * scatter) : Infinity };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

export default defineComponent({
  kind: 'aggregator',
  name: 'default',
  summary: 'chooses a model for these answers by how well it predicts held-out ones',
  options: z.strictObject({
    ...ascentOptions,
    classPrior: z
      .enum(['flat', 'estimated'])
      .default('flat')
      .describe('flat: labels do not lean to frequent classes; estimated: they do, as far as the answers say'),
    seed: z.int().default(1).describe('of the deal of the answers into folds'),
  }),
  create: chooseForTheseAnswers,
});
