import { describe, expect, it } from 'vitest';
import { LogLinearDraws, LogLinearObjective, fitLogLinear, type LogLinearPrior } from './log-linear.js';
import { makeRng } from './random.js';

const prior: LogLinearPrior = {
  weights: [
    { mean: 0.85, sd: 0.25 },
    { mean: 0.4, sd: 0.25 },
    { mean: 0.6, sd: 0.25 },
  ],
  biasSd: 0.9,
};
const [S, K] = [3, 4];

function example(seed: number, G: number) {
  const rng = makeRng(seed);
  const rows = Float64Array.from({ length: G * S * K }, () => 2 * rng.normal());
  return { rows, label: Int32Array.from({ length: G }, () => rng.int(K)), rng };
}

describe('log-linear fit', () => {
  it('has the derivatives that differences have', () => {
    const { rows, label, rng } = example(1, 15);
    const n = S + K;
    const given = {
      rows,
      label,
      classes: K,
      views: S,
      mean: new Float64Array(n),
      precision: new Float64Array(n).fill(2),
    };
    const objective = new LogLinearObjective(given);
    const theta = Float64Array.from({ length: n }, () => 0.5 * rng.normal());
    const { gradient, curvature } = objective.derivatives(theta);
    const moved = (x: number, by: number): Float64Array => theta.map((t, at) => (at === x ? t + by : t));
    for (let x = 0; x < n; x++) {
      const slope = (objective.value(moved(x, 1e-5)) - objective.value(moved(x, -1e-5))) / 2e-5;
      expect(gradient[x]).toBeCloseTo(slope, 5);
      const [up, down] = [1e-5, -1e-5].map((by) => objective.derivatives(moved(x, by)).gradient);
      for (let y = 0; y < n; y++) expect(-curvature[x * n + y]!).toBeCloseTo((up![y]! - down![y]!) / 2e-5, 4);
    }
  });

  it('is the prior where nothing is known', () => {
    const { theta, covariance } = fitLogLinear(new Float64Array(0), [], K, prior);
    [0.85, 0.4, 0.6, 0, 0, 0, 0].forEach((mean, x) => expect(theta[x]).toBeCloseTo(mean, 10));
    expect(covariance[0]).toBeCloseTo(0.25 ** 2, 10);
    expect(covariance[3 * (S + K) + 3]).toBeCloseTo(0.9 ** 2, 10);
  });

  it('is at the top of its objective, and narrower the more is known', () => {
    const { rows, label } = example(2, 40);
    const once = fitLogLinear(rows, label, K, prior);
    const twice = fitLogLinear(Float64Array.from([...rows, ...rows]), [...label, ...label], K, prior);
    for (let x = 0; x < S + K; x++) {
      const at = x * (S + K) + x;
      expect(twice.covariance[at]).toBeLessThan(once.covariance[at]!);
    }
    const mean = Float64Array.from([0.85, 0.4, 0.6, 0, 0, 0, 0]);
    const precision = Float64Array.from([16, 16, 16, ...Array<number>(4).fill(1 / 0.81)]);
    const objective = new LogLinearObjective({ rows, label, classes: K, views: S, mean, precision });
    for (const d of objective.derivatives(once.theta).gradient) expect(d).toBeCloseTo(0, 5);
  });

  it('leaves the biases out with very many classes', () => {
    const fit = fitLogLinear(new Float64Array(0), [], 201, prior);
    expect(fit.covariance).toHaveLength(9);
    const out = new Float64Array(201);
    const order = Int32Array.from({ length: 201 }, (_, k) => k);
    new LogLinearDraws(fit, { draws: 8, order }).row(new Float64Array(3 * 201), out, 0);
    expect(out[0]).toBeCloseTo(1 / 201, 10);
  });

  it('averages to probabilities, of which the lower quantile is no more than the mean', () => {
    const { rows, label } = example(3, 20);
    const draws = new LogLinearDraws(fitLogLinear(rows, label, K, prior), { draws: 32, order: [0, 1, 2, 3] });
    const out = new Float64Array(K + 1);
    const sure = draws.row(rows.subarray(0, S * K), out, 1);
    expect(out.slice(1).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(sure).toBeLessThan(Math.max(...out));
    expect(draws.labelByDraw.reduce((a, b) => a + b) / 32).toBeCloseTo(Math.max(...out), 12);
  });

  it('is calibrated where θ is drawn from its prior', () => {
    let [claimed, right, count] = [0, 0, 0];
    for (let file = 0; file < 150; file++) {
      const rng = makeRng(`file ${file}`);
      const theta = [...prior.weights.map(({ mean, sd }) => Math.max(0, mean + sd * rng.normal()))];
      const bias = Array.from({ length: K }, () => 0.9 * rng.normal());
      const { rows } = example(1000 + file, 60);
      const label = Int32Array.from({ length: 60 }, (_, g) => {
        const score = bias.map((b, k) => theta.reduce((sum, w, v) => sum + w * rows[(g * S + v) * K + k]!, b));
        const max = Math.max(...score);
        return rng.categorical(Float64Array.from(score, (x) => Math.exp(x - max)));
      });
      const fit = fitLogLinear(rows.subarray(0, 20 * S * K), label.subarray(0, 20), K, prior);
      const draws = new LogLinearDraws(fit, { draws: 32, order: [0, 1, 2, 3] });
      const out = new Float64Array(K);
      for (let g = 20; g < 60; g++) {
        draws.row(rows.subarray(g * S * K, (g + 1) * S * K), out, 0);
        const best = out.indexOf(Math.max(...out));
        claimed += out[best]!;
        if (label[g] === best) right++;
        count++;
      }
    }
    expect(Math.abs(claimed - right) / count).toBeLessThan(0.02);
  });
});
