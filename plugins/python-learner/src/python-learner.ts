import type { LearnRequest, Learner, LearnerOutput, Rng } from '@quorate/core';
import { argmax } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import { PythonProcess, type PythonOptions } from './python-process.js';

/** Rows of features per message: no second copy of the whole matrix is made. */
const VALUES_PER_MESSAGE = 1 << 22;

/** Examples of one fit: rows of the features, their class and how sure it is. */
interface Examples {
  readonly rows: Int32Array;
  readonly labels: Int32Array;
  readonly weights: Float64Array;
}

/**
 * A model in another process. Items are dealt into folds, without a look at their answers; each fold's probabilities come from a
 * model that is fitted to the prototypes and the annotated items of the other folds, so that no item's answers come back to it as
 * evidence. An item's example is its most probable class under its answers alone, weighted by that probability.
 *
 * Probabilities p out of n examples are taken as (n p + 1) / (n + K): a model that has seen little may not rule a class out.
 */
export class PythonLearner implements Learner {
  readonly #options: PythonOptions;
  readonly #folds: number;
  #python: PythonProcess | null = null;

  constructor({ folds, ...options }: PythonOptions & { readonly folds: number }) {
    this.#options = options;
    this.#folds = folds;
  }

  async fitPredict(request: LearnRequest, rng: Rng): Promise<LearnerOutput | null> {
    const { dataset } = request;
    if (dataset.features === null) return null;
    const [N, K] = [dataset.taskIds.length, dataset.classes.length];
    const order = rng.permutation(N);
    const folds = Math.min(this.#folds, N);
    const foldOf = new Int32Array(N);
    order.forEach((item, at) => (foldOf[item] = at % folds));
    const seeds = Array.from({ length: folds }, () => rng.int(2 ** 31));
    const all = examplesOf(request);
    const probability = new Float32Array(N * K).fill(1 / K);
    for (let fold = 0; fold < folds; fold++) {
      const examples = without(all, (row) => row < N && foldOf[row] === fold);
      if (new Set(examples.labels).size < 2) continue;
      const predict = order.filter((item) => foldOf[item] === fold).sort();
      const rows = await this.#fit(request, examples, predict, seeds[fold]!);
      const n = examples.rows.length;
      predict.forEach((item, at) => {
        for (let k = 0; k < K; k++) probability[item * K + k] = (n * rows[at * K + k]! + 1) / (n + K);
      });
    }
    return { probability, includesOwnAnswers: false };
  }

  dispose(): Promise<void> {
    this.#python?.dispose();
    this.#python = null;
    return Promise.resolve();
  }

  async #fit({ dataset }: LearnRequest, examples: Examples, predict: Int32Array, seed: number): Promise<Float64Array> {
    const python = this.#python ?? (await this.#start(dataset.features!));
    const [train, K] = [examples.rows.length, dataset.classes.length];
    // The columns of a table are of one length.
    const length = Math.max(train, predict.length);
    const padded = <A extends Int32Array | Float64Array>(values: A, empty: A): A => {
      empty.set(values);
      return empty;
    };
    await python.send(
      { op: 'fit_predict', classes: K, seed, train, predict: predict.length },
      {
        rows: padded(examples.rows, new Int32Array(length)),
        labels: padded(examples.labels, new Int32Array(length)),
        weights: padded(examples.weights, new Float64Array(length)),
        predict: padded(predict, new Int32Array(length)),
      },
    );
    return normalized(await python.receive(), predict.length, K);
  }

  async #start({ data, columns }: { data: Float32Array; columns: number }): Promise<PythonProcess> {
    const python = new PythonProcess(this.#options);
    this.#python = python;
    const rows = data.length / columns;
    const step = Math.max(1, Math.floor(VALUES_PER_MESSAGE / columns));
    for (let row = 0; row < rows; row += step) {
      const values = data.subarray(row * columns, Math.min(rows, row + step) * columns);
      await python.send({ op: 'features', rows, columns }, { values });
    }
    return python;
  }
}

/** Prototypes, and the items that somebody answered. Row N+p is prototype p. */
function examplesOf(request: LearnRequest): Examples {
  const { dataset, annotations } = request;
  const [N, K] = [dataset.taskIds.length, dataset.classes.length];
  const items = annotations.annotated
    .slice(0, annotations.annotatedCount)
    .filter((item) => annotations.perItem[item]! > 0)
    .sort();
  const { classOf } = dataset.prototypes;
  const belief = new Float64Array(K);
  const labels = new Int32Array(classOf.length + items.length);
  const weights = new Float64Array(labels.length).fill(1);
  labels.set(classOf);
  items.forEach((item, at) => {
    request.annotationLogLikelihood(item, belief);
    softmax(belief);
    const best = argmax(belief);
    labels[classOf.length + at] = best;
    weights[classOf.length + at] = belief[best]!;
  });
  const rows = Int32Array.from(labels, (_, at) => (at < classOf.length ? N + at : items[at - classOf.length]!));
  return { rows, labels, weights };
}

function without({ rows, labels, weights }: Examples, left: (row: number) => boolean): Examples {
  const kept = (_: number, at: number): boolean => !left(rows[at]!);
  return { rows: rows.filter(kept), labels: labels.filter(kept), weights: weights.filter(kept) };
}

/** Rows that sum to 1; a row of zeros says nothing. */
function normalized(values: Float64Array, rows: number, K: number): Float64Array {
  if (values.length !== rows * K) throw new Error(`the model gave ${values.length} numbers, expected ${rows} × ${K}`);
  for (let row = 0; row < rows; row++) {
    const probabilities = values.subarray(row * K, (row + 1) * K);
    const sum = probabilities.reduce((a, b) => a + b, 0);
    if (!(sum >= 0) || sum === Infinity) throw new Error(`row ${row} of the model's probabilities sums to ${sum}`);
    for (let k = 0; k < K; k++) probabilities[k] = sum > 0 ? probabilities[k]! / sum : 1 / K;
  }
  return values;
}
