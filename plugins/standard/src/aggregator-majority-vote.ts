import {
  defineComponent,
  type AggregateRequest,
  type Aggregator,
  type Annotations,
  type Inferred,
  type Snapshot,
} from '@quorate/core';
import { z } from 'zod';
import { fixGold } from './aggregator-bayes.js';

/**
 * Vote shares, y_i(k) = #{a of item i: z_a = k} / n_i. Workers and prior are ignored; an item without annotations gets a
 * row of zeros, and so the risk 1.
 */
export function voteShares({ annotations, rows, gold, posterior }: AggregateRequest): void {
  const { items, classes: K, annotated, annotatedCount } = annotations;
  const count = rows === 'all' ? items : annotatedCount;
  for (let n = 0; n < count; n++) writeShares(annotations, rows === 'all' ? n : annotated[n]!, posterior);
  if (gold) fixGold(K, gold, posterior);
}

function writeShares(
  { classes: K, firstOfItem, nextOfItem, perItem, label }: Annotations,
  item: number,
  posterior: Float64Array,
): void {
  const start = item * K;
  posterior.fill(0, start, start + K);
  for (let a = firstOfItem[item]!; a >= 0; a = nextOfItem[a]!) posterior[start + label[a]!]!++;
  const votes = perItem[item]!;
  if (votes > 1) for (let x = start; x < start + K; x++) posterior[x]! /= votes;
}

/** How often each worker named the majority's class, and their answers; at least W long. */
interface Agreement {
  /** N and W of the last call. */
  items: number;
  workers: number;
  agreed: Float64Array;
  said: Float64Array;
}

/**
 * Adds sign · what the answers numbered below `before` of one item say: an answer agrees by 1 over the number of tied
 * majority classes if it names one of them (with gold: if it names gold).
 * @param votes Scratch, length K.
 */
function countAgreement(
  { firstOfItem, nextOfItem, worker, label }: Annotations,
  { agreed, said }: Agreement,
  item: number,
  before: number,
  gold: number,
  sign: 1 | -1,
  votes: Float64Array,
): void {
  votes.fill(0);
  for (let a = firstOfItem[item]!; a >= 0; a = nextOfItem[a]!) if (a < before) votes[label[a]!]!++;
  if (gold >= 0) votes.fill(0)[gold] = 1;
  const most = votes.reduce((max, n) => Math.max(max, n), 0);
  const ties = votes.reduce((sum, n) => sum + Number(n === most), 0);
  for (let a = firstOfItem[item]!; a >= 0; a = nextOfItem[a]!) {
    if (a >= before) continue;
    said[worker[a]!]! += sign;
    if (votes[label[a]!] === most) agreed[worker[a]!]! += sign / ties;
  }
}

/** Vote shares, and who agrees with the majority: a worker's skill is the share of their answers that name its class. */
export function majorityVote(): Aggregator {
  let agreement: Agreement | null = null;
  const aggregator: Aggregator = {
    emptyRows: true,
    aggregate(request) {
      voteShares(request);
      const { annotations, gold } = request;
      const { items, workers, classes, annotated, annotatedCount } = annotations;
      agreement = { items, workers, agreed: new Float64Array(workers), said: new Float64Array(workers) };
      const votes = new Float64Array(classes);
      for (let n = 0; n < annotatedCount; n++) {
        const item = annotated[n]!;
        countAgreement(annotations, agreement, item, Infinity, gold?.[item] ?? -1, 1, votes);
      }
    },
    inferred(): Inferred {
      if (!agreement) throw new Error('inferred() is asked before aggregate()');
      return {
        skill: skillsOf(agreement),
        confusions: null,
        classPrior: null,
        objective: new Float64Array(0),
        iterations: 0,
        converged: true,
        notes: [],
      };
    },
    absorb(request, first) {
      const { annotations, posterior, gold } = request;
      const known = agreement;
      const entries = annotations.label.subarray(first, annotations.count);
      if (!known || entries.some((z) => z < 0)) return aggregator.aggregate(request);
      known.agreed = widened(known.agreed, annotations.workers);
      known.said = widened(known.said, annotations.workers);
      known.workers = annotations.workers;
      const newItems = Array.from({ length: annotations.items - known.items }, (_, n) => known.items + n);
      known.items = annotations.items;
      const votes = new Float64Array(annotations.classes);
      const touched = new Set(annotations.item.subarray(first, annotations.count));
      for (const item of touched) {
        const g = gold?.[item] ?? -1;
        countAgreement(annotations, known, item, first, g, -1, votes);
        countAgreement(annotations, known, item, Infinity, g, 1, votes);
      }
      for (const item of [...touched, ...newItems]) {
        writeShares(annotations, item, posterior);
        const row = posterior.subarray(item * votes.length, (item + 1) * votes.length);
        if ((gold?.[item] ?? -1) >= 0) row.fill(0)[gold![item]!] = 1;
      }
    },
    snapshot(): Snapshot {
      if (!agreement) return null;
      const { items, workers, agreed, said } = agreement;
      return { items, workers, agreed: agreed.slice(0, workers), said: said.slice(0, workers) };
    },
    restore(saved: Snapshot) {
      const old = saved as unknown as Agreement | null;
      agreement = old && { ...old, agreed: Float64Array.from(old.agreed), said: Float64Array.from(old.said) };
    },
  };
  return aggregator;
}

/** The crowd's share for a worker without answers. */
function skillsOf({ workers, agreed, said }: Agreement): Float64Array {
  let right = 0;
  let all = 0;
  for (let j = 0; j < workers; j++) {
    right += agreed[j]!;
    all += said[j]!;
  }
  const skill = (n: number, of: number): number => (of > 0 ? Math.min(1, Math.max(0, n / of)) : 0);
  return Float64Array.from({ length: workers }, (_, j) =>
    said[j]! > 0 ? skill(agreed[j]!, said[j]!) : skill(right, all),
  );
}

function widened(old: Float64Array, length: number): Float64Array {
  if (old.length >= length) return old;
  const wide = new Float64Array(length + (length >> 2));
  wide.set(old);
  return wide;
}

export default defineComponent({
  kind: 'aggregator',
  name: 'majority_vote',
  summary: 'shares of the votes; knows neither workers nor learner',
  options: z.strictObject({}),
  create: majorityVote,
});
