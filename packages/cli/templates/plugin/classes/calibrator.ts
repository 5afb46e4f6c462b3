import { defineComponent, T, type Calibrator, type HeldOut } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnCalibrator implements Calibrator {
  readonly #sharpest: number;

  constructor(@inject(Options) { sharpest }: z.output<typeof options>) {
    this.#sharpest = sharpest;
  }

  fit({ logits, labels, classes: K }: HeldOut): (logits: Float32Array, classes: number) => void {
    const row = new Float64Array(K);
    /** Slope of the negative log-likelihood in the scale; it grows with the scale. */
    const slope = (scale: number): number => {
      let sum = 0;
      labels.forEach((label, i) => {
        for (let k = 0; k < K; k++) row[k] = scale * logits[i * K + k]!;
        softmax(row);
        for (let k = 0; k < K; k++) sum += row[k]! * (logits[i * K + k]! - logits[i * K + label]!);
      });
      return sum;
    };
    let [low, high] = [0, this.#sharpest];
    for (let turn = 0; turn < HALVINGS; turn++) {
      const middle = (low + high) / 2;
      if (slope(middle) > 0) high = middle;
      else low = middle;
    }
    return (values, classes) => {
      for (let x = 0; x < values.length; x++) values[x]! *= low;
      for (let start = 0; start < values.length; start += classes) softmax(values, start, classes);
    };
  }
}
