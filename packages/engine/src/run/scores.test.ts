import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { argmax, makeRng } from '@quorate/core';
import { expectedCalibrationError, scoreProbabilities } from './scores.js';

const shared = process.env['QUORATE_SHARED'] ?? join(import.meta.dirname, '../../../../shared');
const golden = join(shared, 'golden', 'ece.json');

interface Golden {
  cases: { n_classes: number; probs: number[][]; labels: number[]; cal_ece_10_bins: number }[];
  edges: { conf: number[]; pred: number[]; true: number[]; cal_ece_10_bins: number };
}

describe.skipIf(!existsSync(golden))(`calibration error of the original program (skipped without ${golden})`, () => {
  const { cases, edges } = (existsSync(golden) ? JSON.parse(readFileSync(golden, 'utf8')) : { cases: [] }) as Golden;
  it.each(cases.map((c, n) => [n, c] as const))('case %i', (_n, { probs, labels, cal_ece_10_bins, n_classes }) => {
    const confidence = probs.map((row) => Math.max(...row));
    const correct = probs.map((row, i) => (argmax(row) === labels[i] ? 1 : 0));
    expect(expectedCalibrationError(confidence, correct)).toBeCloseTo(cal_ece_10_bins, 7);
    const risk = Float64Array.from(confidence, (c) => 1 - c);
    const truth = { classOf: Int32Array.from(labels) };
    const scores = scoreProbabilities(Float64Array.from(probs.flat()), n_classes, truth, risk, 0.1);
    expect(scores.all.ece).toBeCloseTo(cal_ece_10_bins, 7);
  });
  it('puts confidences on the borders where the original does', () => {
    const correct = edges.pred.map((k, i) => (k === edges.true[i] ? 1 : 0));
    expect(expectedCalibrationError(edges.conf, correct)).toBeCloseTo(edges.cal_ece_10_bins, 9);
  });
});

describe('scores', () => {
  it('of the targets and of the distractors are those of each alone, and of both together as without the distinction', () => {
    const rng = makeRng('groups');
    const [N, K] = [300, 4];
    const p = Float64Array.from({ length: N * K }, () => rng.uniform());
    const classOf = Int32Array.from({ length: N }, () => rng.int(K));
    const risk = Float64Array.from({ length: N }, () => rng.uniform());
    const together = scoreProbabilities(p, K, { classOf }, risk, 0.4);
    const { targets, distractors, ...both } = scoreProbabilities(p, K, { classOf }, risk, 0.4, K - 1);
    expect(Object.keys(together)).toEqual(['all', 'valid', 'open']);
    for (const group of ['all', 'valid', 'open'] as const) {
      expect(both[group].correct).toBe(together[group].correct);
      expect(both[group].ece).toBeCloseTo(together[group].ece!, 12);
    }
    for (const [scores, wanted] of [
      [targets!, (i: number) => classOf[i] !== K - 1],
      [distractors!, (i: number) => classOf[i] === K - 1],
    ] as const) {
      const items = [...classOf.keys()].filter(wanted);
      const rows = Float64Array.from(items.flatMap((i) => [...p.subarray(i * K, (i + 1) * K)]));
      const truth = { classOf: Int32Array.from(items, (i) => classOf[i]!) };
      expect(scores).toEqual(
        scoreProbabilities(
          rows,
          K,
          truth,
          Float64Array.from(items, (i) => risk[i]!),
          0.4,
        ),
      );
    }
  });

  it('agree with sorting every row', () => {
    const rng = makeRng('scores');
    const [N, K] = [200, 13];
    const p = Float64Array.from({ length: N * K }, () => rng.int(6) / 6);
    const truth = { classOf: Int32Array.from({ length: N }, () => rng.int(K)) };
    const risk = Float64Array.from({ length: N }, () => rng.uniform());
    const { all, valid, open } = scoreProbabilities(p, K, truth, risk, 0.4);
    const within = (top: number, group: (i: number) => boolean): number => {
      let hits = 0;
      let n = 0;
      for (let i = 0; i < N; i++) {
        if (!group(i)) continue;
        n++;
        const row = [...p.subarray(i * K, (i + 1) * K)];
        const order = row.map((_, k) => k).sort((a, b) => row[b]! - row[a]! || a - b);
        if (order.slice(0, top).includes(truth.classOf[i]!)) hits++;
      }
      return hits / n;
    };
    for (const [score, group] of [
      [all, () => true],
      [valid, (i: number) => risk[i]! <= 0.4],
      [open, (i: number) => risk[i]! > 0.4],
    ] as const) {
      expect(score.top1).toBeCloseTo(within(1, group), 12);
      expect(score.top5).toBeCloseTo(within(5, group), 12);
      expect(score.top10).toBeCloseTo(within(10, group), 12);
    }
    expect(all.correct + all.incorrect).toBe(N);
    expect(valid.correct + open.correct).toBe(all.correct);
  });

  it('are null for an empty group, and ECE is zero for a perfect and 0.5 for a half right sure guess', () => {
    const truth = { classOf: Int32Array.of(0, 1) };
    const sure = scoreProbabilities(Float64Array.of(1, 0, 0, 1), 2, truth, Float64Array.of(0, 0), 0.1);
    expect(sure.open).toEqual({ top1: null, top5: null, top10: null, correct: 0, incorrect: 0, ece: null });
    expect(sure.all).toMatchObject({ top1: 1, ece: 0 });
    expect(expectedCalibrationError([1, 1], [1, 0])).toBeCloseTo(0.5, 12);
    expect(expectedCalibrationError([], [])).toBe(null);
  });
});
