import { defineComponent, T, type Annotations, type Dataset, type WorkerModel } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  right: z.number().positive().default(7).describe('answers that every worker is taken to have had right before'),
  wrong: z.number().positive().default(3).describe('answers that every worker is taken to have had wrong before'),
});

/**
 * How workers err: the M step of EM. THE MODEL BELOW IS YOURS TO CHANGE.
 *
 * What `update` receives: `annotations` (for (let a = firstOfWorker[j]; a >= 0; a = nextOfWorker[a]) ... item[a],
 * label[a]) and `posterior[i * K + k]`. It fills `probability[(j * K + z) * K + k]` = P(worker j names z | truth is k).
 *
 * What must hold: for every worker and true class the probabilities of the answers sum to 1; `reset` forgets everything
 * that the annotations said; an update depends on what it receives, not on earlier updates; a worker without annotations
 * keeps the prior; renumbering workers or classes renumbers the result and no more.
 */
export default defineComponent({
  kind: 'workerModel',
  name: 'my_part',
  summary: 'one accuracy per worker; wrong answers are spread evenly',
  options,
  inject: [T.Dataset],
  create: ({ right, wrong }, dataset: Dataset): WorkerModel => {
    const K = dataset.classes.length;
    let workers = 0;
    let probability = new Float64Array(0);
    const fill = (j: number, accuracy: number): void => {
      for (let z = 0; z < K; z++) {
        for (let k = 0; k < K; k++) {
          probability[(j * K + z) * K + k] = z === k ? accuracy : (1 - accuracy) / (K - 1);
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
        for (let j = 0; j < workers; j++) fill(j, right / (right + wrong));
      },
      update: ({ firstOfWorker, nextOfWorker, item, label, perWorker }: Annotations, posterior) => {
        for (let j = 0; j < workers; j++) {
          let agreed = 0;
          for (let a = firstOfWorker[j]!; a >= 0; a = nextOfWorker[a]!) agreed += posterior[item[a]! * K + label[a]!]!;
          fill(j, (right + agreed) / (right + wrong + perWorker[j]!));
        }
      },
    };
  },
});
