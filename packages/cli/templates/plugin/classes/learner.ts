import { defineComponent, T, type Dataset, type Learner, type LearnerOutput, type LearnRequest } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnLearner implements Learner {
  readonly #sharpness: number;
  readonly #dataset: Dataset;

  constructor(@inject(Options) { sharpness }: z.output<typeof options>, @inject(T.Dataset) dataset: Dataset) {
    this.#sharpness = sharpness;
    this.#dataset = dataset;
  }

  fitPredict({ posterior, risk, riskThreshold }: LearnRequest): LearnerOutput {
    const { data, columns: D } = this.#dataset.features!;
    const [N, K] = [this.#dataset.taskIds.length, this.#dataset.classes.length];
    const means = new Float64Array(K * D);
    const weight = new Float64Array(K).fill(1e-9);
    const learn = (row: number, k: number, by: number): void => {
      weight[k]! += by;
      for (let d = 0; d < D; d++) means[k * D + d]! += by * data[row * D + d]!;
    };
    this.#dataset.prototypes.classOf.forEach((k, p) => learn(N + p, k, 1));
    for (let i = 0; i < N; i++) {
      if (risk[i]! <= riskThreshold) for (let k = 0; k < K; k++) learn(i, k, posterior[i * K + k]!);
    }
    const probability = new Float32Array(N * K);
    const logits = new Float64Array(K);
    for (let i = 0; i < N; i++) {
      for (let k = 0; k < K; k++) {
        let distance = 0;
        for (let d = 0; d < D; d++) distance += (data[i * D + d]! - means[k * D + d]! / weight[k]!) ** 2;
        logits[k] = -this.#sharpness * Math.min(distance / D, 1e6);
      }
      softmax(logits);
      probability.set(logits, i * K);
    }
    return { probability, includesOwnAnswers: true };
  }
}
