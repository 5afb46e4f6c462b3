import type { AnnotationIndex, Dataset } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import fc from 'fast-check';
import { anyWorld, type WorldShape } from './world.js';

export { World, anyWorld, noFiles, type WorldPlan, type WorldShape } from './world.js';

/** Random annotations of a few items by a few workers, repeats and retractions included unless the shape forbids them. */
export function anyAnnotations(shape: WorldShape = {}): fc.Arbitrary<AnnotationIndex> {
  return anyWorld(shape).map((world) => {
    const index = world.annotations();
    return Object.assign(index, { [fc.toStringMethod]: () => world.toString() });
  });
}

export interface LabelledDataset {
  readonly dataset: Dataset;
  readonly truth: Truth;
}

/** Random data sets with features, prototypes of every class, and the truth. */
export function anyDataset(shape: WorldShape = {}): fc.Arbitrary<LabelledDataset> {
  return anyWorld(shape).map((world) => ({ dataset: world.dataset(), truth: world.truth() }));
}
