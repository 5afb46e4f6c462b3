import type { Rng } from '@quorate/core';

export interface GaussianClasses {
  /** K. */
  readonly classes: number;
  /** D. */
  readonly columns: number;
  /** Expected distance between two classes of one group, in standard deviations within a class; >= 0. */
  readonly separation: number;
  /** Number of groups; class k is in group floor(k·groups/K). */
  readonly groups: number;
}

/** Classes of different groups are so many times as far apart as classes of one group, on average. */
const GROUP_DISTANCE = 2;

/**
 * Means of classes that come in groups: m_k = c_g(k) + o_k, with normal c and o, of such spread that two classes of one
 * group are `separation` apart (root mean square) and two of different groups twice as far.
 *
 * @returns K×D row-major, in units of the standard deviation within a class, averaged over columns.
 */
export function groupedMeans({ classes, columns, separation, groups }: GaussianClasses, rng: Rng): Float64Array {
  // The squared distance of two vectors of D independent normals of variance s² is 2·D·s² on average.
  const offset = separation / Math.sqrt(2 * columns);
  const centre = offset * Math.sqrt(GROUP_DISTANCE ** 2 - 1);
  const centres = Float64Array.from({ length: groups * columns }, () => centre * rng.normal());
  return Float64Array.from({ length: classes * columns }, (_, x) => {
    const group = Math.floor((Math.floor(x / columns) * groups) / classes);
    return centres[group * columns + (x % columns)]! + offset * rng.normal();
  });
}

/**
 * Standard deviations within a class, the same for all classes: column d has variance proportional to 1/(d+1), and the
 * variances have mean 1. So a few columns hold most of the noise, as in learned features.
 */
export function decayingDeviations(columns: number): Float64Array {
  let harmonic = 0;
  for (let d = 1; d <= columns; d++) harmonic += 1 / d;
  return Float64Array.from({ length: columns }, (_, d) => Math.sqrt(columns / (harmonic * (d + 1))));
}

/**
 * Draws x_i ~ N(m_k(i), diag(deviations²)).
 * @param means K×D row-major. @param classOf Class of each row. @returns rows×D row-major.
 */
export function gaussianRows(
  means: Float64Array,
  deviations: Float64Array,
  classOf: Int32Array,
  rng: Rng,
): Float32Array {
  const columns = deviations.length;
  const rows = new Float32Array(classOf.length * columns);
  for (let i = 0; i < classOf.length; i++) {
    const mean = classOf[i]! * columns;
    for (let d = 0; d < columns; d++) rows[i * columns + d] = means[mean + d]! + deviations[d]! * rng.normal();
  }
  return rows;
}
