import type { NeighbourGraph } from './feature-space.js';
import type { Gold } from './gold.js';

/** Weight of an item without annotations in its neighbours' vote. */
const UNLABELLED = 0.1;
/** Examples, spread evenly over the classes, that every row has beside its neighbours. */
const EVEN_EXAMPLES = 0.5;

/** What a row's neighbours say of it. */
export interface Neighbourhood {
  readonly graph: NeighbourGraph;
  readonly gold: Gold;
  /** R of the items, N×K. */
  readonly beliefs: Float32Array;
  /** Is the item annotated? Its place among the annotated items, or -1. */
  readonly place: Int32Array;
}

/**
 * A vote of the nearest rows, in which a row has no voice of its own:
 *
 *     F_ik = ln((Σ_j w_ij v_j R_jk + 0.5/K) / (Σ_j w_ij v_j + 0.5))
 *
 * v_j = 1 for an annotated item, 0.1 for another one, the gold's weight for a prototype. Written less its maximum, which
 * the softmax after it does not see.
 */
export function neighbourLogits(
  i: number,
  { graph, gold, beliefs, place }: Neighbourhood,
  out: Float32Array | Float64Array,
  start: number,
): void {
  const K = gold.perClass.length;
  const N = place.length;
  const { degree, index, weight } = graph;
  for (let k = 0; k < K; k++) out[start + k] = EVEN_EXAMPLES / K;
  for (let x = i * degree; x < (i + 1) * degree; x++) {
    const j = index[x]!;
    if (j >= N) {
      const k = gold.classOf[j - N]!;
      out[start + k]! += weight[x]! * gold.weight[k]!;
      continue;
    }
    const vote = place[j]! >= 0 ? weight[x]! : UNLABELLED * weight[x]!;
    for (let k = 0; k < K; k++) out[start + k]! += vote * beliefs[j * K + k]!;
  }
  let max = 0;
  for (let k = 0; k < K; k++) if (out[start + k]! > max) max = out[start + k]!;
  for (let k = 0; k < K; k++) out[start + k] = Math.log(out[start + k]! / max);
}
