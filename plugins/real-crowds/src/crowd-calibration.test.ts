import { describe, expect, it } from 'vitest';
import { AnnotationIndex, type CalibrateRequest } from '@quorate/core';
import { Urn } from '@quorate/core/numbers';
import { columnsOf } from './crowd-columns.js';
import { CrowdCalibration } from './crowd-calibration.js';
import { crowdLabels } from './crowd-labels.js';
import { expectedGain } from './expected-gain.js';

const K = 3;
/** Answers to each item, each by another worker; workers who are right eight times out of ten. */
function requestOf(answers: readonly (readonly number[])[], learner: Float32Array | null = null): CalibrateRequest {
  const [N, W] = [answers.length, Math.max(1, ...answers.map((all) => all.length))];
  const annotations = new AnnotationIndex(N, W, K);
  answers.forEach((all, i) => all.forEach((z, j) => annotations.append(i, j, z)));
  return {
    annotations,
    beliefs: {
      posterior: new Float64Array(N * K).fill(1 / K),
      risk: new Float64Array(N).fill(1 - 1 / K),
      workers: {
        workers: W,
        classes: K,
        probability: Float64Array.from({ length: W * K * K }, (_, x) => ((x % (K * K)) % (K + 1) === 0 ? 0.8 : 0.1)),
      },
      learner: learner && { probability: learner, includesOwnAnswers: false },
      iterations: 1,
      converged: true,
    },
    known: { item: new Int32Array(0), label: new Int32Array(0) },
    prototypes: null,
    prototypeClass: new Int32Array(0),
  };
}
const calibration = new CrowdCalibration({ dependence: 5, minGain: 0, askPrototypes: false, answersPerPrototype: 3 });
const many = Array.from({ length: 30 }, (_, i) => [i % K, i % K, (i + (i % 5 === 0 ? 1 : 0)) % K]);

describe('calibration of a crowd', () => {
  it('believes more answers that agree more, and never fully', () => {
    let before = 0;
    for (const n of [1, 2, 4, 8, 40]) {
      const { posterior } = calibration.calibrate(requestOf([...many, Array<number>(n).fill(2)]));
      expect(posterior[30 * K + 2]).toBeGreaterThan(before);
      before = posterior[30 * K + 2]!;
    }
    expect(before).toBeLessThan(0.999);
  });

  it('follows the learner where nobody has answered, and leans on it beside answers, by less than it says', () => {
    const learner = new Float32Array(31 * K).fill(1 / K);
    learner.set([0.9, 0.05, 0.05], 30 * K);
    const alone = calibration.calibrate(requestOf([...many, []], learner)).posterior;
    expect(alone[30 * K]).toBeGreaterThan(0.5);
    expect(alone[30 * K]).toBeLessThan(0.9);
    const beside = calibration.calibrate(requestOf([...many, [1]], learner)).posterior;
    const without = calibration.calibrate(requestOf([...many, [1]])).posterior;
    expect(beside[30 * K]).toBeGreaterThan(without[30 * K]!);
  });

  it('learns from prototypes as from audits', () => {
    const plain = requestOf(many);
    const count = 12;
    const wrong = {
      count,
      prototype: Int32Array.from({ length: count }, (_, a) => a),
      worker: new Int32Array(count),
      label: new Int32Array(count),
    };
    const prototypes = { ...plain, prototypes: wrong, prototypeClass: new Int32Array(count).fill(1) };
    const before = calibration.calibrate(plain).posterior;
    const after = calibration.calibrate(prototypes).posterior;
    expect(after[1]).toBeGreaterThan(before[1]!);
    expect(after).toHaveLength(before.length);
  });

  it('gains from the next answers what an enumeration of them gains', () => {
    const request = requestOf([...many, [0, 1], [2, 2, 2], []]);
    const crowd = columnsOf(request);
    const urn = Urn.fit(crowd, crowdLabels(crowd, request.beliefs.workers), 5);
    const { posterior } = calibration.calibrate(request);
    const gain = expectedGain(crowd, urn, posterior, 33);
    for (const i of [0, 5, 30, 31, 32]) {
      const counts = [0, 1, 2].map(
        (z) => [...crowd.label.slice(crowd.start[i], crowd.start[i + 1])].filter((x) => x === z).length,
      );
      const n = counts.reduce((a, b) => a + b, 0);
      const says = (k: number, z: number, extra: readonly number[]): number =>
        (counts[z]! + extra.filter((x) => x === z).length + 5 * urn.confusion[k * K + z]!) / (n + extra.length + 5);
      const q = posterior.subarray(i * K, (i + 1) * K);
      const now = Math.max(...q);
      let [one, two] = [0, 0];
      for (let z = 0; z < K; z++) {
        one += Math.max(...[0, 1, 2].map((k) => q[k]! * says(k, z, [])));
        for (let y = 0; y < K; y++) two += Math.max(...[0, 1, 2].map((k) => q[k]! * says(k, z, []) * says(k, y, [z])));
      }
      expect(gain[i]).toBeCloseTo(Math.max(one - now, (two - now) / 2), 10);
    }
    expect(gain[31]).toBeLessThan(gain[30]!);
  });
});
