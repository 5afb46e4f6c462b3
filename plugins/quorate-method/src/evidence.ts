import type { Rng } from '@quorate/core';
import type { AnswerLikelihood } from './answer-likelihood.js';
import { expOfNegative, NEGLIGIBLE } from './exponential.js';
import type { Gold } from './gold.js';

/** Annotated items that are looked at; of more, so many at random stand for all. */
const MOST_ITEMS = 3000;
/** Where weights are expected, and what a view without weight costs, in nats. */
const EXPECTED_WEIGHT = 0.4;
const NO_WEIGHT = -2;
const LAPSES = [0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15];
const EXPECTED_LAPSE = 0.01;
/** Items of each class that are taken for asked about beforehand, in the shares of the classes. */
const EVEN_ITEMS = 50;
/** Keeps the logarithm of a likelihood of 0 finite. */
const TINY = 1e-300;

/**
 * How well class probabilities p of annotated items and prototypes predict what people said:
 *
 *     E = Σ_gold (g - 1)/g ln p_i(y_i) + |A|/|A'| Σ_{i in A'} ln Σ_k p_i(k) E_i(k)      in nats
 *
 * with A the annotated items, A' at most 3000 of them at random, and E_i the likelihood of item i's answers: the second
 * sum is their marginal likelihood. Every answer is a noisy test, as long as row i of p does not know its own answers.
 *
 * p = softmax(Σ_v b_v F_v + ln π) of an annotated item. Prototypes are as many of each class as somebody chose, whatever
 * the shares π of the classes are: theirs takes (g_k + 1)/(P + K) instead.
 */
export class Evidence {
  /** Rows that count: A', then all prototypes (N + p). */
  readonly rows: Int32Array;
  /** How many rows are of A'. */
  readonly asked: number;
  /** ln 1/K, K times. */
  readonly evenShares: Float64Array;
  readonly #classes: number;
  readonly #scale: number;
  readonly #answers: AnswerLikelihood;
  readonly #gold: Gold;
  readonly #logits: Float64Array;
  /** ln (g_k + 1)/(P + K). */
  readonly #goldShares: Float64Array;

  constructor(answers: AnswerLikelihood, gold: Gold, rng: Rng) {
    const { count, items, classes } = answers;
    const all = items.subarray(0, count);
    const sample = count <= MOST_ITEMS ? all : rng.choose(count, MOST_ITEMS).map((place) => all[place]!);
    this.rows = new Int32Array(sample.length + gold.classOf.length);
    this.rows.set(sample);
    gold.classOf.forEach((_, p) => (this.rows[sample.length + p] = answers.place.length + p));
    this.asked = sample.length;
    this.evenShares = new Float64Array(classes).fill(-Math.log(classes));
    this.#classes = classes;
    this.#scale = count / Math.max(1, sample.length);
    this.#answers = answers;
    this.#gold = gold;
    this.#logits = new Float64Array(classes);
    this.#goldShares = Float64Array.from(gold.perClass, (g) => Math.log((g + 1) / (gold.classOf.length + classes)));
  }

  /**
   * E, with a log-normal prior -(ln(b_v / 0.4))²/2 on every weight, -2 for a weight of 0.
   * @param views F_v, a row of length K for each of `rows`. @param weights b_v >= 0. @param logShares ln π.
   */
  of(views: readonly Float32Array[], weights: readonly number[], logShares: Float64Array): number {
    let sum = 0;
    for (const b of weights) sum += b === 0 ? NO_WEIGHT : -0.5 * Math.log(b / EXPECTED_WEIGHT) ** 2;
    for (let r = 0; r < this.rows.length; r++) {
      const shares = r < this.asked ? logShares : this.#goldShares;
      sum += this.#score(r, this.#combine(r, views, weights, shares));
    }
    return sum;
  }

  /**
   * Some rounds towards the shares of the classes under which the answers are most likely, beside 50 items of each class:
   *
   *     π_k ∝ π_k (50 + |A|/|A'| Σ_{i in A'} r_ik) / (50 K π_k + |A|/|A'| Σ_{i in A'} p_i(k)),      r_i ∝ p_i E_i
   *
   * Where it stays as it is, its derivative is 0. Without views this is EM for the shares of the annotated items. With
   * them it is no matter which items were chosen: each is compared with what its own features let expect.
   * @param logShares Where to start: ln π. @returns ln π, π all greater than 0, sum 1.
   */
  shares(
    views: readonly Float32Array[],
    weights: readonly number[],
    logShares: Float64Array,
    rounds: number,
  ): Float64Array {
    const K = this.#classes;
    const share = logShares.map(Math.exp);
    const logs = logShares.slice();
    const [expected, told] = [new Float64Array(K), new Float64Array(K)];
    for (let round = 0; round < rounds; round++) {
      expected.fill(0);
      told.fill(0);
      for (let r = 0; r < this.asked; r++) this.#tell(r, this.#combine(r, views, weights, logs), expected, told);
      let sum = 0;
      for (let k = 0; k < K; k++) {
        const [even, prior] = [EVEN_ITEMS, EVEN_ITEMS * K * share[k]!];
        share[k]! *= (even + this.#scale * told[k]!) / (prior + this.#scale * expected[k]!);
        sum += share[k]!;
      }
      for (let k = 0; k < K; k++) logs[k] = Math.log((share[k]! /= sum));
    }
    return logs;
  }

  /** Leaves the logits of row r. @returns the greatest of them. */
  #combine(r: number, views: readonly Float32Array[], weights: readonly number[], logShares: Float64Array): number {
    const K = this.#classes;
    const u = this.#logits;
    const start = r * K;
    u.set(logShares);
    for (let v = 0; v < views.length; v++) {
      const view = views[v]!;
      const b = weights[v]!;
      for (let k = 0; k < K; k++) u[k]! += b * view[start + k]!;
    }
    let max = -Infinity;
    for (let k = 0; k < K; k++) if (u[k]! > max) max = u[k]!;
    return max;
  }

  /** Adds p_i and r_i of annotated row r, given its logits. */
  #tell(r: number, max: number, expected: Float64Array, told: Float64Array): void {
    const K = this.#classes;
    const u = this.#logits;
    const start = this.#answers.place[this.rows[r]!]! * K;
    const { likelihood } = this.#answers;
    let all = 0;
    let explained = 0;
    for (let k = 0; k < K; k++) {
      const below = u[k]! - max;
      const p = below < NEGLIGIBLE ? 0 : expOfNegative(below);
      u[k] = p;
      all += p;
      explained += p * likelihood[start + k]!;
    }
    // Answers that all likely classes rule out say nothing.
    if (!(explained > 0)) return;
    for (let k = 0; k < K; k++) {
      expected[k]! += u[k]! / all;
      told[k]! += (u[k]! * likelihood[start + k]!) / explained;
    }
  }

  /** What row r adds, given its logits. */
  #score(r: number, max: number): number {
    const K = this.#classes;
    const u = this.#logits;
    let all = 0;
    if (r >= this.asked) {
      const y = this.#gold.classOf[r - this.asked]!;
      for (let k = 0; k < K; k++) {
        const below = u[k]! - max;
        if (below >= NEGLIGIBLE) all += expOfNegative(below);
      }
      return this.#gold.testWeight[y]! * (u[y]! - max - Math.log(all));
    }
    const start = this.#answers.place[this.rows[r]!]! * K;
    const { likelihood } = this.#answers;
    let explained = 0;
    for (let k = 0; k < K; k++) {
      const below = u[k]! - max;
      if (below < NEGLIGIBLE) continue;
      const p = expOfNegative(below);
      all += p;
      explained += p * likelihood[start + k]!;
    }
    return this.#scale * Math.log(explained / all + TINY);
  }

  /**
   * The lapse: with probability e the learner errs outright. The e of the grid with the greatest
   *
   *     -(ln(e / 0.01))²/2 + |A|/|A'| Σ_{i in A'} ln Σ_k ((1 - e) p_i(k) + e/K) E_i(k);      the lowest wins a tie
   *
   * Two answers that contradict a wrong but certain learner can then overturn it.
   * @param probability p, N×K.
   */
  lapse(probability: Float32Array): number {
    const K = this.#classes;
    const fit = Float64Array.from(LAPSES, (e) => -0.5 * Math.log(e / EXPECTED_LAPSE) ** 2);
    for (let r = 0; r < this.asked; r++) {
      const i = this.rows[r]!;
      const start = this.#answers.place[i]! * K;
      let explained = 0;
      let flat = 0;
      for (let k = 0; k < K; k++) {
        const likelihood = this.#answers.likelihood[start + k]!;
        explained += probability[i * K + k]! * likelihood;
        flat += likelihood / K;
      }
      for (const [g, e] of LAPSES.entries()) fit[g]! += this.#scale * Math.log((1 - e) * explained + e * flat + TINY);
    }
    let best = 0;
    for (let g = 1; g < fit.length; g++) if (fit[g]! > fit[best]!) best = g;
    return LAPSES[best]!;
  }
}
