import { normalizeRows } from '@quorate/core/numbers';

/** Answer counts of one group of an earlier study: K×K `[true][observed]`, row-major. */
export interface GroupCounts {
  /** Of each worker of the group. */
  readonly workers: readonly Float64Array[];
  /** Summed over the workers. */
  readonly total: Float64Array;
}

/** How much more one worker's own counts weigh than the group's. */
const OWN_WEIGHT = 10;

/**
 * Folds S×S counts onto K classes: study class c becomes class `target[c]`, or is dropped where that is negative.
 * Several study classes may become one (the distractors' class), rows and columns alike.
 */
export function foldCounts(counts: ArrayLike<number>, target: ArrayLike<number>, classes: number): Float64Array {
  const S = target.length;
  const folded = new Float64Array(classes * classes);
  for (let r = 0; r < S; r++) {
    if (target[r]! < 0) continue;
    const row = target[r]! * classes;
    for (let c = 0; c < S; c++) if (target[c]! >= 0) folded[row + target[c]!]! += counts[r * S + c]!;
  }
  return folded;
}

/** Σ over all workers of all groups, K×K `[true][observed]`. */
export function pooledCounts(groups: readonly GroupCounts[], classes: number): Float64Array {
  const pooled = new Float64Array(classes * classes);
  for (const { total } of groups) for (let x = 0; x < pooled.length; x++) pooled[x]! += total[x]!;
  return pooled;
}

/**
 * Confusion matrix of one simulated worker [Liao21], made of one real worker v_g of every group g:
 *
 *     P(z | k) ∝ Σ_g (Σ_v n_v + 10 n_{v_g})(k, z)
 *
 * The counts of all workers are in the sum, so a class that v_g never saw has the pooled row; a class that nobody saw
 * is answered rightly.
 *
 * @param picks v_g of every group. @returns K×K `[true][observed]`, rows sum to 1.
 */
export function structuredConfusion(
  groups: readonly GroupCounts[],
  picks: ArrayLike<number>,
  classes: number,
): Float64Array {
  const confusion = pooledCounts(groups, classes);
  groups.forEach(({ workers }, g) => {
    const own = workers[picks[g]!]!;
    for (let x = 0; x < confusion.length; x++) confusion[x]! += OWN_WEIGHT * own[x]!;
  });
  if (normalizeRows(confusion, classes) > 0) {
    for (let k = 0; k < classes; k++) {
      if (confusion.subarray(k * classes, (k + 1) * classes).every((p) => p === 0)) confusion[k * classes + k] = 1;
    }
  }
  return confusion;
}

/** Keeps the diagonal of a confusion matrix and spreads the errors of every row evenly, in place. K >= 2. */
export function spreadErrors(confusion: Float64Array, classes: number): void {
  for (let k = 0; k < classes; k++) {
    const right = confusion[k * classes + k]!;
    confusion.fill((1 - right) / (classes - 1), k * classes, (k + 1) * classes);
    confusion[k * classes + k] = right;
  }
}

/**
 * Moves a share of every row's mass within the class's own group evenly onto the classes outside it, in place: the
 * workers of the study could name classes of their own group only. Nothing moves where every class is of the group.
 *
 * @param groupOf Group of each class; negative for the distractors' class, which is outside of every group and whose
 * own row stays as it is.
 * @param noise Share that is moved, 0..1.
 */
export function spreadOutside(confusion: Float64Array, groupOf: ArrayLike<number>, noise: number): void {
  const K = groupOf.length;
  for (let k = 0; k < K; k++) {
    const group = groupOf[k]!;
    if (group < 0) continue;
    let inside = 0;
    let outside = 0;
    for (let z = 0; z < K; z++) {
      if (groupOf[z] === group) inside += confusion[k * K + z]!;
      else outside++;
    }
    if (outside === 0) continue;
    for (let z = 0; z < K; z++) {
      if (groupOf[z] === group) confusion[k * K + z]! *= 1 - noise;
      else confusion[k * K + z]! += (noise * inside) / outside;
    }
  }
}
