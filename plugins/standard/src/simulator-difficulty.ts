import { QuorateError, type Dataset, type Rng } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';

/** How workers err on hard items, beyond their confusion matrices. */
export const difficulties = ['flat', 'fixed', 'features'] as const;

export interface ItemDifficulty {
  /** Share of the items that is hard, 0..1. */
  readonly share: number;
  /**
   * `flat`: any class at random. `fixed`: one wrong class of the item, the same for all workers, drawn as the workers
   * confuse its class. `features`: the same, but hard are the items that look most like another class, and that is
   * what they are taken for: workers and features fail together.
   */
  readonly kind: (typeof difficulties)[number];
}

/**
 * What a worker who fails on an item says of it: a class, K for any class at random, or -1 where the item is not hard.
 *
 * @param counts K×K `[true][observed]`, how the workers confuse classes.
 * @returns Length N.
 */
export function hardItems(
  { share, kind }: ItemDifficulty,
  dataset: Dataset,
  { classOf }: Truth,
  counts: Float64Array,
  rng: Rng,
): Int32Array {
  const N = classOf.length;
  const K = dataset.classes.length;
  const hard = Math.round(share * N);
  const named = new Int32Array(N).fill(-1);
  if (kind === 'features') {
    const { margin, other } = nearestOther(dataset, classOf);
    const order = Array.from(classOf.keys()).sort((a, b) => margin[a]! - margin[b]! || a - b);
    for (const i of order.slice(0, hard)) named[i] = other[i]!;
    return named;
  }
  for (const i of rng.choose(N, hard)) {
    const k = classOf[i]!;
    const errors = counts.slice(k * K, (k + 1) * K);
    errors[k] = 0;
    // Workers who never err confuse nothing with k: then any other class.
    if (errors.every((count) => count === 0)) errors.fill(1).fill(0, k, k + 1);
    named[i] = kind === 'flat' ? K : rng.categorical(errors);
  }
  return named;
}

/**
 * The class whose mean is nearest to each item, its own left out, and by how much that mean is farther than its own:
 *
 *     margin_i = min_{z≠y} |x_i - m_z|² - |x_i - m_y|²,      m_k the mean of the items of class k
 */
function nearestOther(
  { classes, features }: Dataset,
  classOf: Int32Array,
): { margin: Float64Array; other: Int32Array } {
  if (!features) {
    throw new QuorateError('CONFIG_INVALID', {
      where: 'workers.hardItemKind=features',
      expected: 'a dataset with features, which say what an item looks like',
      got: 'one without',
      fix: 'Use hardItemKind=fixed or flat.',
    });
  }
  const { data, columns: D } = features;
  const K = classes.length;
  const size = new Int32Array(K);
  for (const k of classOf) size[k]!++;
  const means = new Float64Array(K * D);
  classOf.forEach((k, i) => {
    for (let d = 0; d < D; d++) means[k * D + d]! += data[i * D + d]! / size[k]!;
  });
  const margin = new Float64Array(classOf.length);
  const other = new Int32Array(classOf.length);
  for (let i = 0; i < classOf.length; i++) {
    const own = classOf[i]!;
    let [least, mine] = [Infinity, 0];
    // A class without items has no mean; where there is only one class with items, the next one is named.
    other[i] = (own + 1) % K;
    for (let k = 0; k < K; k++) {
      if (size[k] === 0) continue;
      let squared = 0;
      for (let d = 0; d < D; d++) squared += (data[i * D + d]! - means[k * D + d]!) ** 2;
      if (k === own) mine = squared;
      else if (squared < least) [least, other[i]] = [squared, k];
    }
    margin[i] = least - mine;
  }
  return { margin, other };
}
