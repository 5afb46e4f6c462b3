import { QuorateError, type WorkerKnowledge, type WorkerModel } from '@quorate/core';
import { byAnswer } from './confusion-layout.js';

/** Workers whose confusion matrices are given (an oracle): annotations teach nothing about them. */
export class KnownWorkers implements WorkerModel {
  readonly confusions: { workers: number; readonly classes: number; probability: Float64Array };
  readonly #knowledge: WorkerKnowledge;

  constructor(knowledge: WorkerKnowledge, classes: number) {
    this.#knowledge = knowledge;
    this.confusions = { workers: 0, classes, probability: new Float64Array(0) };
  }

  reset(workers: number): void {
    const { confusions } = this;
    if (workers <= confusions.workers) return;
    const size = confusions.classes ** 2;
    const probability = new Float64Array(workers * size);
    probability.set(confusions.probability);
    for (let j = confusions.workers; j < workers; j++) probability.set(this.#confusionOf(j), j * size);
    confusions.probability = probability;
    confusions.workers = workers;
  }

  update(): void {}

  #confusionOf(worker: number): Float64Array {
    const K = this.confusions.classes;
    const matrix = this.#knowledge.confusion(worker);
    if (matrix?.length === K * K) return byAnswer(matrix, K);
    throw new QuorateError('CONFIG_INVALID', {
      where: 'optimizer.known',
      expected: `the true confusion matrix (${K}×${K}) of worker ${worker}`,
      got: matrix ? `${matrix.length} numbers from the workers of this run` : 'nothing from the workers of this run',
      fix: 'Set optimizer.known=false, or simulate workers whose confusion matrices are known.',
    });
  }
}
