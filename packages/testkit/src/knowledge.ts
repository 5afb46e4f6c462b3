import type { WorkerKnowledge } from '@quorate/core';

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
