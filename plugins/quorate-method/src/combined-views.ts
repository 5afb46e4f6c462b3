import type { AnswerLikelihood } from './answer-likelihood.js';
import type { Evidence } from './evidence.js';
import { expOfNegative } from './exponential.js';
import type { FeatureSpace, NeighbourGraph } from './feature-space.js';
import type { Gold } from './gold.js';
import { countVotes, votesOf, type Votes } from './neighbour-view.js';
import { stack, trustIn, type Weighed } from './view-weights.js';

/** exp of less than this is 0 here: far below what is added to every probability later. */
const NEGLIGIBLE = -30;

/** What came of a candidate. */
export interface Fit {
  /** Logits of all rows, n×K. */
  readonly view: Float32Array;
  logShares: Float64Array;
  weighed: Weighed;
}

/** What the views are of. */
interface Stacked {
  readonly space: FeatureSpace;
  readonly gold: Gold;
  readonly answers: AnswerLikelihood;
}

/**
 * Adds the neighbours' view and the lapse to the best candidate, as far as the features are believed (`trustIn`); for the
 * rest every item has the shares of the classes among the answers.
 * @param beliefs Scratch, N×K, overwritten. @returns p, N×K.
 */
export function combineViews(
  { space, gold, answers }: Stacked,
  best: Fit,
  evidence: Evidence,
  beliefs: Float32Array,
): Float32Array {
  const { classes: K, place } = answers;
  const N = place.length;
  const { view, logShares } = best;
  softmaxRows(best, beliefs);
  answers.believe(beliefs);
  const votes = votesOf(beliefs, place, gold);
  const views = [rowsOf(view, evidence.rows, K)];
  if (space.graph) views.push(logVotes(evidence.rows, space.graph, votes));
  const start = views.map((_, v) => (v === 0 ? best.weighed.weights[0]! : 0));
  const stacked = stack(evidence, views, logShares, start);
  const judged = answers.count + gold.classOf.reduce((sum, k) => sum + gold.testWeight[k]!, 0);
  const probability = new Float32Array(N * K);
  const { trust, shares } = trustIn(stacked, evidence, views, judged);
  if (trust === 0) return fillRows(probability, shares);
  const [own, others = 0] = stacked.weights as [number, number?];
  if (space.graph && others > 0) {
    const logits = new Float64Array(K);
    const voted = new Float64Array(K);
    for (let i = 0; i < N; i++) {
      countVotes(i, space.graph, votes, voted, 0);
      const start = i * K;
      let max = -Infinity;
      for (let k = 0; k < K; k++) {
        const rest = own * view[start + k]! + logShares[k]!;
        // The logarithm of a vote is <= 0: where the rest is too low, so is the sum.
        logits[k] = rest < max + NEGLIGIBLE ? -Infinity : rest + others * Math.log(voted[k]!);
        if (logits[k]! > max) max = logits[k]!;
      }
      exponentials(logits, max, probability, start);
    }
  } else softmaxRows({ view, logShares, weighed: { ...best.weighed, weights: [own] } }, probability);
  const lapse = evidence.lapse(probability);
  const flat = shares.map((share) => (trust * lapse) / K + (1 - trust) * share);
  const kept = trust * (1 - lapse);
  for (let i = 0, x = 0; i < N; i++)
    for (let k = 0; k < K; k++, x++) probability[x] = kept * probability[x]! + flat[k]!;
  return probability;
}

/** Every row becomes the given one. */
function fillRows(matrix: Float32Array, row: Float64Array): Float32Array {
  for (let start = 0; start < matrix.length; start += row.length) matrix.set(row, start);
  return matrix;
}

/** F of the given rows. */
function logVotes(rows: Int32Array, graph: NeighbourGraph, votes: Votes): Float32Array {
  const out = new Float32Array(rows.length * votes.classes);
  rows.forEach((i, r) => countVotes(i, graph, votes, out, r * votes.classes));
  for (let x = 0; x < out.length; x++) out[x] = Math.log(out[x]!);
  return out;
}

/** The given rows of an n×K matrix. */
export function rowsOf(matrix: Float32Array, rows: Int32Array, K: number): Float32Array {
  const out = new Float32Array(rows.length * K);
  rows.forEach((i, r) => out.set(matrix.subarray(i * K, (i + 1) * K), r * K));
  return out;
}

/** out_i = softmax(b · view_i + ln π) for as many rows as `out` has. */
export function softmaxRows({ view, logShares, weighed }: Fit, out: Float32Array): void {
  const weight = weighed.weights[0]!;
  const K = logShares.length;
  const logits = new Float64Array(K);
  for (let start = 0; start < out.length; start += K) {
    let max = -Infinity;
    for (let k = 0; k < K; k++) {
      const logit = weight * view[start + k]! + logShares[k]!;
      logits[k] = logit;
      if (logit > max) max = logit;
    }
    exponentials(logits, max, out, start);
  }
}

/** Writes softmax(logits) to `out` from `start` on. */
function exponentials(logits: Float64Array, max: number, out: Float32Array, start: number): void {
  const K = logits.length;
  let sum = 0;
  for (let k = 0; k < K; k++) {
    const below = logits[k]! - max;
    const e = below < NEGLIGIBLE ? 0 : expOfNegative(below);
    logits[k] = e;
    sum += e;
  }
  const scale = 1 / sum;
  for (let k = 0; k < K; k++) out[start + k] = logits[k]! * scale;
}
