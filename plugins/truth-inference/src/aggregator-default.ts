import { defineComponent, type AggregateRequest, type Aggregator, type Snapshot } from '@quorate/core';
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
 * pseudo-answers, all with estimated class shares. Labels then leave these shares out (`classPrior: flat`). The README says
 * why. The one-standard-error rule is that of L. Breiman et al., Classification and Regression Trees, 1984.
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
      start(name, notes).aggregate(request);
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
  const scores = able.map(([name, makeModel]) => ({ name, ...predictHeldOut(folds, makeModel) }));
  const { answers } = scores[0]!;
  if (answers === 0) {
    return {
      name: 'majority_vote',
      notes: ['majority_vote: no task has two answers, and so nothing says how workers err'],
    };
  }
  const best = scores.reduce((a, b) => (sum(b.perItem) > sum(a.perItem) ? b : a));
  const chosen = scores.find((score) => lead(best, score).difference <= lead(best, score).error)!;

  const rate = (score: Prediction): string => (sum(score.perItem) / answers).toFixed(4);
  const table = scores.map((score) => `${score.name} ${rate(score)}`).join(', ');
  const notes = [
    `chose ${chosen.name} by the log-likelihood of ${answers} held-out answers, in nats an answer: ${table}`,
  ];
  if (chosen !== best) {
    const { difference, error } = lead(best, chosen);
    const by = `${(difference / answers).toFixed(4)}, within one standard error (${(error / answers).toFixed(4)})`;
    notes.push(`${best.name} is ahead by ${by}: the simpler model is taken`);
  } else {
    const next = scores.filter((score) => score !== best).reduce((a, b) => (sum(b.perItem) > sum(a.perItem) ? b : a));
    notes.push(
      `${best.name} is ahead of ${next.name} by ${(lead(best, next).difference / answers).toFixed(4)} nats an answer`,
    );
  }
  if (annotations.live > MOST_ANSWERS) notes.push(`the choice was made on tasks with ${folds.answers.count} answers`);
  if (!small) notes.push('dawid_skene_map was no candidate: its confusion matrices would not fit into 400 MB');
  return { name: chosen.name, notes };
}

/** By how much `best` is ahead of `other`, in nats, and the standard error of that, with items as the independent units. */
function lead(best: Prediction, other: Prediction): { difference: number; error: number } {
  const difference = sum(best.perItem) - sum(other.perItem);
  const n = best.items;
  let squares = 0;
  for (let i = 0; i < best.perItem.length; i++) squares += (best.perItem[i]! - other.perItem[i]!) ** 2;
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
