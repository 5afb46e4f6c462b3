import { calibrationFeatures, calibrationFloor, type Calibration } from './calibration.js';
import { cholesky } from './cholesky.js';
import { argmax } from './matrix.js';
import { makeRng, type Rng } from './random.js';

export interface DrawOptions {
  /** How many draws of θ, an even number; 64 where it is left out. */
  readonly draws?: number;
  /** Stream of the draws; always the same one where it is left out. */
  readonly rng?: Rng;
  /**
   * Classes in an order that does not depend on their numbers, for instance by what was answered, so that the result
   * does not either. A class that is left out keeps its mean bias in every draw. 0..K-1 where it is left out.
   */
  readonly order?: ArrayLike<number>;
}

const DRAWS = 64;
/** `sure` is this quantile of a label's probability over the draws. */
const SURE_LEVEL = 0.1;

/**
 * A calibration applied to rows: q is the mean over draws of θ, not what the mode says, which is what makes a few checked
 * labels safe. Draws come in pairs, θ and its mirror image; slopes below 0 count as 0.
 *
 *     θ_d = mean + L z_d,  z_{d+D/2} = -z_d,  L Lᵀ = covariance,  z ~ N(0, 1) scaled to mean square 1
 *     q_i(k) = Σ_d q_i(k; θ_d) / D
 */
export class CalibrationDraws {
  readonly classes: number;
  readonly draws: number;
  readonly #slope: Float64Array;
  readonly #growth: Float64Array;
  /** exp b_k of each draw, draws×K. */
  readonly #odds: Float64Array;
  readonly #logFloor: number;
  readonly #log: Float64Array;
  readonly #byDraw: Float64Array;
  readonly #lowest: Float64Array;
  /** q_i(label; θ_d) for each draw, of the row that `row` was last called for. */
  readonly labelByDraw: Float64Array;

  constructor(calibration: Calibration, options: DrawOptions = {}) {
    const { draws = DRAWS, rng = makeRng('calibration'), order } = options;
    const { classes: K, slope, growth, bias } = calibration;
    this.classes = K;
    this.draws = draws;
    this.#odds = new Float64Array(draws * K);
    this.#slope = new Float64Array(draws);
    this.#growth = new Float64Array(draws);
    const spread = scatter(calibration, order ?? Int32Array.from({ length: K }, (_, k) => k), draws / 2, rng);
    for (let d = 0; d < draws; d++) {
      const [shift, sign] = d < draws / 2 ? [spread[d]!, 1] : [spread[d - draws / 2]!, -1];
      this.#slope[d] = Math.max(0, slope + sign * shift[0]!);
      this.#growth[d] = Math.max(0, growth + sign * shift[1]!);
      for (let k = 0; k < K; k++) this.#odds[d * K + k] = Math.exp(bias[k]! + sign * shift[2 + k]!);
    }
    this.#logFloor = Math.log(calibrationFloor(K));
    this.#log = new Float64Array(K);
    this.#byDraw = new Float64Array(draws * K);
    this.#lowest = new Float64Array(Math.floor(SURE_LEVEL * (draws - 1)) + 2);
    this.labelByDraw = new Float64Array(draws);
  }

  /**
   * Calibrates one row. One exponential for each draw and each class above the floor.
   * @param pooled Holds Q_i from `at` on. @param out Gets q_i from `to` on; may be the same place.
   * @param label Whose confidence is asked for; -1: the most probable class of q_i, the lowest of equals.
   * @returns That label, and `sure`: the 10 % quantile of its probability over the draws, the confidence that holds for
   * nine of ten files like this one.
   */
  row(pooled: Float64Array, at: number, out: Float64Array, to: number, label = -1): { label: number; sure: number } {
    const { classes: K, draws } = this;
    const log = this.#log;
    const byDraw = this.#byDraw;
    const lead = calibrationFeatures(pooled, at, log);
    const best = log[argmax(log)]!;
    for (let k = 0; k < K; k++) out[to + k] = 0;
    for (let d = 0; d < draws; d++) {
      const slope = this.#slope[d]! + this.#growth[d]! * lead;
      const atFloor = Math.exp(slope * (this.#logFloor - best));
      const start = d * K;
      let sum = 0;
      for (let k = 0; k < K; k++) {
        const l = log[k]!;
        const weight = l > this.#logFloor ? Math.exp(slope * (l - best)) : atFloor;
        sum += byDraw[start + k] = weight * this.#odds[start + k]!;
      }
      const scale = 1 / sum;
      for (let k = 0; k < K; k++) out[to + k]! += byDraw[start + k]! *= scale;
    }
    for (let k = 0; k < K; k++) out[to + k]! /= draws;
    const shown = label < 0 ? argmax(out, to, K) : label;
    for (let d = 0; d < draws; d++) this.labelByDraw[d] = byDraw[d * K + shown]!;
    return { label: shown, sure: this.#sure() };
  }

  /** The 10 % quantile of `labelByDraw`: only the lowest are put in order, which is ten times as fast as sorting. */
  #sure(): number {
    const lowest = this.#lowest;
    const last = lowest.length - 1;
    lowest.fill(Infinity);
    for (const p of this.labelByDraw) {
      if (p >= lowest[last]!) continue;
      let x = last;
      for (; x > 0 && lowest[x - 1]! > p; x--) lowest[x] = lowest[x - 1]!;
      lowest[x] = p;
    }
    return between(lowest, SURE_LEVEL * (this.draws - 1));
  }
}

/** How right a set of labels is expected to be. */
export interface ExpectedAccuracy {
  /** Number of labels that it is about. */
  readonly labels: number;
  readonly mean: number;
  /** 90 % interval. */
  readonly low: number;
  readonly high: number;
}

/** Normal deviates that stand for which labels happen to be right, for each draw. */
const NOISE_DRAWS = 8;
/**
 * What the interval leaves out on either side. On real files those after a fit came out too narrow: the model's 95 %
 * quantiles held 95, 90, 89 and 89 % of 48 files with 0, 20, 50 and 100 checked labels.
 */
const [TAIL, FITTED_TAIL] = [0.05, 0.025];
/** From how many checked labels on about half of the difference between the two is made. */
const FEW_CHECKED = 5;

/** A tally as plain data: sums over the labels of p and of p (1-p), for each draw. */
export interface AccuracyTallyState {
  readonly labels: number;
  readonly right: Float64Array;
  readonly variance: Float64Array;
  readonly gold: number;
}

/**
 * Collects labels whose accuracy together is asked for: how many are right depends on θ, which all of them share, so that
 * it is known much less than N independent tasks would let one think.
 */
export class AccuracyTally {
  readonly #right: Float64Array;
  readonly #variance: Float64Array;
  readonly #gold: number;
  #labels: number;

  constructor({ labels, right, variance, gold }: AccuracyTallyState) {
    this.#labels = labels;
    this.#right = Float64Array.from(right);
    this.#variance = Float64Array.from(variance);
    this.#gold = gold;
  }

  /** @param gold How many checked labels the calibration rests on. */
  static empty(draws: number, gold: number): AccuracyTally {
    return new AccuracyTally({ labels: 0, right: new Float64Array(draws), variance: new Float64Array(draws), gold });
  }

  snapshot(): AccuracyTallyState {
    return { labels: this.#labels, right: this.#right.slice(), variance: this.#variance.slice(), gold: this.#gold };
  }

  /** @param labelByDraw Probability that the label is right, for each draw. */
  add(labelByDraw: Float64Array, sign: 1 | -1 = 1): void {
    this.#labels += sign;
    for (let d = 0; d < labelByDraw.length; d++) {
      const p = labelByDraw[d]!;
      this.#right[d]! += sign * p;
      this.#variance[d]! += sign * p * (1 - p);
    }
  }

  /** Mean, and quantiles over the draws with binomial noise added. Null without labels. */
  expected(rng: Rng = makeRng('accuracy')): ExpectedAccuracy | null {
    const n = this.#labels;
    if (n === 0) return null;
    const shares: number[] = [];
    let mean = 0;
    this.#right.forEach((right, d) => {
      mean += right / n / this.#right.length;
      const sd = Math.sqrt(Math.max(0, this.#variance[d]!)) / n;
      for (let x = 0; x < NOISE_DRAWS; x++) shares.push(Math.min(1, Math.max(0, right / n + sd * rng.normal())));
    });
    const sorted = Float64Array.from(shares).sort();
    const tail = FITTED_TAIL + ((TAIL - FITTED_TAIL) * FEW_CHECKED) / (FEW_CHECKED + this.#gold);
    return { labels: n, mean, low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
  }
}

/** Deviations of (t, c, b_1..b_K) from their means, a row for each of `half` draws. */
function scatter(
  { covariance, classes: K, biasSd }: Calibration,
  order: ArrayLike<number>,
  half: number,
  rng: Rng,
): readonly Float64Array[] {
  const size = Math.round(Math.sqrt(covariance.length));
  const biases = Array.from(order, (k) => k + 2);
  // Biases that were not fitted are independent, and have their prior's deviation.
  const fitted = size === K + 2 ? [0, 1, ...biases] : [0, 1];
  const free = size === K + 2 ? [] : biases;
  const n = fitted.length;
  const some = new Float64Array(n * n);
  fitted.forEach((from, r) => fitted.forEach((to, c) => (some[r * n + c] = covariance[from * size + to]!)));
  const lower = cholesky(some, n);
  const normal = standardNormals(half, n + free.length, rng);
  return normal.map((z) => {
    const shift = new Float64Array(K + 2);
    fitted.forEach((parameter, r) => {
      for (let c = 0; c <= r; c++) shift[parameter]! += lower[r * n + c]! * z[c]!;
    });
    free.forEach((parameter, x) => (shift[parameter] = biasSd * z[n + x]!));
    return shift;
  });
}

/** `count` vectors, every component of mean square 1 over them. */
function standardNormals(count: number, length: number, rng: Rng): readonly Float64Array[] {
  const rows = Array.from({ length: count }, () => Float64Array.from({ length }, () => rng.normal()));
  for (let x = 0; x < length; x++) {
    let square = 0;
    for (const row of rows) square += row[x]! ** 2 / count;
    for (const row of rows) row[x]! /= Math.sqrt(square);
  }
  return rows;
}

/** The p-quantile of sorted values. */
function quantile(sorted: Float64Array, p: number): number {
  return between(sorted, p * (sorted.length - 1));
}

/** The value at a place between two entries, linear between them. */
function between(sorted: Float64Array, at: number): number {
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
