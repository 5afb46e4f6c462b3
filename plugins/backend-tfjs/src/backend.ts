import { setImmediate as nextTurn } from 'node:timers/promises';
import { productInBlocks, type BlockProduct } from '@quorate/core/numbers';
import {
  type FitWatch,
  type LearnerBackend,
  type Matrix,
  type MlpParams,
  type MlpSpec,
  type Rows,
} from '@quorate/core';
import { Minibatch } from './minibatch.js';
import { adamStep, download, gradients, initialState, logits, upload } from './network.js';
import type { Tensor2D, TfRuntime } from './tf.js';

/** Most numbers of features that one call of `predict` hands to TensorFlow.js at a time: 16 MB. */
const PREDICT_NUMBERS = 2 ** 22;

/**
 * `LearnerBackend` on any TensorFlow.js. A step is one synchronous burst of operations; the event loop turns after each
 * one, so that a terminal stays alive. Nothing is kept between calls.
 */
export class TfjsBackend implements LearnerBackend {
  readonly #runtime: TfRuntime;

  constructor(
    readonly name: string,
    runtime: TfRuntime,
  ) {
    this.#runtime = runtime;
  }

  async fit(
    spec: MlpSpec,
    data: Rows,
    start: MlpParams,
    batches: Int32Array,
    batchSize: number,
    watch?: FitWatch,
  ): Promise<MlpParams> {
    const { tf } = this.#runtime;
    const steps = Math.floor(batches.length / batchSize);
    let batch = new Minibatch(data, batchSize);
    this.#select();
    const { activations } = start;
    const named = activations ? { activations } : {};
    let state = tf.tidy(() => initialState(tf, start));
    try {
      for (let step = 1; step <= steps; step++) {
        batch.take(batches.subarray((step - 1) * batchSize, step * batchSize));
        this.#select();
        const next = tf.tidy(() => {
          const gradient = gradients(tf, state.theta, activations, batch.input(tf), (probability) =>
            batch.slope(tf, probability),
          );
          return adamStep(tf, spec, state, gradient, step);
        });
        tf.dispose(state);
        state = next;
        await nextTurn();
        if (watch === undefined || (step % watch.every !== 0 && step !== steps)) continue;
        const then = await watch.onChunk(step, { ...(await download(state.theta)), ...named });
        if (then === false) break;
        if (typeof then === 'object') batch = new Minibatch(then, batchSize);
      }
      return { ...(await download(state.theta)), ...named };
    } finally {
      tf.dispose(state);
    }
  }

  product(...operands: Parameters<LearnerBackend['product']>): Promise<void> {
    return productInBlocks(this.#multiply, operands);
  }

  /** Transposes are explicit: matMul's own are ten times slower on WebAssembly. */
  readonly #multiply: BlockProduct = async (left, right, out, transposed) => {
    await nextTurn();
    this.#select();
    const { tf } = this.#runtime;
    const product = tf.tidy(() => {
      const tensor = ({ data, rows, columns }: Matrix, turned: boolean): Tensor2D => {
        const given = tf.tensor2d(data, [rows, columns]);
        return turned ? tf.transpose(given) : given;
      };
      return tf.matMul(tensor(left, transposed === 'left'), tensor(right, transposed === 'right'));
    });
    try {
      out.set(await product.data<'float32'>());
    } finally {
      product.dispose();
    }
  };

  async predict(params: MlpParams, data: Rows, out: Float32Array): Promise<void> {
    const { tf } = this.#runtime;
    const classes = params.biases.at(-1)!.length;
    const rows = data.rows.length;
    const atOnce = Math.max(1, Math.min(rows, Math.floor(PREDICT_NUMBERS / data.columns)));
    const batch = new Minibatch(data, atOnce);
    this.#select();
    const theta = upload(tf, params);
    try {
      for (let from = 0; from < rows; from += atOnce) {
        const to = Math.min(rows, from + atOnce);
        batch.take(Int32Array.from({ length: to - from }, (_, b) => from + b));
        this.#select();
        const said = tf.tidy(() => logits(tf, theta, params.activations, batch.input(tf)));
        try {
          out.set(await said.data<'float32'>(), from * classes);
        } finally {
          said.dispose();
        }
        await nextTurn();
      }
    } finally {
      tf.dispose(theta);
    }
  }

  async dispose(): Promise<void> {
    // Every call frees its own tensors; the engine is the process's, another backend may be using it.
  }

  /**
   * All copies of TensorFlow.js in a process share one engine with one current backend, which another part may have
   * changed since the last burst. For a backend that has started `setBackend` acts at once, so nothing can come between.
   */
  #select(): void {
    const { tf, kernels } = this.#runtime;
    if (tf.getBackend() !== kernels) void tf.setBackend(kernels);
  }
}
