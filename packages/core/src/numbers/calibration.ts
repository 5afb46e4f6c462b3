import { fitLogLinear, type NormalPrior } from './log-linear.js';

/** What is known of a file's calibration before any of its labels is checked. */
export interface CalibrationPrior {
  /** t, and c, which is added to it where one class leads clearly. */
  readonly slope: NormalPrior;
  readonly growth: NormalPrior;
  /** Standard deviation of every class bias b_k, mean 0. */
  readonly biasSd: number;
}

/** How 48 real crowds differed from their gold. */
export const CROWD_PRIOR: CalibrationPrior = {
  slope: { mean: 0.85, sd: 0.25 },
  growth: { mean: 0.4, sd: 0.25 },
  biasSd: 0.9,
};

/** Leaves probabilities as they are. */
export const NO_CALIBRATION: CalibrationPrior = {
  slope: { mean: 1, sd: 0 },
  growth: { mean: 0, sd: 0 },
  biasSd: 0,
};

/**
 * How far a posterior Q is to be believed: the normal distribution of θ = (t, c, b_1..b_K),
 *
 *     q_i(k) ∝ exp(t l_ik + c l_ik m_i/4 + b_k),    l = ln max(Q, floor),    m_i = min(4, lead of the best l_i over the next)
 *
 * Plain data.
 */
export interface Calibration {
  readonly classes: number;
  readonly slope: number;
  readonly growth: number;
  /** b, length K. */
  readonly bias: Float64Array;
  /**
   * Covariance of (t, c, b_1..b_K), (K+2)×(K+2); of (t, c) alone above 200 classes, whose biases then stay independent
   * at their prior.
   */
  readonly covariance: Float64Array;
  /** Prior deviation of a class bias. */
  readonly biasSd: number;
  /** Number of checked labels that it rests on. */
  readonly gold: number;
}

/** A probability counts as at least this much; of many classes as less, so that together they stay small. */
const FLOOR = 1e-4;
const MOST_FLOORED_CLASSES = 100;
/** The longest lead that raises the slope. */
export const LONGEST_LEAD = 4;

/** The least probability that a class counts as having. */
export function calibrationFloor(classes: number): number {
  return FLOOR * Math.min(1, MOST_FLOORED_CLASSES / classes);
}

/** Checked labels: item i is of class `label[i]`. */
export interface Checked {
  /** Length G. */
  readonly item: ArrayLike<number>;
  readonly label: ArrayLike<number>;
}

/**
 * The calibration that the prior and G checked labels say, with `l` and `l m/4` as the views of an item (`fitLogLinear`).
 * Without checked labels it is the prior. O(G K² + K³) per step.
 *
 * @param pooled Q, N×K row-major, inferred without these labels, or they would say that it is right.
 */
export function fitCalibration(
  pooled: Float64Array,
  classes: number,
  { item, label }: Checked,
  { slope, growth, biasSd }: CalibrationPrior = CROWD_PRIOR,
): Calibration {
  const K = classes;
  const rows = new Float64Array(item.length * 2 * K);
  for (let g = 0; g < item.length; g++) {
    const log = rows.subarray(2 * g * K, (2 * g + 1) * K);
    const lead = calibrationFeatures(pooled, item[g]! * K, log);
    for (let k = 0; k < K; k++) rows[(2 * g + 1) * K + k] = lead * log[k]!;
  }
  const { theta, covariance } = fitLogLinear(rows, label, K, { weights: [slope, growth], biasSd });
  return {
    classes: K,
    slope: theta[0]!,
    growth: theta[1]!,
    bias: theta.slice(2),
    covariance,
    biasSd,
    gold: item.length,
  };
}

/**
 * The features of one row: `log` gets l, and m/4 in 0..1 is returned.
 * @param pooled Holds Q_i from `at` on. @param log Length K, out.
 */
export function calibrationFeatures(pooled: Float64Array, at: number, log: Float64Array): number {
  const K = log.length;
  const floor = calibrationFloor(K);
  let best = -Infinity;
  let next = -Infinity;
  for (let k = 0; k < K; k++) {
    const p = pooled[at + k]!;
    const l = Math.log(p > floor ? p : floor);
    log[k] = l;
    if (l > best) [best, next] = [l, best];
    else if (l > next) next = l;
  }
  return K < 2 ? 0 : Math.min(LONGEST_LEAD, best - next) / LONGEST_LEAD;
}
