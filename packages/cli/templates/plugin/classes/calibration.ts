import { defineComponent, T, type CalibratedBeliefs, type CalibrateRequest, type Calibration } from '@quorate/core';
import { bayesRisk } from '@quorate/core/numbers';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnCalibration implements Calibration {
  readonly calibrates = true;
  readonly meaning = 'confidence as known items support it';
  readonly minGain = 0;
  readonly answersPerPrototype = 0;
  readonly #right: number;
  readonly #wrong: number;

  constructor(@inject(Options) { right, wrong }: z.output<typeof options>) {
    this.#right = right;
    this.#wrong = wrong;
  }

  calibrate({ annotations: { items: N, classes: K }, beliefs, known }: CalibrateRequest): CalibratedBeliefs {
    // truly[b * K + k]: how much says that an item which is believed to be b is k.
    const truly = new Float64Array(K * K).fill(this.#wrong / Math.max(1, K - 1));
    for (let b = 0; b < K; b++) truly[b * K + b] = this.#right;
    known.item.forEach((i, g) => {
      for (let b = 0; b < K; b++) truly[b * K + known.label[g]!]! += beliefs.posterior[i * K + b]!;
    });
    const posterior = new Float64Array(N * K);
    for (let b = 0; b < K; b++) {
      const total = truly.subarray(b * K, (b + 1) * K).reduce((sum, count) => sum + count, 0);
      for (let i = 0; i < N; i++) {
        const share = beliefs.posterior[i * K + b]! / total;
        for (let k = 0; k < K; k++) posterior[i * K + k]! += share * truly[b * K + k]!;
      }
    }
    const risk = new Float64Array(N);
    bayesRisk(posterior, K, risk);
    return { posterior, risk, sure: null, gain: null, accuracy: null };
  }
}
