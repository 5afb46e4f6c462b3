import type { NeighbourGraph } from './feature-space.js';
import type { Gold } from './gold.js';

/** Weight of an item without annotations in its neighbours' vote. */
const UNLABELLED = 0.1;
/** Examples, spread evenly over the classes, that every row has beside its neighbours. */
const EVEN_EXAMPLES = 0.5;
/** Beliefs below this are no votes: far below what the even examples hold of each class. */
const LEAST_BELIEF = 1e-5;
/** A row of which more than one in FEW beliefs count is read whole: that is faster, and takes less memory. */
const FEW = 3;

/**
 * v_j R_jk of every row. Of a row with few beliefs that are not next to nothing they are the entries
 * start[j]..start[j + 1] - 1, of one with many (as items have while little is known) there are none: it is read whole.
 */
export interface Votes {
  readonly classes: number;
  /** R of the items, N×K, without what is next to nothing. */
  readonly beliefs: Float32Array;
  /** v_j of an item that is read whole, else 0; length n. */
  readonly whole: Float32Array;
  readonly start: Int32Array;
  readonly classOf: Uint32Array;
  readonly weight: Float32Array;
}

/**
 * What the rows have to say: v_j = 1 for an annotated item, 0.1 for another one, the gold's weight for a prototype.
 * @param beliefs R of the items, N×K; what is next to nothing becomes 0. @param place Place of each item among the
 * annotated ones, or -1.
 */
export function votesOf(beliefs: Float32Array, place: Int32Array, gold: Gold): Votes {
  const K = gold.perClass.length;
  const N = place.length;
  const P = gold.classOf.length;
  const whole = new Float32Array(N + P);
  const start = new Int32Array(N + P + 1);
  for (let j = 0; j < N; j++) {
    let count = 0;
    for (let x = j * K; x < (j + 1) * K; x++) {
      if (beliefs[x]! >= LEAST_BELIEF) count++;
      else beliefs[x] = 0;
    }
    if (count > K / FEW) whole[j] = place[j]! >= 0 ? 1 : UNLABELLED;
    start[j + 1] = start[j]! + (whole[j]! > 0 ? 0 : count);
  }
  const classOf = new Uint32Array(start[N]! + P);
  const weight = new Float32Array(start[N]! + P);
  for (let j = 0; j < N; j++) {
    if (whole[j]! > 0) continue;
    const v = place[j]! >= 0 ? 1 : UNLABELLED;
    let entry = start[j]!;
    for (let k = 0; k < K; k++) {
      const belief = beliefs[j * K + k]!;
      if (belief === 0) continue;
      classOf[entry] = k;
      weight[entry++] = v * belief;
    }
  }
  for (let p = 0; p < P; p++) {
    const k = gold.classOf[p]!;
    const entry = start[N + p]!;
    classOf[entry] = k;
    weight[entry] = gold.weight[k]!;
    start[N + p + 1] = entry + 1;
  }
  return { classes: K, beliefs, whole, start, classOf, weight };
}

/**
 * A vote of the nearest rows, in which a row has no voice of its own:
 *
 *     exp F_ik = (Σ_j w_ij v_j R_jk + 0.5/K) / (Σ_j w_ij v_j + 0.5)
 *
 * What is written to `out` from `at` on is divided by its greatest value instead, which a softmax of F does not see: all
 * in 0..1, greater than 0.
 */
export function countVotes(
  i: number,
  { degree, index, weight }: NeighbourGraph,
  votes: Votes,
  out: Float32Array | Float64Array,
  at: number,
): void {
  const { classes: K, beliefs, whole, start, classOf, weight: strength } = votes;
  for (let k = 0; k < K; k++) out[at + k] = EVEN_EXAMPLES / K;
  for (let x = i * degree; x < (i + 1) * degree; x++) {
    const w = weight[x]!;
    const j = index[x]!;
    if (whole[j]! > 0) {
      const vote = w * whole[j]!;
      for (let k = 0, b = j * K; k < K; k++, b++) out[at + k]! += vote * beliefs[b]!;
      continue;
    }
    const end = start[j + 1]!;
    for (let e = start[j]!; e < end; e++) out[at + classOf[e]!]! += w * strength[e]!;
  }
  let max = 0;
  for (let k = 0; k < K; k++) if (out[at + k]! > max) max = out[at + k]!;
  for (let k = 0; k < K; k++) out[at + k]! /= max;
}
