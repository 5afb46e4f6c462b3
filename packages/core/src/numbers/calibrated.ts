import { calibrationFeatures, calibrationFloor, type Calibration } from './calibration.js';
import { cholesky } from './cholesky.js';
import { argmax } from './matrix.js';
import { makeRng, type Rng } from './random.js';

export interface DrawOptions {
  /** How many draws of θ, a multiple of 8; 64 where it is left out. */
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
/** So many draws share their slopes, and with them the exponentials, and have biases of their own; unrolled below. */
const SHARING = 4;
/** `sure` is this quantile of a label's probability over the draws. */
const SURE_LEVEL = 0.1;

/**
 * A calibration applied to rows: q is the mean over draws of θ, not what the mode says, which is what makes a few checked
 * labels safe. Draws come in pairs, θ and its mirror image; slopes below 0 count as 0.
 *
 *     θ_d = mean + L z_d,  z_{d+D/2} = -z_d,  L Lᵀ = covariance,  z ~ N(0, I), made so that Σ z zᵀ = D·I
 *     q_i(k) = Σ_d q_i(k; θ_d) / D
 */
export class CalibrationDraws {
  readonly classes: number;
  readonly draws: number;
  /** t and c, which four draws after one another share. */
  readonly #slope: Float64Array;
  readonly #growth: Float64Array;
  /** exp b_k of draw 4g + x at [(g K + k) 4 + x]. */
  readonly #odds: Float64Array;
  readonly #logFloor: number;
  readonly #log: Float64Array;
  readonly #shared: Float64Array;
  readonly #lowest: Float64Array;
  /** q_i(label; θ_d) for each draw, of the row that `row` was last called for. */
  readonly labelByDraw: Float64Array;

  constructor(calibration: Calibration, options: DrawOptions = {}) {
    const { draws = DRAWS, rng = makeRng('calibration'), order } = options;
    const { classes: K, slope, growth, bias } = calibration;
    this.classes = K;
    this.draws = draws;
    this.#odds = new Float64Array(draws * K);
    this.#slope = new Float64Array(draws / SHARING);
    this.#growth = new Float64Array(draws / SHARING);
    const spread = scatter(calibration, order ?? Int32Array.from({ length: K }, (_, k) => k), draws / 2, rng);
    for (let d = 0; d < draws; d++) {
      const [shift, sign] = d < draws / 2 ? [spread[d]!, 1] : [spread[d - draws / 2]!, -1];
      if (d % SHARING === 0) {
        this.#slope[d / SHARING] = Math.max(0, slope + sign * shift[0]!);
        this.#growth[d / SHARING] = Math.max(0, growth + sign * shift[1]!);
      }
      const start = (d - (d % SHARING)) * K + (d % SHARING);
      for (let k = 0; k < K; k++) this.#odds[start + k * SHARING] = Math.exp(bias[k]! + sign * shift[2 + k]!);
    }
    this.#logFloor = Math.log(calibrationFloor(K));
    this.#log = new Float64Array(K);
    this.#shared = new Float64Array(K);
    this.#lowest = new Float64Array(Math.floor(SURE_LEVEL * (draws - 1)) + 2);
    this.labelByDraw = new Float64Array(draws);
  }

  /**
   * Calibrates one row. An exponential for every fourth draw and each class above the floor.
   * @param pooled Holds Q_i from `at` on. @param out Gets q_i from `to` on; may be the same place.
   * @param label Whose confidence is asked for; -1: the most probable class of q_i, the lowest of equals.
   * @returns That label, and `sure`: the 10 % quantile of its probability over the draws, the confidence that holds for
   * nine of ten files like this one.
   */
  row(pooled: Float64Array, at: number, out: Float64Array, to: number, label = -1): { label: number; sure: number } {
    const K = this.classes;
    const log = this.#log;
    const lead = calibrationFeatures(pooled, at, log);
    const best = argmax(log);
    this.#average(lead, best, out, to, label < 0 ? best : label);
    const shown = label < 0 ? argmax(out, to, K) : label;
    // Biases have moved the label, which is rare.
    if (label < 0 && shown !== best) this.#average(lead, best, out, to, shown);
    return { label: shown, sure: this.#sure() };
  }

  /** The mean over the draws of the row whose l is at hand, and what each says of `label`. */
  #average(lead: number, best: number, out: Float64Array, to: number, label: number): void {
    const log = this.#log;
    const odds = this.#odds;
    const shared = this.#shared;
    const byDraw = this.labelByDraw;
    const [K, draws, logFloor, top] = [this.classes, this.draws, this.#logFloor, log[best]!] as const;
    for (let k = 0; k < K; k++) out[to + k] = 0;
    for (let group = 0; group < draws / SHARING; group++) {
      const slope = this.#slope[group]! + this.#growth[group]! * lead;
      const atFloor = expBelow(slope * (logFloor - top));
      const start = group * K * SHARING;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let k = 0; k < K; k++) {
        const l = log[k]!;
        const p = (shared[k] = k === best ? 1 : l > logFloor ? expBelow(slope * (l - top)) : atFloor);
        const x = start + k * SHARING;
        s0 += p * odds[x]!;
        s1 += p * odds[x + 1]!;
        s2 += p * odds[x + 2]!;
        s3 += p * odds[x + 3]!;
      }
      [s0, s1, s2, s3] = [1 / s0, 1 / s1, 1 / s2, 1 / s3];
      for (let k = 0; k < K; k++) {
        const x = start + k * SHARING;
        const sum = odds[x]! * s0 + odds[x + 1]! * s1 + odds[x + 2]! * s2 + odds[x + 3]! * s3;
        out[to + k]! += shared[k]! * sum;
      }
      const d = group * SHARING;
      const x = start + label * SHARING;
      byDraw[d] = shared[label]! * odds[x]! * s0;
      byDraw[d + 1] = shared[label]! * odds[x + 1]! * s1;
      byDraw[d + 2] = shared[label]! * odds[x + 2]! * s2;
      byDraw[d + 3] = shared[label]! * odds[x + 3]! * s3;
    }
    for (let k = 0; k < K; k++) out[to + k]! /= draws;
  }

  /** The 10 % quantile of `labelByDraw`: only the lowest are put in order, which is ten times as fast as sorting. */
  #sure(): number {
    const lowest = this.#lowest;
    const byDraw = this.labelByDraw;
    const last = lowest.length - 1;
    for (let d = 0; d < byDraw.length; d++) {
      const p = byDraw[d]!;
      if (d > last && p >= lowest[last]!) continue;
      let x = Math.min(d, last);
      for (; x > 0 && lowest[x - 1]! > p; x--) lowest[x] = lowest[x - 1]!;
      lowest[x] = p;
    }
    return between(lowest, SURE_LEVEL * (this.draws - 1));
  }
}

/** 2^(-n/256) and 2^-n for n = 0..255; from 2^-255 on it counts as that. */
const FINE = Float64Array.from({ length: 256 }, (_, n) => 2 ** (-n / 256));
const COARSE = Float64Array.from({ length: 256 }, (_, n) => 2 ** -n);
const STEPS = 256 / Math.LN2;
const STEP = Math.LN2 / 256;

/** exp x for x <= 0, relative error below 1e-11: three times as fast as `Math.exp`, which is what applying costs. */
function expBelow(x: number): number {
  const steps = Math.min(65_535, -x * STEPS);
  const n = steps | 0;
  const r = (n - steps) * STEP;
  return COARSE[n >> 8]! * FINE[n & 255]! * (1 + r * (1 + r * (0.5 + r / 6)));
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

/**
 * `count` vectors z with Σ z zᵀ = count · I where there are more of them than components, so that means and covariances
 * over the draws are exact; else only the squares are. The first two components are those of every fourth.
 */
function standardNormals(count: number, length: number, rng: Rng): readonly Float64Array[] {
  const rows: Float64Array[] = [];
  for (let n = 0; n < count; n++) {
    const row = Float64Array.from({ length }, () => rng.normal());
    if (n % SHARING > 0) row.set(rows[n - 1]!.subarray(0, 2));
    rows.push(row);
  }
  const squares = new Float64Array(length * length);
  const together = length < count;
  for (let x = 0; x < length; x++) {
    for (let y = 0; y <= x; y++) {
      if (y < x && !together) continue;
      for (const row of rows) squares[x * length + y]! += (row[x]! * row[y]!) / count;
    }
  }
  const lower = cholesky(squares, length);
  for (const row of rows) {
    for (let x = 0; x < length; x++) {
      for (let y = 0; y < x && together; y++) row[x]! -= lower[x * length + y]! * row[y]!;
      row[x]! /= lower[x * length + x]!;
    }
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
