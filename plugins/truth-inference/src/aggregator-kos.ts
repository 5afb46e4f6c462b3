import { QuorateError, defineComponent, type Aggregator } from '@quorate/core';
import { z } from 'zod';
import { answersByItem, type AnswersByItem } from './answers-by-item.js';
import { noAscent } from './ascent.js';
import { known } from './model-aggregator.js';

interface Messages {
  /** y_{j→i} of each answer: how much the worker is trusted, by what they said of other items. */
  readonly trust: Float64Array;
  readonly skill: Float64Array;
}

/**
 * KOS, for two classes (A = +1 for the first, −1 for the second): messages between items and workers, each of what the
 * other answers say,
 *
 *     x_{i→j} = Σ_{a ≠ (i,j)} A_a y_a,    y_{j→i} = Σ_{b ≠ (i,j)} A_b x_b          a over item i's, b over worker j's answers
 *
 * from y = 1 (the paper draws it from N(1, 1)), scaled to max |·| = 1 in each round. The label is the sign of Σ_a A_a y_a;
 * the row gives each class its share of Σ_a |y_a|, where an answer of a worker with y < 0 counts for the other class. A gold
 * item sends ±1. Several answers of a worker to an item are several edges. No probability model: no objective, the learner's
 * prior is ignored. K = 1 needs no decision and gives that class.
 *
 * D. R. Karger, S. Oh, D. Shah: Iterative Learning for Reliable Crowdsourcing Systems. NIPS 2011.
 */
export function kos({ iterations }: { readonly iterations: number }): Aggregator {
  let state: { messages: Messages; iterations: number } | null = null;
  return {
    emptyRows: false,
    aggregate({ annotations, gold = null, posterior }) {
      const answers = answersByItem(annotations);
      const { items, classes: K, workers } = answers;
      if (K > 2) throw notBinary(K);
      if (K < 2) {
        posterior.fill(1, 0, items * K);
        state = { messages: { trust: new Float64Array(0), skill: new Float64Array(workers).fill(1) }, iterations: 0 };
        return;
      }
      const messages = passMessages(answers, gold, iterations);
      state = { messages, iterations };
      for (let i = 0; i < items; i++) writeRow(answers, messages.trust, i, gold?.[i] ?? -1, posterior);
    },
    inferred() {
      const { messages, iterations: rounds } = known(state);
      const rest = { ...noAscent, iterations: rounds };
      return { skill: messages.skill.slice(), confusions: null, classPrior: null, ...rest, notes: [] };
    },
  };
}

function passMessages(answers: AnswersByItem, gold: Int32Array | null, iterations: number): Messages {
  const { items, workers, count, start, worker, label } = answers;
  const sign = (a: number): number => 1 - 2 * label[a]!;
  const trust = new Float64Array(count).fill(1);
  const belief = new Float64Array(count);
  const ofWorker = new Float64Array(workers);
  for (let round = 0; round < iterations; round++) {
    for (let i = 0; i < items; i++) {
      let sum = 0;
      for (let a = start[i]!; a < start[i + 1]!; a++) sum += sign(a) * trust[a]!;
      for (let a = start[i]!; a < start[i + 1]!; a++) belief[a] = settled(sum, sign(a) * trust[a]!);
    }
    scale(belief);
    if (gold) setGold(answers, gold, belief);
    ofWorker.fill(0);
    for (let a = 0; a < count; a++) ofWorker[worker[a]!]! += sign(a) * belief[a]!;
    for (let a = 0; a < count; a++) trust[a] = settled(ofWorker[worker[a]!]!, sign(a) * belief[a]!);
    scale(trust);
  }
  // Without a second answer anywhere no message says anything: then all are trusted alike.
  if (trust.every((y) => y === 0)) trust.fill(1);
  return { trust, skill: skills(answers, belief) };
}

/** Half of 1 + the share of |x| that a worker's answers agree with less what they do not; ½ where nothing is known. */
function skills({ workers, count, worker, label }: AnswersByItem, belief: Float64Array): Float64Array {
  const agreed = new Float64Array(workers);
  const weight = new Float64Array(workers);
  for (let a = 0; a < count; a++) {
    agreed[worker[a]!]! += (1 - 2 * label[a]!) * belief[a]!;
    weight[worker[a]!]! += Math.abs(belief[a]!);
  }
  return agreed.map((n, j) => (weight[j]! > 0 ? Math.min(1, Math.max(0, 0.5 + (0.5 * n) / weight[j]!)) : 0.5));
}

/** sum − own, 0 where they are equal but for rounding: else a message of nothing would be scaled up to one of something. */
function settled(sum: number, own: number): number {
  const rest = sum - own;
  return Math.abs(rest) <= 1e-12 * (Math.abs(sum) + Math.abs(own)) ? 0 : rest;
}

function scale(messages: Float64Array): void {
  let max = 0;
  for (const x of messages) max = Math.max(max, Math.abs(x));
  if (max > 0) for (let a = 0; a < messages.length; a++) messages[a]! /= max;
}

function setGold({ items, start }: AnswersByItem, gold: Int32Array, belief: Float64Array): void {
  for (let i = 0; i < items; i++) if (gold[i]! >= 0) belief.fill(1 - 2 * gold[i]!, start[i], start[i + 1]);
}

function writeRow(
  { start, label }: AnswersByItem,
  trust: Float64Array,
  item: number,
  gold: number,
  posterior: Float64Array,
): void {
  let sum = 0;
  let first = 0;
  for (let a = start[item]!; a < start[item + 1]!; a++) {
    const y = trust[a]!;
    sum += Math.abs(y);
    if (label[a] === 0 ? y > 0 : y < 0) first += Math.abs(y);
  }
  const share = sum > 0 ? Math.min(1, first / sum) : 0.5;
  posterior[item * 2] = gold >= 0 ? 1 - gold : share;
  posterior[item * 2 + 1] = gold >= 0 ? gold : 1 - share;
}

function notBinary(K: number): QuorateError {
  return new QuorateError('AGGREGATOR_UNSUITED', {
    where: 'aggregator kos',
    expected: 'answers of 2 classes',
    got: `${K}`,
    fix: 'Use dawid_skene_map or default, which take any number of classes.',
  });
}

export default defineComponent({
  kind: 'aggregator',
  name: 'kos',
  summary: 'messages between tasks and workers, for two classes (Karger, Oh and Shah 2011)',
  options: z.strictObject({ iterations: z.int().min(1).default(100).describe('rounds of messages') }),
  create: kos,
});
