import { defineComponent, type Aggregator, type Snapshot } from '@quorate/core';
import { z } from 'zod';
import { answersByItem, answersOf, voteShares } from './answers-by-item.js';
import { noAscent } from './ascent.js';
import { widened } from './confusion-model.js';
import { known, touchedItems } from './model-aggregator.js';
import { countAgreement, skillsOf, weightedShares, winnersOf } from './weighted-votes.js';

interface State {
  /** N and W of the last call. */
  items: number;
  workers: number;
  /** How often each worker agreed with the majority, and their answers; at least W long. */
  agreed: Float64Array;
  said: Float64Array;
  /** Answers that were absorbed since the last full count. */
  absorbed: number;
}

/**
 * WAWA, worker agreement with aggregate: a majority vote, then one weighted by how often each worker agreed with it,
 *
 *     s_j = #{answers of j that name the majority's class} / n_j,    y_i(k) = Σ_a s_j [z_a = k] / Σ_a s_j
 *
 * A tied majority counts in equal parts for each of its classes; gold stands for the majority. Not a probability model: no
 * objective, the learner's prior is ignored, and items without answers get rows of zeros.
 *
 * Appen: Calculating Worker Agreement with Aggregate (Wawa), 2021.
 */
export function wawa(): Aggregator {
  let state: State | null = null;
  const aggregator: Aggregator = {
    emptyRows: true,
    aggregate({ annotations, gold = null, posterior }) {
      const { workers, classes } = annotations;
      const answers = answersByItem(annotations);
      const counts = { agreed: new Float64Array(workers), said: new Float64Array(workers) };
      state = { items: annotations.items, workers, ...counts, absorbed: 0 };
      const winners = new Float64Array(answers.items * classes);
      voteShares(answers, gold, posterior);
      winnersOf(answers, posterior, gold, winners);
      countAgreement(answers, winners, state.agreed, state.said);
      weightedShares(answers, skillsOf(state.agreed, state.said), gold, posterior);
    },
    inferred() {
      const { agreed, said, workers, absorbed } = known(state);
      const skill = skillsOf(agreed.slice(0, workers), said.slice(0, workers));
      return { skill, confusions: null, classPrior: null, ...noAscent, converged: absorbed === 0, notes: [] };
    },
    absorb(request, first) {
      const { annotations, posterior } = request;
      const touched = state && touchedItems(annotations, first);
      if (!state || !touched) return aggregator.aggregate(request);
      const K = annotations.classes;
      state.workers = annotations.workers;
      state.agreed = widened(state.agreed, annotations.workers);
      state.said = widened(state.said, annotations.workers);
      posterior.fill(0, state.items * K, annotations.items * K);
      for (let i = state.items; i < annotations.items; i++) {
        const g = request.gold?.[i] ?? -1;
        if (g >= 0) posterior[i * K + g] = 1;
      }
      state.items = annotations.items;
      state.absorbed += annotations.count - first;
      const gold = request.gold ? touched.map((i) => request.gold![i] ?? -1) : null;
      const rows = new Float64Array(touched.length * K);
      const winners = new Float64Array(rows.length);
      for (const [before, sign] of [[first, -1] as const, [Infinity, 1] as const]) {
        const answers = answersOf(annotations, touched, before);
        voteShares(answers, gold, rows);
        winnersOf(answers, rows, gold, winners);
        countAgreement(answers, winners, state.agreed, state.said, sign);
      }
      weightedShares(answersOf(annotations, touched, Infinity), skillsOf(state.agreed, state.said), gold, rows);
      touched.forEach((item, n) => posterior.set(rows.subarray(n * K, (n + 1) * K), item * K));
    },
    snapshot: () => {
      if (!state) return null;
      const { items, workers, agreed, said, absorbed } = state;
      return { items, workers, agreed: agreed.slice(0, workers), said: said.slice(0, workers), absorbed };
    },
    restore(saved: Snapshot) {
      const old = saved as unknown as State | null;
      state = old && { ...old, agreed: Float64Array.from(old.agreed), said: Float64Array.from(old.said) };
    },
  };
  return aggregator;
}

export default defineComponent({
  kind: 'aggregator',
  name: 'wawa',
  summary: 'votes weighted by how often each worker agrees with the majority',
  options: z.strictObject({}),
  create: wawa,
});
