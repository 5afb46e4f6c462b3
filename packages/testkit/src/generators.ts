import type { AnnotationIndex, Dataset, WorkerKnowledge } from '@quorate/core';
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

/**
 * Workers who are all alike: right with probability `accuracy`, else any other class. `pooledCounts` are those of 100
 * answers per class.
 */
export function flatKnowledge(classes: number, accuracy = 0.7): WorkerKnowledge {
  const off = (1 - accuracy) / (classes - 1);
  const matrix = Float64Array.from({ length: classes * classes }, (_, x) => (x % (classes + 1) === 0 ? accuracy : off));
  return { pooledCounts: matrix.map((p) => 100 * p), confusion: () => matrix.slice() };
}

/** Of workers nothing is known. */
export const noKnowledge: WorkerKnowledge = { pooledCounts: null, confusion: () => null };
