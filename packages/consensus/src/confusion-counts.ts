import type { Consensus } from './consensus.js';
import { Peers } from './peers.js';

/** The peers of a consensus: what the others say of each task, by its aggregator's model. */
export function peersOf({ answers, inferred, gold }: Consensus): Peers {
  return new Peers({
    annotations: answers.index,
    confusions: inferred?.confusions ?? null,
    classPrior: inferred?.classPrior ?? null,
    gold,
  });
}

/**
 * How workers name tasks, counted: entry [k][z] of a K×K row-major matrix is the expected number of compared answers z to
 * tasks of class k, Σ_a y_{i,-j}(k) [z_a = z]. One matrix for each of `groups`, over all workers of the group.
 */
export function confusionCounts(
  { answers }: Consensus,
  peers: Peers,
  groups: readonly (readonly number[])[],
): readonly Float64Array[] {
  const { classes: K, label } = answers.index;
  return groups.map((workers) => {
    const counts = new Float64Array(K * K);
    for (const j of workers) {
      peers.visit(j, (a, y) => {
        for (let k = 0; k < K; k++) counts[k * K + label[a]!]! += y[k]!;
      });
    }
    return counts;
  });
}
