import type { Consensus } from './consensus.js';
import { visitPeers, type PeerModel } from './peers.js';

/** A consensus as far as it says what the others think: by its aggregator's model. */
export function peerModelOf({ answers, inferred, gold }: Consensus): PeerModel {
  return {
    annotations: answers.index,
    confusions: inferred?.confusions ?? null,
    classPrior: inferred?.classPrior ?? null,
    gold,
  };
}

/**
 * How workers name tasks, counted: entry [k][z] of a K×K row-major matrix is the expected number of compared answers z to
 * tasks of class k, Σ_a y_{i,-j}(k) [z_a = z]. @returns The matrix of all workers, then one of each of `chosen`.
 */
export function confusionCounts(consensus: Consensus, chosen: readonly number[]): readonly Float64Array[] {
  const { workers: W, classes: K, label, worker } = consensus.answers.index;
  const all = new Float64Array(K * K);
  const own = chosen.map(() => new Float64Array(K * K));
  const placeOf = new Int32Array(W).fill(-1);
  chosen.forEach((j, n) => (placeOf[j] = n));
  visitPeers(peerModelOf(consensus), (a, y) => {
    const z = label[a]!;
    for (let k = 0; k < K; k++) all[k * K + z]! += y[k]!;
    const counts = own[placeOf[worker[a]!]!];
    if (counts) for (let k = 0; k < K; k++) counts[k * K + z]! += y[k]!;
  });
  return [all, ...own];
}
