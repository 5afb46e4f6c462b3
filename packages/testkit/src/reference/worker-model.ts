import type { Annotations, WorkerKnowledge, WorkerModel } from '@quorate/core';

/** Soft counts over a Dirichlet prior: the worker's own matrix where it is known, else a diagonal one. */
export function referenceWorkerModel(classes: number, knowledge: WorkerKnowledge, strength = 5): WorkerModel {
  const K = classes;
  let workers = 0;
  let probability = new Float64Array(0);

  const rebuild = (annotations: Annotations | null, posterior: Float64Array | null): void => {
    for (let j = 0; j < workers; j++) {
      const known = knowledge.confusion(j);
      for (let z = 0; z < K; z++) {
        for (let k = 0; k < K; k++) {
          const prior = known ? known[k * K + z]! : z === k ? 0.6 : 0.4 / (K - 1);
          probability[(j * K + z) * K + k] = strength * (prior + 0.01);
        }
      }
      if (annotations && posterior) {
        for (let a = annotations.firstOfWorker[j]!; a >= 0; a = annotations.nextOfWorker[a]!) {
          const row = (j * K + annotations.label[a]!) * K;
          for (let k = 0; k < K; k++) probability[row + k]! += posterior[annotations.item[a]! * K + k]!;
        }
      }
      for (let k = 0; k < K; k++) {
        let sum = 0;
        for (let z = 0; z < K; z++) sum += probability[(j * K + z) * K + k]!;
        for (let z = 0; z < K; z++) probability[(j * K + z) * K + k]! /= sum;
      }
    }
  };

  return {
    get confusions() {
      return { workers, classes: K, probability };
    },
    reset: (count) => {
      workers = count;
      if (probability.length < count * K * K) probability = new Float64Array(count * K * K);
      rebuild(null, null);
    },
    update: (annotations, posterior) => rebuild(annotations, posterior),
  };
}
