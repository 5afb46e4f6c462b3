import { defineComponent, T, type Dataset, type Rng, type WorkerSimulator } from '@quorate/core';
import { TruthToken, type Truth } from '@quorate/core/truth';
import { z } from 'zod';

const options = z.strictObject({
  workers: z.int().min(1).default(20).describe('how many workers there are'),
  accuracy: z.number().min(0).max(1).default(0.8).describe('mean accuracy; workers differ by up to 0.1'),
});

/**
 * Workers who answer. THE BEHAVIOUR BELOW IS YOURS TO CHANGE.
 *
 * What `answer` receives: for each question a, the item `item[a]` and the worker `worker[a]`; it writes the class that
 * the worker names to `labels[a]`. `truth.classOf[i]` is the true class of item i (null in a run without truth).
 *
 * What must hold: every answer is a class; each worker draws from a stream of its own, `rng.fork(workerId)`, so that
 * what one is asked does not change what another answers; `knowledge` does not depend on the items' truth.
 */
export default defineComponent({
  kind: 'workerSimulator',
  name: 'my_part',
  summary: 'workers who are right with an accuracy of their own, and else name any other class',
  options,
  needs: () => ['truth'],
  inject: [T.Dataset, TruthToken, T.Rng],
  create: ({ workers, accuracy }, dataset: Dataset, truth: Truth | null, setup: Rng): WorkerSimulator => {
    const K = dataset.classes.length;
    const workerIds = Array.from({ length: workers }, (_, j) => `w${String(j).padStart(2, '0')}`);
    const accuracies = workerIds.map(() => Math.min(1, Math.max(0, accuracy + 0.2 * (setup.uniform() - 0.5))));
    // What a study of 100 answers of every class would have counted: worker models build their prior from it.
    const wrong = (100 * (1 - accuracy)) / (K - 1);
    const counts = Float64Array.from({ length: K * K }, (_, x) => (x % (K + 1) === 0 ? 100 * accuracy : wrong));
    return {
      workerIds,
      knowledge: { pooledCounts: counts, confusion: () => null },
      answer: ({ count, item, worker }, labels, rng) => {
        for (let a = 0; a < count; a++) {
          const j = worker[a]!;
          const own = rng.fork(workerIds[j]!);
          const right = truth?.classOf[item[a]!] ?? 0;
          const isRight = own.uniform() < accuracies[j]!;
          labels[a] = isRight ? right : (right + 1 + own.int(K - 1)) % K;
        }
      },
    };
  },
});
