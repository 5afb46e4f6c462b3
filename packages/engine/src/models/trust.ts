import type { FamilyAnswers } from './family-answers.js';

/** Before anything is known a family is right with probability ρ0, as if n0 answers had shown it. */
const FIRST_SKILL = 0.6;
const FIRST_SKILL_ANSWERS = 10;
/** s, pseudo-answers on each row of the confusion matrix. */
const STRENGTHS = [3, 12, 48];
/** w, how far a family is believed, and what a weight is expected to be: its prior, in nats. */
const WEIGHTS = [0, 0.25, 0.5, 0.75, 1];
const WEIGHT_DEVIATION = 0.5;
const FOLDS = 5;
const ITERATIONS = 12;
const TINY = 1e-300;

/** Items that people have answered about, and a family too: what a family is judged by. */
export interface Judged {
  /** Item of each row. */
  readonly items: Int32Array;
  /** What all but the family say of each row's class, people apart: n×K, rows sum to 1. */
  readonly base: Float64Array;
  /** Likelihood of people's answers to it, n×K, at most 1. */
  readonly likelihood: Float64Array;
}

/** What a family's answers mean, and how far they are believed. */
export interface Reading {
  /** w in 0..1; 0: what it says is worth nothing. */
  readonly weight: number;
  /** C(z | k), laid out [observed][true], columns over z sum to 1. */
  readonly confusion: Float64Array;
}

/** How a family is understood. */
export interface Trust extends Reading {
  /** Without people's answers to the items of each fold: what is used for those. */
  readonly withoutFold: readonly Reading[];
  /** Evidence that people's answers give for the family, in nats, on rows that it was not fitted to. */
  readonly evidence: number;
}

/** The fold of an item: it does not move as answers come in. */
export function foldOf(item: number): number {
  return (Math.imul(item, 0x9e3779b1) >>> 16) % FOLDS;
}

/**
 * How far people's answers support what a family says, and what it means by it. Its answers are one voice with one confusion
 * matrix C, which is counted by EM over the n rows,
 *
 *     r_i(k, z) ∝ base_i(k) E_i(k) c_i(z) C(z | k) / m(z)
 *     C(z | k) = (Σ_i r_i(k, z) + s (ρ [z = k] + (1 - ρ) m(z))) / (Σ_i r_i(k) + s)
 *     ρ = (Σ_ik r_i(k, k) + ρ0 n0) / (n + n0)
 *
 * and with it the voice multiplies what else is known of an item by L_i(k)^w, L_i(k) = Σ_z c_i(z) C(z | k) / m(z). A family that
 * names classes by habit, whatever the truth, has C = m and L = 1: it says nothing. One that swaps two classes is read as
 * it means it. s of 3, 12, 48 and w of 0, 0.25, ..., 1 are those with the greatest
 *
 *     -((1 - w)/0.5)²/2 + Σ_i ln Σ_k E_i(k) base_i(k) L_i(k)^w / Σ_k base_i(k) L_i(k)^w          over the judged rows
 *
 * where L_i is of a matrix fitted without the fold of item i (five folds), so that a matrix of K² numbers gets no credit for
 * fitting noise. For the items of a fold, s and w are chosen without it, too. ρ0 = 0.6, n0 = 10. Only people's answers
 * judge: that models agree with each other proves nothing.
 */
export function trustIn(family: FamilyAnswers, rows: Judged): Trust {
  const folds = Int32Array.from(rows.items, foldOf);
  const tried = STRENGTHS.map((strength) => {
    const withoutFold = Array.from({ length: FOLDS }, (_, f) => fit(family, rows, strength, folds, f));
    return { strength, withoutFold, evidence: evidenceOf(family, rows, folds, withoutFold) };
  });
  /** The best of all that was tried, judged without fold `without` (-1: by all). */
  const choose = (without: number) => {
    let best = { at: tried[0]!, weight: 0, evidence: 0, score: -Infinity };
    for (const at of tried) {
      WEIGHTS.forEach((weight, w) => {
        let evidence = 0;
        for (let f = 0; f < FOLDS; f++) if (f !== without) evidence += at.evidence[f]![w]! - at.evidence[f]![0]!;
        const score = evidence - 0.5 * ((1 - weight) / WEIGHT_DEVIATION) ** 2;
        if (score > best.score) best = { at, weight, evidence, score };
      });
    }
    return best;
  };
  const { at, weight, evidence } = choose(-1);
  const withoutFold = Array.from({ length: FOLDS }, (_, f): Reading => {
    const chosen = choose(f);
    return { weight: chosen.weight, confusion: chosen.at.withoutFold[f]! };
  });
  return { weight, evidence, withoutFold, confusion: fit(family, rows, at.strength, folds, -1) };
}

/** C without the rows of a fold; -1: of all rows. */
function fit(family: FamilyAnswers, rows: Judged, strength: number, folds: Int32Array, without: number): Float64Array {
  const { classes: K, habit } = family;
  let confusion = prior(habit, FIRST_SKILL);
  if (rows.items.length === 0) return confusion;
  const voice = new Float64Array(K);
  const belief = new Float64Array(K);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const count = new Float64Array(K * K);
    let n = 0;
    rows.items.forEach((item, r) => {
      if (folds[r] === without) return;
      voiceOf(family, item, confusion, voice);
      let sum = 0;
      for (let k = 0; k < K; k++) sum += belief[k] = rows.base[r * K + k]! * rows.likelihood[r * K + k]! * voice[k]!;
      if (!(sum > 0)) return;
      n++;
      // r_i(k, z) = r_i(k) c_i(z) C(z | k)/m(z) / L_i(k).
      for (let x = item * family.width; x < (item + 1) * family.width; x++) {
        const share = family.share[x]!;
        if (share === 0) break;
        const row = family.named[x]! * K;
        const scale = share / (sum * habit[family.named[x]!]!);
        for (let k = 0; k < K; k++) count[row + k]! += ((belief[k]! * confusion[row + k]!) / voice[k]!) * scale;
      }
    });
    let right = 0;
    for (let k = 0; k < K; k++) right += count[k * K + k]!;
    const skill = (right + FIRST_SKILL * FIRST_SKILL_ANSWERS) / (n + FIRST_SKILL_ANSWERS);
    confusion = normalised(count, prior(habit, skill), strength, K);
  }
  return confusion;
}

/** ρ [z = k] + (1 - ρ) m(z), laid out [observed][true]. */
function prior(habit: Float64Array, skill: number): Float64Array {
  const K = habit.length;
  const shape = new Float64Array(K * K);
  for (let z = 0; z < K; z++) shape.fill((1 - skill) * habit[z]!, z * K, (z + 1) * K)[z * K + z]! += skill;
  return shape;
}

function normalised(count: Float64Array, shape: Float64Array, strength: number, K: number): Float64Array {
  const total = new Float64Array(K);
  for (let x = 0; x < count.length; x++) total[x % K]! += count[x]!;
  return shape.map((p, x) => (count[x]! + strength * p) / (total[x % K]! + strength));
}

/** Writes L_i(k), length K; ones for an item that the family said nothing of. */
export function voiceOf(family: FamilyAnswers, item: number, confusion: Float64Array, out: Float64Array): void {
  const { classes: K, width, habit } = family;
  if (family.has[item] === 0) {
    out.fill(1);
    return;
  }
  out.fill(0);
  for (let x = item * width; x < (item + 1) * width; x++) {
    const share = family.share[x]!;
    if (share === 0) break;
    const z = family.named[x]!;
    const scale = share / habit[z]!;
    for (let k = 0; k < K; k++) out[k]! += scale * confusion[z * K + k]!;
  }
}

/** Σ_i ln P(people's answers | everything else) by fold and weight, each row with the matrix that did not see its fold. */
function evidenceOf(
  family: FamilyAnswers,
  rows: Judged,
  folds: Int32Array,
  withoutFold: readonly Float64Array[],
): readonly Float64Array[] {
  const K = family.classes;
  const voice = new Float64Array(K);
  const sums = Array.from({ length: FOLDS }, () => new Float64Array(WEIGHTS.length));
  for (let r = 0; r < rows.items.length; r++) {
    const fold = folds[r]!;
    voiceOf(family, rows.items[r]!, withoutFold[fold]!, voice);
    for (let k = 0; k < K; k++) voice[k] = Math.log(voice[k]! + TINY);
    WEIGHTS.forEach((weight, w) => {
      let all = 0;
      let explained = 0;
      for (let k = 0; k < K; k++) {
        const p = rows.base[r * K + k]! * Math.exp(weight * voice[k]!);
        all += p;
        explained += p * rows.likelihood[r * K + k]!;
      }
      sums[fold]![w]! += Math.log((explained + TINY) / (all + TINY));
    });
  }
  return sums;
}
