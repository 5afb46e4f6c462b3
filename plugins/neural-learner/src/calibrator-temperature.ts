import { defineComponent, type Calibrator, type HeldOut } from '@quorate/core';
import { z } from 'zod';
import { scaledSoftmax } from './scaled-softmax.js';
import { convergedScale } from './temperature-converged.js';
import { releasedScale } from './temperature-released.js';

const options = z.strictObject({
  optimizer: z
    .enum(['converged', 'released'])
    .default('converged')
    .describe(
      'the temperature that fits the held-out rows best, or the one at which the published program stops short of it',
    ),
});

/** Probabilities softmax(logits / T), with one temperature for all classes [Guo17]. */
export class TemperatureCalibrator implements Calibrator {
  readonly #scaleOf: (heldOut: HeldOut) => number;

  constructor({ optimizer }: z.output<typeof options>) {
    this.#scaleOf = optimizer === 'released' ? releasedScale : convergedScale;
  }

  fit(heldOut: HeldOut): (logits: Float32Array, classes: number) => void {
    const scale = this.#scaleOf(heldOut);
    return (logits, classes) => scaledSoftmax(logits, classes, scale);
  }
}

export default defineComponent({
  kind: 'calibrator',
  name: 'temperature',
  summary: 'one temperature for all logits, fitted on held-out rows',
  options,
  create: (options) => new TemperatureCalibrator(options),
});
