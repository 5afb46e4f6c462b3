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

  /** 1/n at the class of each row taken, else 0: n×K. */
  target(tf: Tf, classes: number): Tensor2D {
    const rows = this.#positions.length;
    const target = new Float32Array(rows * classes);
    for (let b = 0; b < rows; b++) target[b * classes + this.#data.labels![this.#positions[b]!]!] = 1 / rows;
    return tf.tensor2d(target, [rows, classes]);
  }
}
