import { bayesRisk } from '@quorate/core/numbers';
import { type Aggregator, type Dataset, type Learner, type LearnerOutput } from '@quorate/core';
import type { Optimizer, WorkerModel } from '@quorate/core';

export interface ReferenceOptimizerParts {
  readonly dataset: Dataset;
  readonly aggregator: Aggregator;
  readonly workerModel: WorkerModel;
  readonly learner: Learner;
  readonly maxEmSteps?: number;
}

/** EM from the prior, at most `maxEmSteps` turns or until no posterior moves by 1e-6, then the learner, then one E step. */
export function referenceOptimizer(parts: ReferenceOptimizerParts): Optimizer {
  const { dataset, aggregator, workerModel, learner, maxEmSteps = 10 } = parts;
  const [N, K] = [dataset.taskIds.length, dataset.classes.length];
  let said: LearnerOutput | null = null;
  return {
    step: async ({ annotations, riskThreshold, onPhase }, rng) => {
      const posterior = new Float64Array(N * K);
      const risk = new Float64Array(N);
      workerModel.reset(annotations.workers);
      const infer = (): void => {
        const workers = workerModel.confusions;
        aggregator.aggregate({ annotations, workers, prior: said?.probability ?? null, rows: 'all', posterior });
      };
      infer();
      let iterations = 0;
      let converged = annotations.live === 0;
      while (!converged && iterations < maxEmSteps) {
        onPhase?.('em');
        const before = posterior.slice();
        workerModel.update(annotations, posterior, rng);
        infer();
        iterations++;
        converged = posterior.every((p, x) => Math.abs(p - before[x]!) < 1e-6);
      }
      bayesRisk(posterior, K, risk);
      onPhase?.('learn');
      said = await learner.fitPredict(
        { dataset, annotations, posterior, risk, riskThreshold, annotationLogLikelihood: (_, out) => out.fill(0) },
        rng,
      );
      infer();
      bayesRisk(posterior, K, risk);
      return { posterior, risk, workers: workerModel.confusions, learner: said, iterations, converged };
    },
    snapshot: () => said && { probability: said.probability.slice(), includesOwnAnswers: said.includesOwnAnswers },
    restore: (state) => {
      said = state as unknown as LearnerOutput | null;
    },
  };
}
