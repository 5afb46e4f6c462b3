import type { Part } from './part.js';

/**
 * A network D → hidden → nonlinearity → ... → K, trained by Adam (0.9, 0.999, 1e-8) on the mean loss of a minibatch: the cross
 * entropy of its labels, or that of its targets.
 * The weight decay is coupled L2: weightDecay · θ is added to the gradient of weights and biases before the moments.
 */
export interface MlpSpec {
  /** D, widths of the hidden layers (none: softmax regression), K. */
  readonly layers: readonly number[];
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** What a hidden unit makes of its input h: tanh h, max(0, h), or 1 / (1 + e^-h). The slope of max(0, h) at 0 is 0. */
export type Activation = 'tanh' | 'relu' | 'sigmoid';

/** Weights [in][out] row-major and biases of each layer, and the nonlinearities, which training does not change. */
export interface MlpParams {
  readonly weights: readonly Float32Array[];
  readonly biases: readonly Float32Array[];
  /** One for each hidden layer; left out: tanh everywhere. */
  readonly activations?: readonly Activation[];
  /** A network of another form: `weights` are then the tensors of it that are trained, and there are no `biases`. */
  readonly graph?: NetworkGraph;
}

/** A network of any form: an ONNX model that makes logits, rows×classes, out of features, rows×inputs. */
export interface NetworkGraph {
  /** What people call it, for messages: the file. */
  readonly name: string;
  readonly model: Uint8Array;
  /** D. */
  readonly inputs: number;
  /** K. */
  readonly classes: number;
}

/** Rows of a feature matrix by index, with classes where they are trained on. */
export interface Rows {
  /** Row-major; `rows` may be a part of it. A backend keeps nothing of it from one call to the next. */
  readonly features: Float32Array;
  readonly columns: number;
  readonly rows: Int32Array;
  /** Class of each of `rows`; `fit` needs them, or `targets`. */
  readonly labels?: Int32Array;
  /** In place of `labels`: classes that are not certain, and another loss. */
  readonly targets?: Targets;
}

/**
 * What n rows are trained towards, p_i = softmax(logits of row i):
 *
 *     loss of row i = crossEntropy_i · (-Σ_k t_ik ln p_ik) + squared_i · Σ_k (p_ik - t_ik)²
 *
 * A label z is t_iz = 1, crossEntropy_i = 1, squared_i = 0.
 */
export interface Targets {
  /** t, n×K row-major; every row sums to 1. */
  readonly probability: Float32Array;
  /** Length n, >= 0. */
  readonly crossEntropy: Float32Array;
  /** Length n, >= 0. */
  readonly squared: Float32Array;
}

/** To look at a fit while it runs: for validation, progress and cancellation. */
export interface FitWatch {
  /** Steps between two calls, >= 1; the last call comes after the last step, whatever is left. */
  readonly every: number;
  /**
   * @param done Steps done so far. @param params Weights after them, the caller's to keep.
   * @returns false to end the fit here: it then returns these weights. Rows to go on with those: the minibatches to come
   * are positions in them, and the rows before are the caller's to write to. The callback may call `predict` of the same
   * backend; what it throws comes out of `fit`.
   */
  onChunk(done: number, params: MlpParams): boolean | void | Rows | Promise<boolean | void | Rows>;
}

/**
 * Where a learner computes, at the level of fit and predict, not of tensors. Initial weights and minibatches come from
 * the caller's seeded stream, so that backends agree up to float32 rounding.
 *
 * A backend that cannot start on this machine throws BACKEND_UNAVAILABLE out of its component's `create`, with the
 * cause and the remedy; packages that are not installed are imported there, not at load.
 *
 * Laws
 * - L1 `fit` with the same arguments returns the same bytes, with any number of threads.
 * - L2 agrees with the reference backend within float32 rounding, whatever the nonlinearities of the start weights, which the
 *   weights that it returns have too.
 * - L3 inputs are not written to. L4 `dispose` frees native memory and may be called twice.
 * - L5 watching changes nothing: `onChunk` is called after every `every` steps and after the last one, Adam's moments go
 *   on from chunk to chunk, and false ends the fit with the weights so far.
 * - L6 `product` is the matrix product, within float32 rounding, for every shape from 1×1 on and both transpositions.
 * - L7 targets: certain ones train as labels do, all others as those of the reference backend, within float32 rounding.
 * - L8 rows that `onChunk` returns train as they would have in one matrix with the rows before, to the byte.
 */
export interface LearnerBackend extends Part {
  readonly name: string;
  /**
   * The weights that a network starts from: the numbers in its model. `fit` and `predict` then take them, and what comes of
   * them, with `spec.layers` the numbers of inputs and classes: a perceptron trains as a graph as it does in layers. Left out
   * where no graphs can be trained.
   *
   * Throws DATA_INVALID, with the operator that is to blame, for a model that cannot be trained.
   */
  openGraph?(graph: NetworkGraph): Promise<MlpParams>;
  /** @param batches One minibatch after the other: positions in `data.rows`, batchSize at a time. None: returns `start`. */
  fit(
    spec: MlpSpec,
    data: Rows,
    start: MlpParams,
    batches: Int32Array,
    batchSize: number,
    watch?: FitWatch,
  ): Promise<MlpParams>;
  /** Writes logits, rows×K, to `out`. */
  predict(params: MlpParams, data: Rows, out: Float32Array): Promise<void>;
  /**
   * Writes the product of `left` and `right`, row-major float32, to `out`; each transposed first where `transpose` says
   * so. The inner dimensions must agree. `out` is neither of the two.
   */
  product(
    left: Matrix,
    right: Matrix,
    out: Float32Array,
    transpose?: { readonly left?: boolean; readonly right?: boolean },
  ): Promise<void>;
  dispose(): Promise<void>;
}

/** A row-major matrix; `data` may be longer than rows × columns. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** A backend that this run could use, not started yet. */
export interface BackendCandidate {
  readonly name: string;
  /** Starts it, once; throws BACKEND_UNAVAILABLE with cause and remedy when it cannot start here. */
  get(): Promise<LearnerBackend>;
}
