import { describe, expect, it } from 'vitest';
import { makeRng } from './random.js';
import { AccuracyTally, CalibrationDraws } from './calibrated.js';
import { CROWD_PRIOR, NO_CALIBRATION, calibrationFeatures, fitCalibration, type Calibration } from './calibration.js';
import { LogLinearObjective } from './log-linear.js';

const K = 3;

/** Random rows: some clear, some not. */
function rows(count: number, classes = K, seed = 'rows'): Float64Array {
  const rng = makeRng(seed);
  const q = new Float64Array(count * classes);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += q[i * classes + k] = Math.exp(2.5 * rng.normal());
    for (let k = 0; k < classes; k++) q[i * classes + k]! /= sum;
  }
  return q;
}

function labelled(q: Float64Array, count: number, seed = 'labels'): { item: Int32Array; label: Int32Array } {
  const rng = makeRng(seed);
  return {
    item: Int32Array.from({ length: count }, (_, i) => i),
    label: Int32Array.from({ length: count }, (_, i) => rng.categorical(q.subarray(i * K, (i + 1) * K))),
  };
}

const none = { item: [], label: [] };
const spread = ({ covariance }: Calibration): number[] =>
  Array.from({ length: K + 2 }, (_, x) => covariance[x * (K + 3)]!);

function applied(calibration: Calibration, q: Float64Array, order?: readonly number[]): Float64Array {
  const { classes } = calibration;
  const out = new Float64Array(q.length);
  const draws = new CalibrationDraws(calibration, order ? { order } : {});
  for (let at = 0; at < q.length; at += classes) draws.row(q, at, out, at);
  return out;
}

describe('fitCalibration', () => {
  it('is the prior where nothing is checked', () => {
    const { slope, growth, bias, covariance, gold } = fitCalibration(rows(5), K, none);
    expect([slope, growth, ...bias, gold]).toEqual([0.85, 0.4, 0, 0, 0, 0]);
    const variances = [0.25 ** 2, 0.25 ** 2, 0.81, 0.81, 0.81];
    for (let x = 0; x < 25; x++) expect(covariance[x]).toBeCloseTo(x % 6 === 0 ? variances[x / 6]! : 0, 12);
  });

  it('ends where the gradient is zero, also when the labels contradict everything', () => {
    const q = rows(60);
    const right = labelled(q, 60);
    const contrary = { ...right, label: right.label.map((k) => (k + 1) % K) };
    for (const checked of [right, contrary, { ...right, label: right.label.map(() => 2) }]) {
      const found = fitCalibration(q, K, checked);
      const mean = Float64Array.of(0.85, 0.4, 0, 0, 0);
      const precision = Float64Array.of(16, 16, 1 / 0.81, 1 / 0.81, 1 / 0.81);
      const views = Array.from(checked.item, (i) => {
        const log = new Float64Array(K);
        const lead = calibrationFeatures(q, i * K, log);
        return [...log, ...log.map((l) => lead * l)];
      });
      const given = { rows: Float64Array.from(views.flat()), label: checked.label, classes: K, views: 2 };
      const { gradient } = new LogLinearObjective({ ...given, mean, precision }).derivatives(
        Float64Array.of(found.slope, found.growth, ...found.bias),
      );
      for (const g of gradient) expect(Math.abs(g)).toBeLessThan(1e-6);
      for (const q of applied(found, rows(10))) expect(q).toBeGreaterThan(0);
    }
    expect(fitCalibration(q, K, contrary).slope).toBeLessThan(fitCalibration(q, K, right).slope);
  });

  it('moves towards what was checked, and knows more with more of it', () => {
    const q = rows(40);
    const once = labelled(q, 40);
    const twice = { item: [...once.item, ...once.item], label: [...once.label, ...once.label] };
    const before = spread(fitCalibration(q, K, none));
    const some = spread(fitCalibration(q, K, once));
    const more = spread(fitCalibration(q, K, twice));
    before.forEach((variance, x) => expect(some[x]!).toBeLessThan(variance));
    some.forEach((variance, x) => expect(more[x]!).toBeLessThan(variance));
    for (let k = 0; k < K; k++) {
      const one = applied(fitCalibration(q, K, { item: [0], label: [k] }), q);
      expect(one[k]!).toBeGreaterThan(applied(fitCalibration(q, K, none), q)[k]!);
    }
  });

  it('finds the slope and the biases that labels were drawn with', () => {
    const q = rows(20_000);
    const rng = makeRng('drawn');
    const bias = [0.8, -0.6, -0.2];
    const label = Int32Array.from({ length: 20_000 }, (_, i) => {
      return rng.categorical(bias.map((b, k) => Math.max(q[i * K + k]!, 1e-4) ** 0.6 * Math.exp(b)));
    });
    const prior = { slope: { mean: 0.85, sd: 10 }, growth: { mean: 0, sd: 1e-3 }, biasSd: 10 };
    const found = fitCalibration(q, K, { item: label.map((_, i) => i), label }, prior);
    expect(found.slope).toBeCloseTo(0.6, 1);
    const middle = found.bias.reduce((a, b) => a + b) / K;
    bias.forEach((b, k) => expect(found.bias[k]! - middle).toBeCloseTo(b, 1));
  });

  it('many classes: slopes are fitted, biases keep their prior', () => {
    const many = 300;
    const q = rows(50, many);
    const checked = { item: Int32Array.from({ length: 50 }, (_, i) => i), label: new Int32Array(50) };
    const found = fitCalibration(q, many, checked);
    expect(found.covariance).toHaveLength(4);
    const out = applied(found, q);
    for (let i = 0; i < 50; i++)
      expect(out.subarray(i * many, (i + 1) * many).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
  });
});

describe('CalibrationDraws', () => {
  it('no calibration leaves probabilities as they are, above the floor', () => {
    const q = rows(50);
    const out = applied(fitCalibration(q, K, none, NO_CALIBRATION), q);
    for (let i = 0; i < 50; i++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += Math.max(q[i * K + k]!, 1e-4);
      for (let k = 0; k < K; k++) expect(out[i * K + k]).toBeCloseTo(Math.max(q[i * K + k]!, 1e-4) / sum, 4);
    }
  });

  it('classes renumbered and given in their own order: the same, renumbered', () => {
    const q = rows(30);
    const checked = labelled(q, 30);
    const to = [2, 0, 1];
    const renumbered = q.map((_, x) => q[x - (x % K) + to.indexOf(x % K)]!);
    const want = applied(fitCalibration(q, K, checked), q, [0, 1, 2]);
    const other = fitCalibration(renumbered, K, { ...checked, label: checked.label.map((k) => to[k]!) });
    const got = applied(other, renumbered, to);
    want.forEach((p, x) => expect(got[x - (x % K) + to[x % K]!]).toBeCloseTo(p, 9));
  });

  it('sure is below the confidence, the same seed gives the same bytes, one class is certain', () => {
    const q = rows(200);
    const draws = new CalibrationDraws(fitCalibration(q, K, labelled(q, 20)));
    const out = new Float64Array(q.length);
    for (let i = 0; i < 200; i++) {
      const { label, sure } = draws.row(q, i * K, out, i * K);
      expect(sure).toBeLessThan(out[i * K + label]!);
      expect(out[i * K + label]).toBe(Math.max(...out.subarray(i * K, (i + 1) * K)));
      const sorted = draws.labelByDraw.toSorted();
      expect(sure).toBeCloseTo(sorted[6]! + 0.3 * (sorted[7]! - sorted[6]!), 12);
    }
    expect(applied(fitCalibration(q, K, labelled(q, 20)), q)).toEqual(out);
    const single = new CalibrationDraws(fitCalibration(Float64Array.of(1), 1, none));
    expect(single.row(Float64Array.of(1), 0, new Float64Array(1), 0).sure).toBeCloseTo(1, 12);
  });
});

describe('a world drawn from the model', () => {
  // θ from the prior, true classes from q(θ), the same rows for all files.
  const files = 400;
  const N = 300;
  const q = rows(N);
  const calibration = fitCalibration(q, K, none);

  function simulate(gold: number): { covered: number; gap: number[] } {
    const rng = makeRng(`world/${gold}`);
    const pairs: (readonly [number, number])[] = [];
    let covered = 0;
    for (let f = 0; f < files; f++) {
      const slope = Math.max(0, 0.85 + 0.25 * rng.normal());
      const growth = Math.max(0, 0.4 + 0.25 * rng.normal());
      const bias = Array.from({ length: K }, () => 0.9 * rng.normal());
      const held = Float64Array.of(slope, growth, ...bias);
      const objective = new CalibrationDraws(
        {
          ...calibration,
          slope,
          growth,
          bias: held.subarray(2),
          covariance: new Float64Array(25).map((_, x) => (x % 6 === 0 ? 1e-20 : 0)),
        },
        { draws: 8 },
      );
      const truth = new Int32Array(N);
      const row = new Float64Array(K);
      for (let i = 0; i < N; i++) {
        objective.row(q, i * K, row, 0);
        truth[i] = rng.categorical(row);
      }
      const item = rng.choose(N, gold);
      const isChecked = new Set(item);
      const fitted = fitCalibration(q, K, { item, label: item.map((i) => truth[i]!) }, CROWD_PRIOR);
      const draws = new CalibrationDraws(fitted);
      const tally = AccuracyTally.empty(draws.draws, gold);
      let right = 0;
      for (let i = 0; i < N; i++) {
        if (isChecked.has(i)) continue;
        const { label } = draws.row(q, i * K, row, 0);
        tally.add(draws.labelByDraw);
        pairs.push([row[label]!, Number(truth[i] === label)]);
        right += Number(truth[i] === label) / (N - gold);
      }
      const { low, high } = tally.expected()!;
      if (low <= right && right <= high) covered++;
    }
    const gap = Array.from({ length: 10 }, (_, b) => {
      const bin = pairs.filter(([p]) => Math.min(9, Math.floor(p * 10)) === b);
      return bin.reduce((sum, [p, hit]) => sum + p - hit, 0) / pairs.length;
    });
    return { covered: covered / files, gap };
  }

  it.each([0, 50])('with %i checked labels: confidence holds, the interval holds in 9 of 10 files', (gold) => {
    const { covered, gap } = simulate(gold);
    expect(gap.reduce((sum, g) => sum + Math.abs(g), 0)).toBeLessThan(0.01);
    expect(covered).toBeGreaterThan(0.87);
    if (gold === 0) expect(covered).toBeLessThan(0.93);
  });
});
