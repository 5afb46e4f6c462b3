import type { NeighbourGraph } from './feature-space.js';
import type { Gold } from './gold.js';

/** Weight of an item without annotations in its neighbours' vote. */
const UNLABELLED = 0.1;
/** Examples, spread evenly over the classes, that every row has beside its neighbours. */
const EVEN_EXAMPLES = 0.5;
/** Beliefs below this are no votes: far below what the even examples hold of each class. */
const LEAST_BELIEF = 1e-5;

/** v_j R_jk of every row that is not next to nothing: row j has the entries start[j]..start[j + 1] - 1. */
export interface Votes {
  readonly classes: number;
  readonly start: Int32Array;
  readonly classOf: Uint32Array;
  readonly weight: Float32Array;
}

/**
 * What the rows have to say: v_j = 1 for an annotated item, 0.1 for another one, the gold's weight for a prototype.
 * @param beliefs R of the items, N×K. @param place Place of each item among the annotated ones, or -1.
 */
export function votesOf(beliefs: Float32Array, place: Int32Array, gold: Gold): Votes {
  const K = gold.perClass.length;
  const N = place.length;
  const P = gold.classOf.length;
  let count = P;
  for (let x = 0; x < beliefs.length; x++) if (beliefs[x]! >= LEAST_BELIEF) count++;
  const start = new Int32Array(N + P + 1);
  const classOf = new Uint32Array(count);
  const weight = new Float32Array(count);
  let entry = 0;
  for (let j = 0; j < N; j++) {
    const v = place[j]! >= 0 ? 1 : UNLABELLED;
    for (let k = 0; k < K; k++) {
      const belief = beliefs[j * K + k]!;
      if (belief < LEAST_BELIEF) continue;
      classOf[entry] = k;
      weight[entry++] = v * belief;
    }
    start[j + 1] = entry;
  }
  for (let p = 0; p < P; p++) {
    const k = gold.classOf[p]!;
    classOf[entry] = k;
    weight[entry++] = gold.weight[k]!;
    start[N + p + 1] = entry;
  }
  return { classes: K, start, classOf, weight };
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
  const { classes: K, start, classOf, weight: strength } = votes;
  for (let k = 0; k < K; k++) out[at + k] = EVEN_EXAMPLES / K;
  for (let x = i * degree; x < (i + 1) * degree; x++) {
    const w = weight[x]!;
    const j = index[x]!;
    const end = start[j + 1]!;
    for (let e = start[j]!; e < end; e++) out[at + classOf[e]!]! += w * strength[e]!;
  }
  let max = 0;
  for (let k = 0; k < K; k++) if (out[at + k]! > max) max = out[at + k]!;
  for (let k = 0; k < K; k++) out[at + k]! /= max;
}
