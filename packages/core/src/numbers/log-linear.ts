import { cholesky, choleskyInverse, choleskySolve } from './cholesky.js';
import { softmax } from './log-space.js';
import { makeRng, type Rng } from './random.js';

/** Mean and standard deviation of a normal distribution; a deviation of 0 holds the parameter. */
export interface NormalPrior {
  readonly mean: number;
  readonly sd: number;
}

/**
 * The normal distribution of θ = (s_1..s_S, b_1..b_K), the weights of S views of an item and a bias of each class:
 *
 *     q_i(k) ∝ exp(Σ_v s_v x_ivk + b_k)
 *
 * Plain data.
 */
export interface LogLinearFit {
  readonly views: number;
  readonly classes: number;
  /** Mode, length S + K; the last K are 0 where biases are left out. */
  readonly theta: Float64Array;
  /** (S+K)×(S+K), or S×S where biases are left out. */
  readonly covariance: Float64Array;
}

export interface LogLinearPrior {
  /** One for each view. */
  readonly weights: readonly NormalPrior[];
  /** Standard deviation of every class bias, mean 0. */
  readonly biasSd: number;
}

/** Above this the biases are left out: Newton's steps cost (S+K)³. */
const MOST_FITTED_CLASSES = 200;
const LEAST_SD = 1e-6;
const MOST_STEPS = 60;
const SETTLED = 1e-8;

/**
 * The mode of Σ_g ln q_g(y_g; θ) + ln prior(θ) by Newton's method with step halving (it is concave), with the inverse of
 * the negative Hessian there as covariance (Laplace's approximation). Without rows it is the prior. O(G (S+K)² + (S+K)³)
 * per step.
 *
 * @param rows x of the items whose class is known, G×S×K. @param label Their classes, length G, 0..K-1.
 */
export function fitLogLinear(
  rows: Float64Array,
  label: ArrayLike<number>,
  classes: number,
  prior: LogLinearPrior,
): LogLinearFit {
  const K = classes;
  const S = prior.weights.length;
  const size = K <= MOST_FITTED_CLASSES ? S + K : S;
  const mean = new Float64Array(size);
  const precision = new Float64Array(size).fill(1 / Math.max(prior.biasSd, LEAST_SD) ** 2);
  prior.weights.forEach((weight, v) => {
    mean[v] = weight.mean;
    precision[v] = 1 / Math.max(weight.sd, LEAST_SD) ** 2;
  });
  const objective = new LogLinearObjective({ rows, label, classes, views: S, mean, precision });
  let mode: Float64Array = mean.slice();
  let value = objective.value(mode);
  let { gradient, curvature } = objective.derivatives(mode);
  for (let step = 0; step < MOST_STEPS && label.length > 0; step++) {
    const direction = gradient.slice();
    choleskySolve(cholesky(curvature, size), direction);
    let length = 1;
    let moved = added(mode, direction, length);
    let then = objective.value(moved);
    for (; length > 1e-6 && !(then >= value - 1e-12 * Math.abs(value)); then = objective.value(moved)) {
      length /= 2;
      moved = added(mode, direction, length);
    }
    [mode, value] = [moved, then];
    ({ gradient, curvature } = objective.derivatives(mode));
    if (direction.every((d) => Math.abs(d * length) < SETTLED)) break;
  }
  const theta = new Float64Array(S + K);
  theta.set(mode);
  return { views: S, classes: K, theta, covariance: choleskyInverse(cholesky(curvature, size), size) };
}

/** What `fitLogLinear` climbs, with its derivatives. Exported for the tests of these. */
export class LogLinearObjective {
  readonly #rows: Float64Array;
  readonly #label: ArrayLike<number>;
  readonly #classes: number;
  readonly #views: number;
  readonly #mean: Float64Array;
  readonly #precision: Float64Array;
  readonly #p: Float64Array;
  readonly #means: Float64Array;

  /** @param given `mean` and `precision` (1/σ²) of θ beforehand, length S + K, or S where biases are left out. */
  constructor(given: {
    readonly rows: Float64Array;
    readonly label: ArrayLike<number>;
    readonly classes: number;
    readonly views: number;
    readonly mean: Float64Array;
    readonly precision: Float64Array;
  }) {
    this.#rows = given.rows;
    this.#label = given.label;
    this.#classes = given.classes;
    this.#views = given.views;
    this.#mean = given.mean;
    this.#precision = given.precision;
    this.#p = new Float64Array(given.classes);
    this.#means = new Float64Array(given.views);
  }

  value(theta: Float64Array): number {
    let value = 0;
    for (let g = 0; g < this.#label.length; g++) value += Math.log(this.#believe(theta, g));
    for (let x = 0; x < theta.length; x++) value -= (this.#precision[x]! * (theta[x]! - this.#mean[x]!) ** 2) / 2;
    return value;
  }

  /** @returns The gradient, and the negative Hessian, row-major. */
  derivatives(theta: Float64Array): { gradient: Float64Array; curvature: Float64Array } {
    const n = theta.length;
    const [K, S, p, means] = [this.#classes, this.#views, this.#p, this.#means];
    const gradient = theta.map((x, at) => -this.#precision[at]! * (x - this.#mean[at]!));
    const curvature = new Float64Array(n * n);
    for (let x = 0; x < n; x++) curvature[x * n + x] = this.#precision[x]!;
    for (let g = 0; g < this.#label.length; g++) {
      this.#believe(theta, g);
      const y = this.#label[g]!;
      const at = (v: number, k: number): number => this.#rows[(g * S + v) * K + k]!;
      for (let v = 0; v < S; v++) {
        means[v] = 0;
        for (let k = 0; k < K; k++) means[v]! += p[k]! * at(v, k);
        gradient[v]! += at(v, y) - means[v]!;
      }
      for (let v = 0; v < S; v++) {
        for (let u = 0; u < S; u++) {
          let sum = 0;
          for (let k = 0; k < K; k++) sum += p[k]! * (at(v, k) - means[v]!) * (at(u, k) - means[u]!);
          curvature[v * n + u]! += sum;
        }
      }
      if (n === S) continue;
      gradient[S + y]! += 1;
      for (let k = 0; k < K; k++) {
        gradient[S + k]! -= p[k]!;
        for (let v = 0; v < S; v++) {
          const cross = p[k]! * (at(v, k) - means[v]!);
          curvature[v * n + S + k]! += cross;
          curvature[(S + k) * n + v]! += cross;
        }
        curvature[(S + k) * n + S + k]! += p[k]!;
        for (let z = 0; z < K; z++) curvature[(S + k) * n + S + z]! -= p[k]! * p[z]!;
      }
    }
    return { gradient, curvature };
  }

  /** Leaves q of a row in `#p`. @returns That of its class. */
  #believe(theta: Float64Array, g: number): number {
    const [K, S, p] = [this.#classes, this.#views, this.#p];
    for (let k = 0; k < K; k++) {
      p[k] = theta[S + k] ?? 0;
      for (let v = 0; v < S; v++) p[k]! += theta[v]! * this.#rows[(g * S + v) * K + k]!;
    }
    softmax(p);
    return Math.max(p[this.#label[g]!]!, Number.MIN_VALUE);
  }
}

/**
 * θ drawn in pairs, a draw and its mirror image; weights of views below 0 count as 0. The mean over draws, not what the
 * mode says, is what makes a few known classes safe.
 */
export class LogLinearDraws {
  readonly draws: number;
  /** q_i(label; θ_d) of the row that `row` was last called for. */
  readonly labelByDraw: Float64Array;
  readonly #views: number;
  readonly #classes: number;
  /** draws×(S+K). */
  readonly #theta: Float64Array;
  readonly #byDraw: Float64Array;
  readonly #sorted: Float64Array;

  /**
   * @param draws An even number. @param order Classes in an order that does not depend on their numbers, so that the
   * result does not either.
   */
  constructor(
    { views: S, classes: K, theta, covariance }: LogLinearFit,
    { draws, order, rng = makeRng('log-linear') }: { draws: number; order: ArrayLike<number>; rng?: Rng },
  ) {
    this.draws = draws;
    this.#views = S;
    this.#classes = K;
    this.labelByDraw = new Float64Array(draws);
    this.#byDraw = new Float64Array(draws * K);
    this.#sorted = new Float64Array(draws);
    this.#theta = new Float64Array(draws * (S + K));
    const size = Math.round(Math.sqrt(covariance.length));
    const places = Array.from({ length: S }, (_, v) => v);
    if (size > S) for (let x = 0; x < K; x++) places.push(S + order[x]!);
    const some = new Float64Array(size * size);
    places.forEach((from, r) => places.forEach((to, c) => (some[r * size + c] = covariance[from * size + to]!)));
    const lower = cholesky(some, size);
    const half = draws / 2;
    const normal = standardNormals(half, size, rng);
    for (let d = 0; d < draws; d++) {
      const row = this.#theta.subarray(d * (S + K), (d + 1) * (S + K));
      row.set(theta);
      const sign = d < half ? 1 : -1;
      places.forEach((place, r) => {
        for (let c = 0; c <= r; c++) row[place]! += sign * lower[r * size + c]! * normal[(d % half) * size + c]!;
      });
      for (let v = 0; v < S; v++) row[v] = Math.max(0, row[v]!);
    }
  }

  /**
   * The mean of q over the draws. O(draws · S · K).
   * @param x S×K. @param out Gets K probabilities from `to` on.
   * @returns `sure`: the 10 % quantile over the draws of the most probable class, the lowest of equals.
   */
  row(x: Float64Array, out: Float64Array, to: number): number {
    const [S, K, draws] = [this.#views, this.#classes, this.draws];
    for (let k = 0; k < K; k++) out[to + k] = 0;
    for (let d = 0; d < draws; d++) {
      const theta = d * (S + K);
      const row = this.#byDraw.subarray(d * K, (d + 1) * K);
      for (let k = 0; k < K; k++) {
        let score = this.#theta[theta + S + k]!;
        for (let v = 0; v < S; v++) score += this.#theta[theta + v]! * x[v * K + k]!;
        row[k] = score;
      }
      softmax(row);
      for (let k = 0; k < K; k++) out[to + k]! += row[k]! / draws;
    }
    let best = 0;
    for (let k = 1; k < K; k++) if (out[to + k]! > out[to + best]!) best = k;
    for (let d = 0; d < draws; d++) this.labelByDraw[d] = this.#byDraw[d * K + best]!;
    this.#sorted.set(this.labelByDraw);
    this.#sorted.sort();
    const place = SURE_LEVEL * (draws - 1);
    const below = Math.floor(place);
    const low = this.#sorted[below]!;
    return low + (place - below) * (this.#sorted[Math.min(draws - 1, below + 1)]! - low);
  }
}

const SURE_LEVEL = 0.1;

/** `count` rows of `length`; every column of mean square 1. */
function standardNormals(count: number, length: number, rng: Rng): Float64Array {
  const normal = Float64Array.from({ length: count * length }, () => rng.normal());
  for (let x = 0; x < length; x++) {
    let square = 0;
    for (let r = 0; r < count; r++) square += normal[r * length + x]! ** 2 / count;
    for (let r = 0; r < count; r++) normal[r * length + x]! /= Math.sqrt(square);
  }
  return normal;
}

function added(theta: Float64Array, direction: Float64Array, length: number): Float64Array {
  return theta.map((x, at) => x + length * direction[at]!);
}
