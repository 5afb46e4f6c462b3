import { cholesky, choleskyInverse, choleskySolve } from './cholesky.js';

/** Mean and standard deviation of a normal distribution; a deviation of 0 holds the parameter. */
export interface NormalPrior {
  readonly mean: number;
  readonly sd: number;
}

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

/** Above this the biases are not fitted: Newton's steps cost (K+2)³. */
const MOST_FITTED_CLASSES = 200;
/** A probability counts as at least this much; of many classes as less, so that together they stay small. */
const FLOOR = 1e-4;
const MOST_FLOORED_CLASSES = 100;
/** The longest lead that raises the slope. */
export const LONGEST_LEAD = 4;
const LEAST_SD = 1e-6;
const MOST_STEPS = 60;
const SETTLED = 1e-8;

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
 * The calibration that the prior and G checked labels say: the mode of
 *
 *     Σ_g ln q_{i_g}(y_g; θ) - (t - t_0)²/2σ_t² - (c - c_0)²/2σ_c² - Σ_k b_k²/2σ_b²
 *
 * by Newton's method with step halving (it is concave), with the inverse of the negative Hessian there as covariance
 * (Laplace's approximation). Without checked labels it is the prior. O(G K² + K³) per step.
 *
 * @param pooled Q, N×K row-major, inferred without these labels, or they would say that it is right.
 */
export function fitCalibration(
  pooled: Float64Array,
  classes: number,
  checked: Checked,
  prior: CalibrationPrior = CROWD_PRIOR,
): Calibration {
  const K = classes;
  const size = K <= MOST_FITTED_CLASSES ? K + 2 : 2;
  const mean = new Float64Array(size);
  [mean[0], mean[1]] = [prior.slope.mean, prior.growth.mean];
  const precision = new Float64Array(size).fill(1 / Math.max(prior.biasSd, LEAST_SD) ** 2);
  precision[0] = 1 / Math.max(prior.slope.sd, LEAST_SD) ** 2;
  precision[1] = 1 / Math.max(prior.growth.sd, LEAST_SD) ** 2;
  const objective = new Objective(pooled, K, checked, mean, precision);

  let theta: Float64Array = mean.slice();
  let value = objective.value(theta);
  let negativeHessian = objective.derivatives(theta).negativeHessian;
  for (let step = 0; step < MOST_STEPS && checked.item.length > 0; step++) {
    const { gradient, negativeHessian: curvature } = objective.derivatives(theta);
    choleskySolve(cholesky(curvature, size), gradient);
    let length = 1;
    let moved = added(theta, gradient, length);
    let then = objective.value(moved);
    for (; length > 1e-6 && !(then >= value - 1e-12 * Math.abs(value)); then = objective.value(moved)) {
      length /= 2;
      moved = added(theta, gradient, length);
    }
    [theta, value] = [moved, then];
    negativeHessian = objective.derivatives(theta).negativeHessian;
    if (gradient.every((d) => Math.abs(d * length) < SETTLED)) break;
  }
  const bias = new Float64Array(K);
  bias.set(theta.subarray(2));
  return {
    classes: K,
    slope: theta[0]!,
    growth: theta[1]!,
    bias,
    covariance: choleskyInverse(cholesky(negativeHessian, size), size),
    biasSd: prior.biasSd,
    gold: checked.item.length,
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

/** What `fitCalibration` climbs, with its derivatives. Exported for the tests of these. */
export class Objective {
  readonly #classes: number;
  readonly #label: ArrayLike<number>;
  /** l of every checked item, G×K, and m/4. */
  readonly #log: Float64Array;
  readonly #lead: Float64Array;
  readonly #mean: Float64Array;
  readonly #precision: Float64Array;
  readonly #row: Float64Array;

  /** @param mean Of θ before anything is checked, length K+2, or 2 where biases are left out. @param precision 1/σ². */
  constructor(
    pooled: Float64Array,
    classes: number,
    { item, label }: Checked,
    mean: Float64Array,
    precision: Float64Array,
  ) {
    this.#classes = classes;
    this.#label = label;
    this.#mean = mean;
    this.#precision = precision;
    this.#row = new Float64Array(classes);
    this.#log = new Float64Array(item.length * classes);
    this.#lead = Float64Array.from({ length: item.length }, (_, g) =>
      calibrationFeatures(pooled, item[g]! * classes, this.#log.subarray(g * classes, (g + 1) * classes)),
    );
  }

  value(theta: Float64Array): number {
    let value = 0;
    for (let g = 0; g < this.#lead.length; g++) {
      value += this.#scores(theta, g) - this.#logSum();
    }
    for (let x = 0; x < theta.length; x++) value -= (this.#precision[x]! * (theta[x]! - this.#mean[x]!) ** 2) / 2;
    return value;
  }

  derivatives(theta: Float64Array): { gradient: Float64Array; negativeHessian: Float64Array } {
    const n = theta.length;
    const K = this.#classes;
    const p = this.#row;
    const gradient = theta.map((x, at) => -this.#precision[at]! * (x - this.#mean[at]!));
    const curvature = new Float64Array(n * n);
    for (let x = 0; x < n; x++) curvature[x * n + x] = this.#precision[x]!;
    for (let g = 0; g < this.#lead.length; g++) {
      this.#scores(theta, g);
      const shift = this.#logSum();
      const lead = this.#lead[g]!;
      const y = this.#label[g]!;
      const log = this.#log.subarray(g * K, (g + 1) * K);
      let mean = 0;
      for (let k = 0; k < K; k++) mean += (p[k] = Math.exp(p[k]! - shift)) * log[k]!;
      let variance = 0;
      for (let k = 0; k < K; k++) variance += p[k]! * (log[k]! - mean) ** 2;
      gradient[0]! += log[y]! - mean;
      gradient[1]! += lead * (log[y]! - mean);
      curvature[0]! += variance;
      curvature[1]! += lead * variance;
      curvature[n]! += lead * variance;
      curvature[n + 1]! += lead * lead * variance;
      if (n === 2) continue;
      gradient[2 + y]! += 1;
      for (let k = 0; k < K; k++) {
        const cross = p[k]! * (log[k]! - mean);
        gradient[2 + k]! -= p[k]!;
        curvature[2 + k]! += cross;
        curvature[(2 + k) * n]! += cross;
        curvature[n + 2 + k]! += lead * cross;
        curvature[(2 + k) * n + 1]! += lead * cross;
        const row = (2 + k) * n + 2;
        curvature[row + k]! += p[k]!;
        for (let z = 0; z < K; z++) curvature[row + z]! -= p[k]! * p[z]!;
      }
    }
    return { gradient, negativeHessian: curvature };
  }

  /** Writes the scores of a checked item into the row. @returns That of its class. */
  #scores(theta: Float64Array, g: number): number {
    const K = this.#classes;
    const slope = theta[0]! + theta[1]! * this.#lead[g]!;
    for (let k = 0; k < K; k++) this.#row[k] = slope * this.#log[g * K + k]! + (theta[2 + k] ?? 0);
    return this.#row[this.#label[g]!]!;
  }

  /** ln Σ exp of the row. */
  #logSum(): number {
    const row = this.#row;
    let max = -Infinity;
    for (const score of row) if (score > max) max = score;
    let sum = 0;
    for (const score of row) sum += Math.exp(score - max);
    return max + Math.log(sum);
  }
}

function added(theta: Float64Array, direction: Float64Array, length: number): Float64Array {
  return theta.map((x, at) => x + length * direction[at]!);
}
