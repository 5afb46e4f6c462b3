import { bayesRisk } from '@quorate/core/numbers';
import {
  defineComponent,
  T,
  type Aggregator,
  type Dataset,
  type Learner,
  type LearnerOutput,
  type Optimizer,
  type WorkerModel,
} from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  turns: z.int().min(1).default(5).describe('turns between labels and workers in every step'),
});

/**
 * Infers labels and worker skill from the annotations so far. THE SCHEDULE BELOW IS YOURS TO CHANGE.
 *
 * It turns on the other parts of the run: `workerModel.reset(W)` forgets, `aggregator.aggregate(...)` is the E step,
 * `workerModel.update(...)` the M step, `learner.fitPredict(...)` trains. `onPhase` reports progress and may throw to
 * cancel.
 *
 * What must hold: ends on every input, also without annotations; the same stream gives the same beliefs; restored from
 * its snapshot it goes on exactly as it would have.
 */
export default defineComponent({
  kind: 'optimizer',
  name: 'my_part',
  summary: 'a fixed number of turns between labels and workers, then the learner',
  options,
  inject: [T.Aggregator, T.WorkerModel, T.Learner, T.Dataset],
  create: (
    { turns },
    aggregator: Aggregator,
    workerModel: WorkerModel,
    learner: Learner,
    dataset: Dataset,
  ): Optimizer => {
    const [N, K] = [dataset.taskIds.length, dataset.classes.length];
    let learned: LearnerOutput | null = null;
    return {
      step: async ({ annotations, riskThreshold, onPhase }, rng) => {
        const posterior = new Float64Array(N * K);
        const risk = new Float64Array(N);
        const infer = (): void => {
          const prior = learned?.probability ?? null;
          aggregator.aggregate({ annotations, workers: workerModel.confusions, prior, rows: 'all', posterior });
          bayesRisk(posterior, K, risk);
        };
        workerModel.reset(annotations.workers);
        infer();
        for (let turn = 0; turn < turns; turn++) {
          onPhase?.(`turn ${turn + 1}`);
          workerModel.update(annotations, posterior, rng);
          infer();
        }
        onPhase?.('learner');
        const { probability, classes } = workerModel.confusions;
        const annotationLogLikelihood = (item: number, out: Float64Array): void => {
          out.fill(0);
          for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
            const row = (annotations.worker[a]! * classes + annotations.label[a]!) * classes;
            for (let k = 0; k < classes; k++) out[k]! += Math.log(probability[row + k]! + 1e-8);
          }
        };
        const request = { dataset, annotations, posterior, risk, riskThreshold, annotationLogLikelihood };
        learned = await learner.fitPredict(request, rng);
        infer();
        return {
          posterior,
          risk,
          workers: workerModel.confusions,
          learner: learned,
          iterations: turns,
          converged: false,
        };
      },
      snapshot: () => learned && { ...learned, probability: learned.probability.slice() },
      restore: (state) => {
        learned = state as LearnerOutput | null;
      },
    };
  },
});
