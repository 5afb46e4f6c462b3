import type { DeliveredBeliefs } from '@quorate/engine';

/** A 90 % interval of a normal distribution is so many standard deviations wide. */
const INTERVAL_WIDTH = 2 * 1.645;

/** Mean of the risks, and its standard deviation. */
export function expectedError({ risk, calibrated }: Pick<DeliveredBeliefs, 'risk' | 'calibrated'>): {
  error: number;
  deviation: number;
} {
  let sum = 0;
  let variance = 0;
  for (const r of risk) {
    sum += r;
    variance += r * (1 - r);
  }
  const interval = calibrated?.accuracy;
  const deviation = interval ? (interval.high - interval.low) / INTERVAL_WIDTH : Math.sqrt(variance) / risk.length;
  return { error: sum / risk.length, deviation };
}

/** Writes the most probable classes, most probable first, to `out` from place `at` on. */
export function mostProbable(row: Float32Array, out: Int32Array, at: number): void {
  const count = Math.min(5, row.length);
  for (let x = 0; x < count; x++) {
    let best = -1;
    for (let k = 0; k < row.length; k++) {
      if (out.subarray(at, at + x).includes(k)) continue;
      if (best < 0 || row[k]! > row[best]!) best = k;
    }
    out[at + x] = best;
  }
}
