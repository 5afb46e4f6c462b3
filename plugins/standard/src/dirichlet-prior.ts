import { diagonalMeans } from '@quorate/core/numbers';

/** The seven priors of [Liao21], in the spelling of its program. */
export const priorTypes = [
  'predefined_homegeneous',
  'homegeneous_workers',
  'homegeneous_workers_diagonal_perfect',
  'homegeneous_workers_perfect',
  'heterogeneous_workers',
  'heterogeneous_workers_diagonal_perfect',
  'heterogeneous_workers_perfect',
] as const;
export type PriorType = (typeof priorTypes)[number];

/** The same in the usual spelling. */
export const priorAliases = [
  'predefined_homogeneous',
  'homogeneous_workers',
  'homogeneous_workers_diagonal_perfect',
  'homogeneous_workers_perfect',
] as const;

export function priorTypeOf(name: PriorType | (typeof priorAliases)[number]): PriorType {
  return name.replace('homogeneous', 'homegeneous') as PriorType;
}

/** Pseudo-counts that need no knowledge: `positive` on the diagonal, `negative / K` off it. K×K `[true][observed]`. */
export function predefinedCounts(classes: number, positive: number, negative: number): Float64Array {
  return constantCounts(classes, positive, negative / classes);
}

/**
 * Pseudo-counts out of answers: counts of earlier workers (homogeneous types) or a worker's own confusion matrix
 * (heterogeneous types).
 *
 * - plain: the mean of the diagonal on the diagonal, the rest of a mean row spread evenly off it; of counts, only the
 *   `named` classes count, since the row of the distractors' class holds every class that the run is not about
 * - `_diagonal_perfect`: the diagonal itself; the rest of each row spread evenly
 * - `_perfect`: the matrix itself
 *
 * @param source K×K `[true][observed]`, entries >= 0.
 * @param named How many classes, the first ones, the plain types average; K without distractors.
 * @returns K×K `[true][observed]`, not yet multiplied by the strength.
 */
export function countsFrom(type: PriorType, source: Float64Array, classes: number, named = classes): Float64Array {
  const K = classes;
  if (type.endsWith('_diagonal_perfect')) {
    const counts = new Float64Array(K * K);
    for (let k = 0; k < K; k++) {
      const diagonal = source[k * K + k]!;
      let row = 0;
      for (let z = 0; z < K; z++) row += source[k * K + z]!;
      counts.fill((row - diagonal) / (K - 1), k * K, (k + 1) * K);
      counts[k * K + k] = diagonal;
    }
    return counts;
  }
  if (type.endsWith('_perfect')) return source.slice();
  const among = Float64Array.from({ length: named ** 2 }, (_, x) => source[Math.floor(x / named) * K + (x % named)]!);
  const { diagonal, off } = diagonalMeans(among, named);
  return constantCounts(K, diagonal, (off * (named - 1)) / Math.max(1, K - 1));
}

function constantCounts(K: number, diagonal: number, off: number): Float64Array {
  const counts = new Float64Array(K * K).fill(off);
  for (let k = 0; k < K; k++) counts[k * K + k] = diagonal;
  return counts;
}
