import type { Annotations } from '@quorate/core';
import type { Peers } from './peers.js';

/** What the answers of all workers say about them, before any judgement. Arrays of length W unless said otherwise. */
export interface WorkerEvidence {
  /** Answers that could be compared with what others say. */
  readonly compared: Int32Array;
  /** Expected number of them that are right, Σ_a y_{i,-j}(z_a). */
  readonly right: Float64Array;
  /** Share that would be right if he gave the same classes as often, but to any of his tasks: Σ_z f_j(z) m_j(z). */
  readonly chance: Float64Array;
  /** The class that he names most (lowest of equals), how often, and the share of his compared tasks that have it. */
  readonly favourite: Int32Array;
  readonly favoured: Int32Array;
  readonly favouriteTrue: Float64Array;
  /** W×K: probability that he names class z where it is not true. */
  readonly wrongly: Float32Array;
  /** The commonest mistake, or null. */
  readonly worst: readonly (Confusion | null)[];
  /** Share of each class among all compared answers, length K. */
  readonly named: Float64Array;
}

/** He says `to` for this share of the tasks that are `from`: about `count` times. */
export interface Confusion {
  readonly from: number;
  readonly to: number;
  readonly share: number;
  readonly count: number;
}

/** Less than this of a task's probability is no evidence that its class was confused with another. */
const NEGLIGIBLE = 0.01;

/** One pass over the answers of every worker, O(M·K + W·K). */
export function gatherEvidence(annotations: Annotations, peers: Peers): WorkerEvidence {
  const { workers: W, classes: K, label } = annotations;
  const compared = new Int32Array(W);
  const right = new Float64Array(W);
  const chance = new Float64Array(W);
  const favourite = new Int32Array(W);
  const favoured = new Int32Array(W);
  const favouriteTrue = new Float64Array(W);
  const wrongly = new Float32Array(W * K);
  const worst: (Confusion | null)[] = [];
  const named = new Float64Array(K);
  const said = new Int32Array(K);
  const truly = new Float64Array(K);
  const saidWrongly = new Float64Array(K);
  for (let j = 0; j < W; j++) {
    said.fill(0);
    truly.fill(0);
    saidWrongly.fill(0);
    const mistakes = new Map<number, number>();
    let [n, sum] = [0, 0];
    peers.visit(j, (a, y) => {
      const z = label[a]!;
      n++;
      sum += y[z]!;
      said[z]!++;
      saidWrongly[z]! += 1 - y[z]!;
      for (let k = 0; k < K; k++) {
        const weight = y[k]!;
        truly[k]! += weight;
        if (weight < NEGLIGIBLE || k === z) continue;
        mistakes.set(k * K + z, (mistakes.get(k * K + z) ?? 0) + weight);
      }
    });
    compared[j] = n;
    right[j] = Math.min(n, sum);
    for (let z = 0; z < K; z++) {
      if (n > 0) chance[j]! += (said[z]! / n) * (truly[z]! / n);
      if (said[z]! > said[favourite[j]!]!) favourite[j] = z;
      const false_ = n - truly[z]!;
      wrongly[j * K + z] = false_ > 1e-9 ? Math.min(1, saidWrongly[z]! / false_) : 0;
      named[z]! += said[z]!;
    }
    favoured[j] = said[favourite[j]!]!;
    favouriteTrue[j] = n > 0 ? truly[favourite[j]!]! / n : 0;
    worst.push(worstOf(mistakes, truly));
  }
  const total = named.reduce((sum, n) => sum + n, 0);
  if (total > 0) for (let z = 0; z < K; z++) named[z]! /= total;
  return { compared, right, chance, favourite, favoured, favouriteTrue, wrongly, worst, named };
}

/** The mistake that was made most often, by expected number; the lowest classes of equals. */
function worstOf(mistakes: ReadonlyMap<number, number>, truly: Float64Array): Confusion | null {
  const K = truly.length;
  let best = -1;
  let most = 0;
  for (const [key, count] of mistakes) {
    if (count > most || (count === most && key < best)) [best, most] = [key, count];
  }
  // Less than half a mistake is none that could be named.
  if (most < 0.5) return null;
  const from = Math.floor(best / K);
  return { from, to: best % K, share: Math.min(1, most / truly[from]!), count: most };
}
