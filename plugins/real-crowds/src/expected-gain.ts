import type { CrowdColumns, Urn } from '@quorate/core/numbers';

/** So many of the most probable classes of an item are considered as its class, and as what the answers may name. */
const TOP = 6;

/**
 * By how much each of the next answers is expected to raise the probability that an item's best label is right, where the
 * answers to one item are draws from an urn: the more of them agree, the less another one says.
 *
 *     P(z | k, X_i) = (X_iz + κ C_kz) / (n_i + κ)
 *     gain_1 = Σ_z max_k q(k) P(z | k) - max_k q(k)
 *     gain_2 = Σ_z Σ_z' max_k q(k) P(z | k) P(z' | k, z) - max_k q(k)
 *     gain   = max(gain_1, gain_2 / 2)
 *
 * over the 6 most probable classes. Two answers together may be worth something where one alone could not outweigh what is
 * there.
 *
 * @param posterior q, N×K. @returns Length N, in 0..1.
 */
export function expectedGain(
  { classes: K, start, label }: CrowdColumns,
  { confusion, dependence }: Urn,
  posterior: Float64Array,
  items: number,
): Float64Array {
  const gain = new Float64Array(items);
  const counts = new Float64Array(K);
  const kappa = Math.min(dependence, 1e9);
  const size = Math.min(TOP, K);
  const classes = new Int32Array(size);
  for (let i = 0; i < items; i++) {
    const q = posterior.subarray(i * K, (i + 1) * K);
    counts.fill(0);
    for (let a = start[i]!; a < start[i + 1]!; a++) counts[label[a]!]!++;
    const n = start[i + 1]! - start[i]!;
    mostProbable(q, classes);
    const best = classes[0]!;
    let one = 0;
    let two = 0;
    for (const z of classes) {
      const first = (k: number): number => (counts[z]! + kappa * confusion[k * K + z]!) / (n + kappa);
      let reached = q[best]! * first(best);
      const stays = reached;
      for (const k of classes) reached = Math.max(reached, q[k]! * first(k));
      one += reached - stays;
      for (const next of classes) {
        const second = (k: number): number =>
          first(k) * ((counts[next]! + (next === z ? 1 : 0) + kappa * confusion[k * K + next]!) / (n + 1 + kappa));
        const kept = q[best]! * second(best);
        let most = kept;
        for (const k of classes) most = Math.max(most, q[k]! * second(k));
        two += most - kept;
      }
    }
    gain[i] = Math.min(1, Math.max(one, two / 2));
  }
  return gain;
}

/** Fills `out` with the most probable classes, the lowest of equals first. */
function mostProbable(q: Float64Array, out: Int32Array): void {
  let filled = 0;
  for (let k = 0; k < q.length; k++) {
    let place = filled;
    while (place > 0 && q[k]! > q[out[place - 1]!]!) place--;
    if (place === out.length) continue;
    if (filled < out.length) filled++;
    out.copyWithin(place + 1, place, filled - 1);
    out[place] = k;
  }
}
