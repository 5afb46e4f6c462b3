import type { WorkerSimulator } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import { flatKnowledge } from '../knowledge.js';

/** Workers who are all alike: right with probability `accuracy`, else any other class. */
export function referenceSimulator(truth: Truth, classes: number, workers = 5, accuracy = 0.7): WorkerSimulator {
  const knowledge = flatKnowledge(classes, accuracy);
  const matrix = knowledge.confusion(0)!;
  const workerIds = Array.from({ length: workers }, (_, j) => `w${String(j).padStart(2, '0')}`);
  return {
    workerIds,
    knowledge,
    answer: ({ count, item, worker }, labels, rng) => {
      for (let a = 0; a < count; a++) {
        const row = truth.classOf[item[a]!]! * classes;
        labels[a] = rng.fork(workerIds[worker[a]!]!).categorical(matrix.subarray(row, row + classes));
      }
    },
  };
}
