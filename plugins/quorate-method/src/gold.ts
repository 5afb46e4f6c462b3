import type { Dataset } from '@quorate/core';

/** Items whose class is given, and how much they count. */
export interface Gold {
  /** Class of each of the P prototypes. */
  readonly classOf: Int32Array;
  /** g_k, prototypes of each class. */
  readonly perClass: Int32Array;
  /** Weight of each prototype of class k as an example: g_k / 2, kept in 1..5. */
  readonly weight: Float64Array;
  /** Weight of each prototype of class k as a test: (g_k - 1)/g_k, for it has not quite left itself out. */
  readonly testWeight: Float64Array;
}

export function goldOf({ prototypes: { classOf }, classes }: Dataset): Gold {
  const perClass = new Int32Array(classes.length);
  for (const k of classOf) perClass[k]!++;
  return {
    classOf,
    perClass,
    weight: Float64Array.from(perClass, (g) => Math.min(Math.max(g / 2, 1), 5)),
    testWeight: Float64Array.from(perClass, (g) => (g > 0 ? (g - 1) / g : 0)),
  };
}
