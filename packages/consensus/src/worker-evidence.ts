import { visitPeers, type PeerModel } from './peers.js';

/** What the answers of all workers say about them, before any judgement. Arrays of length W unless said otherwise. */
export interface WorkerEvidence {
  /** Answers that could be compared with what others say. */
  readonly compared: Int32Array;
  /** Expected number of them that are right, Σ_a y_{i,-j}(z_a). */
  readonly right: Float64Array;
  /** Share that would be right if they gave the same classes as often, but to any of their tasks: Σ_z f_j(z) m_j(z). */
  readonly chance: Float64Array;
  /** The class that they name most (lowest of equals), how often, and the share of their compared tasks that have it. */
  readonly favourite: Int32Array;
  readonly favoured: Int32Array;
  readonly favouriteTrue: Float64Array;
  /** W×K: probability that they name class z where it is not true. */
  readonly wrongly: Float32Array;
  /** The commonest mistake, or null. */
  readonly worst: readonly (Confusion | null)[];
  /** Share of each class among all compared answers, length K. */
  readonly named: Float64Array;
}

/** They say `to` for this share of the tasks that are `from`: about `count` times. */
export interface Confusion {
  readonly from: number;
  readonly to: number;
  readonly share: number;
  readonly count: number;
}

/** Expected number of times that j names z where k is true, by (j K + k) K + z. */
type Mistakes = Map<number, number> | Float64Array;

/** Less than this of a task's probability is no evidence that its class was confused with another. */
const NEGLIGIBLE = 0.01;

/** One pass over all answers, O(M·K + W·K). */
export function gatherEvidence(model: PeerModel): WorkerEvidence {
  const { workers: W, classes: K, count, worker, label } = model.annotations;
  const compared = new Int32Array(W);
  const right = new Float64Array(W);
  const said = new Int32Array(W * K);
  const truly = new Float64Array(W * K);
  const saidWrongly = new Float64Array(W * K);
  // As an array where that is not larger than the answers: five times as fast.
  const mistakes: Mistakes = W * K * K <= 4 * count ? new Float64Array(W * K * K) : new Map<number, number>();
  visitPeers(model, (a, y) => {
    const z = label[a]!;
    const row = worker[a]! * K;
    compared[worker[a]!]!++;
    right[worker[a]!]! += y[z]!;
    said[row + z]!++;
    saidWrongly[row + z]! += 1 - y[z]!;
    for (let k = 0; k < K; k++) {
      const weight = y[k]!;
      truly[row + k]! += weight;
      if (weight < NEGLIGIBLE || k === z) continue;
      const key = (row + k) * K + z;
      if (mistakes instanceof Map) mistakes.set(key, (mistakes.get(key) ?? 0) + weight);
      else mistakes[key]! += weight;
    }
  });
  const chance = new Float64Array(W);
  const favourite = new Int32Array(W);
  const favoured = new Int32Array(W);
  const favouriteTrue = new Float64Array(W);
  const wrongly = new Float32Array(W * K);
  const named = new Float64Array(K);
  for (let j = 0; j < W; j++) {
    const n = compared[j]!;
    if (n === 0) continue;
    right[j] = Math.min(n, right[j]!);
    for (let z = 0; z < K; z++) {
      const x = j * K + z;
      chance[j]! += (said[x]! / n) * (truly[x]! / n);
      if (said[x]! > said[j * K + favourite[j]!]!) favourite[j] = z;
      const otherwise = n - truly[x]!;
      wrongly[x] = otherwise > 1e-9 ? Math.min(1, saidWrongly[x]! / otherwise) : 0;
      named[z]! += said[x]!;
    }
    favoured[j] = said[j * K + favourite[j]!]!;
    favouriteTrue[j] = truly[j * K + favourite[j]!]! / n;
  }
  const total = named.reduce((sum, n) => sum + n, 0);
  if (total > 0) for (let z = 0; z < K; z++) named[z]! /= total;
  const worst = worstOf(mistakes, truly, W, K);
  return { compared, right, chance, favourite, favoured, favouriteTrue, wrongly, worst, named };
}

/** The mistake that each worker made most often, by expected number; the lowest classes of equals. */
function worstOf(mistakes: Mistakes, truly: Float64Array, W: number, K: number): (Confusion | null)[] {
  const best = new Float64Array(W).fill(-1);
  const most = new Float64Array(W);
  for (const [key, count] of mistakes.entries()) {
    const j = Math.floor(key / (K * K));
    if (count > most[j]! || (count === most[j] && key < best[j]!)) [best[j], most[j]] = [key, count];
  }
  return Array.from({ length: W }, (_, j) => {
    // Less than half a mistake is none that could be named.
    if (most[j]! < 0.5) return null;
    const row = Math.floor(best[j]! / K);
    return { from: row % K, to: best[j]! % K, share: Math.min(1, most[j]! / truly[row]!), count: most[j]! };
  });
}
