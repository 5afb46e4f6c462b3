import type { Rows } from '@quorate/core';
import type { Tensor2D, Tf } from './tf.js';

/** Rows of the features, copied one minibatch at a time into one buffer: the matrix itself is never copied. */
export class Minibatch {
  readonly #data: Rows;
  readonly #input: Float32Array;
  readonly #width: number;
  #positions: Int32Array = new Int32Array(0);

  /** @param capacity Most rows of a minibatch. */
  constructor(data: Rows, capacity: number) {
    this.#data = data;
    this.#width = data.columns + 1;
    // The last column stays 1: it carries the bias.
    this.#input = new Float32Array(capacity * this.#width).fill(1);
  }

  /** Takes the rows at these positions of `data.rows`. */
  take(positions: Int32Array): void {
    const { features, columns, rows } = this.#data;
    for (let b = 0; b < positions.length; b++) {
      const start = rows[positions[b]!]! * columns;
      this.#input.set(features.subarray(start, start + columns), b * this.#width);
    }
    this.#positions = positions;
  }

  /** The rows taken, with a last column of ones: n×(D+1). Valid until the next `take`. */
  input(tf: Tf): Tensor2D {
    const rows = this.#positions.length;
    return tf.tensor2d(this.#input.subarray(0, rows * this.#width), [rows, this.#width]);
  }

  /**
   * Gradient of the mean loss of the rows taken with respect to their logits, n×K, where `probability` is what the
   * network says of them.
   */
  slope(tf: Tf, probability: Tensor2D): Tensor2D {
    const [rows, classes] = probability.shape;
    const { targets } = this.#data;
    if (!targets) return tf.sub(tf.mul(probability, 1 / rows), this.#onehot(tf, classes));
    const miss = tf.sub<Tensor2D>(probability, this.#taken(tf, targets.probability, classes, 1));
    const mean = tf.sum(tf.mul(probability, miss), 1, true);
    const curved = tf.mul<Tensor2D>(probability, tf.sub(miss, mean));
    return tf.add(
      tf.mul(this.#taken(tf, targets.crossEntropy, 1, 1 / rows), miss),
      tf.mul(this.#taken(tf, targets.squared, 1, 2 / rows), curved),
    );
  }

  /** The rows taken of a matrix that is `width` wide, times a factor. */
  #taken(tf: Tf, matrix: Float32Array, width: number, factor: number): Tensor2D {
    const rows = this.#positions.length;
    const values = new Float32Array(rows * width);
    for (let b = 0; b < rows; b++) {
      const start = this.#positions[b]! * width;
      for (let k = 0; k < width; k++) values[b * width + k] = factor * matrix[start + k]!;
    }
    return tf.tensor2d(values, [rows, width]);
  }

  /** 1/n at the class of each row taken, else 0: n×K. */
  #onehot(tf: Tf, classes: number): Tensor2D {
    const rows = this.#positions.length;
    const target = new Float32Array(rows * classes);
    for (let b = 0; b < rows; b++) target[b * classes + this.#data.labels![this.#positions[b]!]!] = 1 / rows;
    return tf.tensor2d(target, [rows, classes]);
  }
}
