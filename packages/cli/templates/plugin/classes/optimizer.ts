import {
  defineComponent,
  T,
  type Aggregator,
  type Beliefs,
  type Dataset,
  type Learner,
  type LearnerOutput,
  type Optimizer,
  type OptimizeRequest,
  type Rng,
  type Snapshot,
  type WorkerModel,
} from '@quorate/core';
import { bayesRisk } from '@quorate/core/numbers';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnOptimizer implements Optimizer {
  readonly #turns: number;
  readonly #aggregator: Aggregator;
  readonly #workerModel: WorkerModel;
  readonly #learner: Learner;
  readonly #dataset: Dataset;
  #learned: LearnerOutput | null = null;

  constructor(
    @inject(Options) { turns }: z.output<typeof options>,
    @inject(T.Aggregator) aggregator: Aggregator,
    @inject(T.WorkerModel) workerModel: WorkerModel,
    @inject(T.Learner) learner: Learner,
    @inject(T.Dataset) dataset: Dataset,
  ) {
    this.#turns = turns;
    this.#aggregator = aggregator;
    this.#workerModel = workerModel;
    this.#learner = learner;
    this.#dataset = dataset;
  }

  async step({ annotations, riskThreshold, onPhase }: OptimizeRequest, rng: Rng): Promise<Beliefs> {
    const dataset = this.#dataset;
    const [N, K] = [dataset.taskIds.length, dataset.classes.length];
    const posterior = new Float64Array(N * K);
    const risk = new Float64Array(N);
    const infer = (): void => {
      const prior = this.#learned?.probability ?? null;
      this.#aggregator.aggregate({ annotations, workers: this.#workerModel.confusions, prior, rows: 'all', posterior });
      bayesRisk(posterior, K, risk);
    };
    this.#workerModel.reset(annotations.workers);
    infer();
    for (let turn = 0; turn < this.#turns; turn++) {
      onPhase?.(`turn ${turn + 1}`);
      this.#workerModel.update(annotations, posterior, rng);
      infer();
    }
    onPhase?.('learner');
    const { probability, classes } = this.#workerModel.confusions;
    const annotationLogLikelihood = (item: number, out: Float64Array): void => {
      out.fill(0);
      for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
        const row = (annotations.worker[a]! * classes + annotations.label[a]!) * classes;
        for (let k = 0; k < classes; k++) out[k]! += Math.log(probability[row + k]! + 1e-8);
      }
    };
    const request = { dataset, annotations, posterior, risk, riskThreshold, annotationLogLikelihood };
    this.#learned = await this.#learner.fitPredict(request, rng);
    infer();
    return {
      posterior,
      risk,
      workers: this.#workerModel.confusions,
      learner: this.#learned,
      iterations: this.#turns,
      converged: false,
    };
  }

  snapshot(): Snapshot {
    return this.#learned && { ...this.#learned, probability: this.#learned.probability.slice() };
  }

  restore(state: Snapshot): void {
    this.#learned = state as LearnerOutput | null;
  }
}
