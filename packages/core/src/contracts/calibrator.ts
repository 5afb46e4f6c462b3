import type { Part } from './part.js';

/** Scores of a model on rows that it did not train on, with their classes. */
export interface HeldOut {
  /** n×K row-major, before the softmax. */
  readonly logits: Float32Array;
  /** Length n, values 0..K-1. */
  readonly labels: Int32Array;
  readonly classes: number;
}

/**
 * Makes a model's probabilities honest: fits a map of logits on held-out rows.
 *
 * Laws
 * - L1 rows of the result sum to 1 within 1e-5; no NaN for finite logits.
 * - L2 deterministic and pure in the held-out rows.
 * - L3 order of the rows does not matter (within 1e-6); classes are treated alike.
 */
export interface Calibrator extends Part {
  /** @returns a function that turns n×K logits into probabilities, in place. */
  fit(heldOut: HeldOut): (logits: Float32Array, classes: number) => void;
}
