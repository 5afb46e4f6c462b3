import { QuorateError, defineComponent, type Aggregator } from '@quorate/core';
import { z } from 'zod';
import { answersByItem, voteShares, type AnswersByItem } from './answers-by-item.js';
import { noAscent } from './ascent.js';
import { known } from './model-aggregator.js';
import { countAgreement, winnersOf } from './weighted-votes.js';

type Rows = Float32Array | Float64Array;

/** No weight is smaller: someone always decides. */
const LEAST_WEIGHT = 1e-6;

interface Weights {
  /** P, how often an answer names the consensus. */
  readonly right: number;
  readonly model: number;
  readonly workers: Float64Array;
  /** s_j, agreement of each worker with the others. */
  readonly agreement: Float64Array;
}

/**
 * CROWDLAB: the class probabilities of a trained model, p_i (the request's prior), and each answer vote with the weight that
 * they earn,
 *
 *     y_i(k) = (w_M p_i(k) + Σ_a w_j f(k; z_a)) / (w_M + Σ_a w_j),    f(k; z) = P where k = z, else (1 − P) / (K − 1)
 *     w_j = 1 − (1 − s_j) / (1 − A),    w_M = (1 − (1 − A_M) / (1 − A)) √(mean number of answers)
 *
 * over items with several answers: s_j is how often j agrees with another answer to the same item, P how often an answer
 * agrees with the consensus, A_M how often the model does, A how often the most frequent consensus does. The consensus is the
 * majority (ties go to the model's choice, else in equal parts), then, once more, the most probable class of the first y.
 * A worker who answered with nobody else has the mean s of the others. Weights are at least 1e-6. A gold label stands for the
 * consensus, and is one more answer in s_j. Without an item of several answers the model's choice stands for the majority. No
 * objective; it does not iterate further. Consensus, confidence and weights are those of cleanlab 2.9
 * (`get_label_quality_multiannotator`).
 *
 * H. W. Goh, U. Tkachenko, J. Mueller: CROWDLAB: Supervised learning to infer consensus labels and quality scores for data
 * with multiple annotators. arXiv:2210.06812, 2022.
 */
export function crowdlab(): Aggregator {
  let weights: Weights | null = null;
  return {
    emptyRows: false,
    aggregate({ annotations, prior, gold = null, posterior }) {
      if (!prior) throw noModel();
      const answers = answersByItem(annotations);
      const choices = modelChoices(answers, prior);
      const majority = consensusOf(answers, prior, gold);
      weights = weigh(answers, majority, choices, gold);
      combine(answers, prior, gold, weights, posterior);
      // Once more with the class that this found most probable in place of the majority's.
      const best = new Float64Array(majority.length);
      winnersOf(answers, posterior, gold, best);
      weights = weigh(answers, tiesTo(majority, best, answers.classes), choices, gold);
      combine(answers, prior, gold, weights, posterior);
    },
    inferred() {
      const { agreement } = known(weights);
      return { skill: agreement.slice(), confusions: null, classPrior: null, ...noAscent, notes: [] };
    },
  };
}

function weigh(
  answers: AnswersByItem,
  consensus: Float64Array,
  choices: Float64Array,
  gold: Int32Array | null,
): Weights {
  const { items, classes: K, workers, start, label, count } = answers;
  const counted = (i: number): boolean =>
    start[i + 1]! - start[i]! > 1 || ((gold?.[i] ?? -1) >= 0 && start[i + 1]! > start[i]!);
  let several = Array.from({ length: items }, (_, i) => i).filter(counted);
  if (several.length === 0)
    several = Array.from({ length: items }, (_, i) => i).filter((i) => start[i + 1]! > start[i]!);

  const found = new Float64Array(K);
  for (const i of several) for (let k = 0; k < K; k++) found[k]! += consensus[i * K + k]!;
  const frequent = new Float64Array(K);
  winnersOf({ ...answers, items: 1 }, found, null, frequent);
  let right = 0;
  let model = 0;
  let baseline = 0;
  for (const i of several) {
    let agreed = 0;
    for (let a = start[i]!; a < start[i + 1]!; a++) agreed += consensus[i * K + label[a]!]!;
    right += agreed / (start[i + 1]! - start[i]!) / several.length;
    for (let k = 0; k < K; k++) {
      model += (consensus[i * K + k]! * choices[i * K + k]!) / several.length;
      baseline += (consensus[i * K + k]! * frequent[k]!) / several.length;
    }
  }
  const agreement = agreementOf(answers, gold, consensus);
  const above = (accuracy: number): number =>
    Math.max(LEAST_WEIGHT, 1 - (1 - accuracy) / Math.max(LEAST_WEIGHT, 1 - baseline));
  const answered = several.length > 0 ? count / items : 1;
  return {
    right: Math.min(1, right),
    model: above(model) * Math.sqrt(answered),
    workers: agreement.map(above),
    agreement: agreement.length === workers ? agreement : new Float64Array(workers),
  };
}

/** The majority's class: gold, else ties to the model's choice among them, else in equal parts; the model's for one answer. */
function consensusOf(answers: AnswersByItem, prior: Rows, gold: Int32Array | null): Float64Array {
  const { items, classes: K } = answers;
  const winners = new Float64Array(items * K);
  const shares = new Float64Array(items * K);
  voteShares(answers, gold, shares);
  winnersOf(answers, shares, gold, winners);
  const tied = winners.map((w, x) => (w > 0 ? prior[x]! + Number.MIN_VALUE : 0));
  winnersOf(answers, tied, gold, winners);
  const lonely = answers.start.every((from, i) => i === items || answers.start[i + 1]! - from < 2) && !gold;
  return lonely ? modelChoices(answers, prior) : winners;
}

/** Rows of `winners` with one winner; where several are level, what the majority says. */
function tiesTo(majority: Float64Array, winners: Float64Array, K: number): Float64Array {
  for (let row = 0; row < winners.length; row += K) {
    if (!winners.subarray(row, row + K).includes(1)) winners.set(majority.subarray(row, row + K), row);
  }
  return winners;
}

function modelChoices(answers: AnswersByItem, prior: Rows): Float64Array {
  const choices = new Float64Array(answers.items * answers.classes);
  winnersOf(answers, Float64Array.from(prior.subarray(0, choices.length)), null, choices);
  return choices;
}

/** s_j; of a worker with nobody to agree with, the mean over all; with nobody anywhere, agreement with the consensus. */
function agreementOf(answers: AnswersByItem, gold: Int32Array | null, consensus: Float64Array): Float64Array {
  const { items, classes: K, workers, start, worker, label } = answers;
  const agreed = new Float64Array(workers);
  const compared = new Float64Array(workers);
  const named = new Float64Array(K);
  for (let i = 0; i < items; i++) {
    const g = gold?.[i] ?? -1;
    named.fill(0);
    if (g >= 0) named[g] = 1;
    for (let a = start[i]!; a < start[i + 1]!; a++) named[label[a]!]!++;
    const others = start[i + 1]! - start[i]! - (g >= 0 ? 0 : 1);
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      agreed[worker[a]!]! += named[label[a]!]! - 1;
      compared[worker[a]!]! += others;
    }
  }
  if (compared.every((n) => n === 0)) countAgreement(answers, consensus, agreed, compared);
  let others = 0;
  let mean = 0;
  agreed.forEach((n, j) => {
    if (compared[j]! > 0) mean += (n / compared[j]! - mean) / ++others;
  });
  return agreed.map((n, j) => (compared[j]! > 0 ? n / compared[j]! : mean));
}

function combine(
  { items, classes: K, start, worker, label }: AnswersByItem,
  prior: Rows,
  gold: Int32Array | null,
  { right, model, workers }: Weights,
  posterior: Float64Array,
): void {
  const wrong = K > 1 ? (1 - right) / (K - 1) : 0;
  const hit = K > 1 ? right : 1;
  for (let i = 0; i < items; i++) {
    const row = posterior.subarray(i * K, (i + 1) * K);
    const g = gold?.[i] ?? -1;
    if (g >= 0) {
      row.fill(0)[g] = 1;
      continue;
    }
    let believed = 0;
    for (let k = 0; k < K; k++) believed += prior[i * K + k]!;
    for (let k = 0; k < K; k++) row[k] = believed > 0 ? (model * prior[i * K + k]!) / believed : model / K;
    let total = model;
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      const weight = workers[worker[a]!]!;
      total += weight;
      for (let k = 0; k < K; k++) row[k]! += weight * (k === label[a] ? hit : wrong);
    }
    for (let k = 0; k < K; k++) row[k] = Math.min(1, row[k]! / total);
  }
}

function noModel(): QuorateError {
  return new QuorateError('AGGREGATOR_UNSUITED', {
    where: 'aggregator crowdlab',
    expected: 'class probabilities of a trained model for every task',
    got: 'none',
    fix: 'Give them, or use dawid_skene_map or default, which need answers alone.',
  });
}

export default defineComponent({
  kind: 'aggregator',
  name: 'crowdlab',
  summary: "a trained model's class probabilities and the answers, weighted by what they earn (Goh et al. 2022)",
  options: z.strictObject({}),
  create: crowdlab,
});
