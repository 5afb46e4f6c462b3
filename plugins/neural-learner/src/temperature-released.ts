import { logSumExp } from '@quorate/core/numbers';
import { type HeldOut } from '@quorate/core';
import { calibrationError } from './calibration-error.js';

const RATE = 1e-3;
const STEPS = 50;
const START = 1.5;

/**
 * The temperature that the published program finds: 50 steps of torch's L-BFGS without line search, whose gradient is
 * never set back to zero, from 1.5 at a rate of 1e-3. It ends far from the optimum (see `convergedScale`); kept since
 * the published methods calibrate with it. G is the gradient summed over all evaluations.
 */
export function releasedTemperature(heldOut: HeldOut): number {
  let T = START;
  let { loss, slope: G } = negativeLogLikelihood(heldOut, 1 / T);
  let previousG = G;
  let step = 0;
  let inverseCurvature = 1;
  if (Math.abs(G) <= 1e-7) return T;
  for (let iteration = 1; iteration <= STEPS; iteration++) {
    const change = G - previousG;
    if (change * step > 1e-10) inverseCurvature = step / change;
    const direction = -G * inverseCurvature;
    if (G * direction > -1e-9) break;
    step = (iteration === 1 ? Math.min(1, 1 / Math.abs(G)) : 1) * RATE * direction;
    T += step;
    if (iteration === STEPS) break;
    const now = negativeLogLikelihood(heldOut, 1 / T);
    previousG = G;
    G += now.slope;
    const gain = Math.abs(now.loss - loss);
    loss = now.loss;
    if (Math.abs(G) <= 1e-7 || Math.abs(step) <= 1e-9 || gain < 1e-9) break;
  }
  return Math.abs(T) > 100 || Number.isNaN(T) ? 1 : T;
}

/** 1/T of the released temperature; 1 where it makes the calibration error or the likelihood of the held-out rows worse. */
export function releasedScale(heldOut: HeldOut): number {
  const scale = 1 / releasedTemperature(heldOut);
  const better =
    calibrationError(heldOut, scale) <= calibrationError(heldOut) &&
    negativeLogLikelihood(heldOut, scale).loss <= negativeLogLikelihood(heldOut, 1).loss;
  return better ? scale : 1;
}

/** Mean of -ln softmax(z / T)[label] in nats, and its derivative with respect to T, at T = 1 / scale. */
export function negativeLogLikelihood(
  { logits, labels, classes: K }: HeldOut,
  scale: number,
): { loss: number; slope: number } {
  const row = new Float64Array(K);
  let loss = 0;
  let slope = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let k = 0; k < K; k++) row[k] = logits[i * K + k]! * scale;
    const total = logSumExp(row);
    let expected = 0;
    for (let k = 0; k < K; k++) expected += Math.exp(row[k]! - total) * row[k]!;
    loss += total - row[labels[i]!]!;
    slope += row[labels[i]!]! - expected;
  }
  return { loss: loss / labels.length, slope: (slope / labels.length) * scale };
}
