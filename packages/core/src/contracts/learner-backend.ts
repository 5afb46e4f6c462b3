import type { Part } from './part.js';

/** A network D → hidden → tanh → ... → K, trained by Adam on cross entropy with coupled L2. */
export interface MlpSpec {
  /** D, widths of the hidden layers, K. */
  readonly layers: readonly number[];
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Weights [in][out] row-major and biases of each layer. */
export interface MlpParams {
  readonly weights: readonly Float32Array[];
  readonly biases: readonly Float32Array[];
}

/** Rows of a feature matrix by index, with classes where they are trained on. */
export interface Rows {
  /** n×D row-major; rows may be a part of it. */
  readonly features: Float32Array;
  readonly columns: number;
  readonly rows: Int32Array;
  readonly labels?: Int32Array;
}

/**
 * Where a learner computes, at the level of fit and predict, not of tensors. Initial weights and minibatches come from
 * the caller's seeded stream, so that backends agree up to float32 rounding.
 *
 * Laws
 * - L1 `fit` with the same arguments returns the same bytes, with any number of threads.
 * - L2 agrees with the reference backend within float32 rounding.
 * - L3 inputs are not written to. L4 `dispose` frees native memory and may be called twice.
 */
export interface LearnerBackend extends Part {
  readonly name: string;
  /** @param batches One minibatch after the other: positions in `data.rows`, batchSize at a time. */
  fit(spec: MlpSpec, data: Rows, start: MlpParams, batches: Int32Array, batchSize: number): Promise<MlpParams>;
  /** Writes logits, rows×K, to `out`. */
  predict(params: MlpParams, data: Rows, out: Float32Array): Promise<void>;
  dispose(): Promise<void>;
}
