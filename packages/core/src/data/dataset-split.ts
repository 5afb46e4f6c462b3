import type { Rng } from '../numbers/random.js';

export interface SplitRequest {
  /** Class of every row of the source, 0..K-1, or -1 for a row of none of the K classes. */
  readonly classOf: ArrayLike<number>;
  /** K, without the distractors' class. */
  readonly classes: number;
  /** At most so many items of each class, or of class k; Infinity for all. */
  readonly itemsPerClass: number | readonly number[];
  /** Prototypes of each class, drawn before the items. */
  readonly prototypesPerClass: number;
  /**
   * K times as many rows of no class become items of one more class, and as many again as this number prototypes of it.
   * 0 for no distractors.
   */
  readonly distractorsPerClass: number;
}

export interface Split {
  /** Source rows of the N items, class by class; distractors last. */
  readonly items: Int32Array;
  /** Source rows of the P prototypes, class by class. */
  readonly prototypes: Int32Array;
  /** Truth: class of each item, K for a distractor. */
  readonly itemClass: Int32Array;
  readonly prototypeClass: Int32Array;
}

/**
 * Draws prototypes and items as the published experiments do [Liao21]: per class in order, `prototypesPerClass` rows,
 * then from the rest `itemsPerClass`; then distractors from the rows of no class. Fewer where fewer exist.
 */
export function splitDataset(request: SplitRequest, rng: Rng): Split {
  const { classes: K, itemsPerClass, prototypesPerClass, distractorsPerClass } = request;
  const rowsOf: number[][] = Array.from({ length: K + 1 }, () => []);
  for (let row = 0; row < request.classOf.length; row++) {
    const k = request.classOf[row]!;
    rowsOf[k >= 0 ? k : K]!.push(row);
  }
  const items: number[] = [];
  const itemClass: number[] = [];
  const prototypes: number[] = [];
  const prototypeClass: number[] = [];
  const take = (k: number, nPrototypes: number, nItems: number): void => {
    const rows = rowsOf[k]!;
    const order = rng.permutation(rows.length);
    const end = Math.min(rows.length, nPrototypes + nItems);
    for (let x = 0; x < end; x++) {
      const prototype = x < nPrototypes;
      (prototype ? prototypes : items).push(rows[order[x]!]!);
      (prototype ? prototypeClass : itemClass).push(k);
    }
  };
  for (let k = 0; k < K; k++)
    take(k, prototypesPerClass, typeof itemsPerClass === 'number' ? itemsPerClass : itemsPerClass[k]!);
  if (distractorsPerClass > 0) take(K, distractorsPerClass, K * distractorsPerClass);
  return {
    items: Int32Array.from(items),
    prototypes: Int32Array.from(prototypes),
    itemClass: Int32Array.from(itemClass),
    prototypeClass: Int32Array.from(prototypeClass),
  };
}

/**
 * Sizes of K classes that fall geometrically, from `most` to `most` / `ratio`: n_k = most · ratio^(-k/(K-1)), rounded and at
 * least 1.
 */
export function fallingSizes(classes: number, most: number, ratio: number): number[] {
  return Array.from({ length: classes }, (_, k) => Math.max(1, Math.round(most * ratio ** (-k / (classes - 1)))));
}
