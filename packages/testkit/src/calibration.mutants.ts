import { argmax, type Calibration, type CalibrateRequest, type CalibratedBeliefs } from '@quorate/core';
import { bayesRisk } from '@quorate/core/numbers';
import type { CalibrationSubject } from './calibration.js';
import type { Mutant } from './mutants.js';
import { referenceCalibration } from './reference/calibration.js';

type Calibrate = (request: CalibrateRequest) => CalibratedBeliefs;

function mutant(name: string, breaks: string, change: (right: Calibrate) => Calibrate): Mutant<CalibrationSubject> {
  const make = (): Calibration => {
    const right = referenceCalibration();
    return { ...right, calibrate: change((request) => right.calibrate(request)) };
  };
  return { name, breaks, subject: { make, capabilities: {} } };
}

const withRisk = (given: CalibratedBeliefs, K: number): CalibratedBeliefs => {
  const risk = new Float64Array(given.risk.length);
  bayesRisk(given.posterior, K, risk);
  return { ...given, risk };
};

let callsOfAll = 0;

export const calibrationMutants: readonly Mutant<CalibrationSubject>[] = [
  mutant('keeps the risk as inferred', 'L1', (right) => (request) => ({
    ...right(request),
    risk: request.beliefs.risk.slice(),
  })),
  mutant('a class without mass divides by zero', 'L1', (right) => (request) => {
    const given = right(request);
    const K = request.annotations.classes;
    const mass = new Float64Array(K);
    request.beliefs.posterior.forEach((p, x) => (mass[x % K]! += p));
    given.posterior.forEach((p, x) => (given.posterior[x] = p / (mass[x % K] === 0 ? NaN : 1)));
    return given;
  }),
  mutant('is surer than it is confident', 'L1', (right) => (request) => {
    const given = right(request);
    return { ...given, sure: given.risk.map(() => 0.99) };
  }),
  mutant('counts the gain in answers', 'L1', (right) => (request) => {
    const given = right(request);
    return { ...given, gain: given.risk.map((_, i) => request.annotations.perItem[i]! + 1.5) };
  }),
  mutant('an interval beside its mean', 'L1', (right) => (request) => ({
    ...right(request),
    accuracy: { mean: 0.9, low: 0.91, high: 1 },
  })),
  mutant('softens the beliefs in place', 'L2', () => (request) => {
    const { posterior, risk } = request.beliefs;
    const K = request.annotations.classes;
    for (let x = 0; x < posterior.length; x++) posterior[x] = 0.9 * posterior[x]! + 0.1 / K;
    bayesRisk(posterior, K, risk);
    return { posterior: posterior.slice(), risk: risk.slice(), sure: null, gain: null, accuracy: null };
  }),
  mutant(
    'returns the arrays of the beliefs',
    'L2',
    (right) => (request) =>
      request.known.item.length > 0
        ? right(request)
        : { ...right(request), posterior: request.beliefs.posterior, risk: request.beliefs.risk },
  ),
  mutant('remembers what was known before', 'L3', (right) => {
    const known = new Map<number, number>();
    return (request) => {
      request.known.item.forEach((item, g) => known.set(item, request.known.label[g]!));
      return right({
        ...request,
        known: { item: Int32Array.from(known.keys()), label: Int32Array.from(known.values()) },
      });
    };
  }),
  mutant('draws from a stream of the process', 'L3', (right) => (request) => {
    const given = right(request);
    const K = request.annotations.classes;
    const e = 0.01 * (callsOfAll++ % 3);
    return withRisk({ ...given, posterior: given.posterior.map((p) => (1 - e) * p + e / K) }, K);
  }),
  mutant('starts from what it delivered last', 'L3', (right) => {
    let last: Float64Array | null = null;
    return (request) => {
      const given = right(request);
      const before = last?.length === given.posterior.length ? last : given.posterior;
      last = given.posterior.map((p, x) => (p + before[x]!) / 2);
      return withRisk({ ...given, posterior: last.slice() }, request.annotations.classes);
    };
  }),
  mutant('gives class 0 the benefit of the doubt', 'L4', (right) => (request) => {
    const given = right(request);
    const K = request.annotations.classes;
    const posterior = given.posterior.map((p, x) => 0.8 * p + (x % K === 0 ? 0.2 : 0));
    return withRisk({ ...given, posterior }, K);
  }),
  mutant('trusts worker 0 more', 'L4', (right) => (request) => {
    const given = right(request);
    const { classes: K, firstOfWorker, nextOfWorker, item, label } = request.annotations;
    const posterior = given.posterior.slice();
    for (let a = firstOfWorker[0]!; a >= 0; a = nextOfWorker[a]!) {
      for (let k = 0; k < K; k++) posterior[item[a]! * K + k]! *= 0.5;
      posterior[item[a]! * K + label[a]!]! += 0.5;
    }
    return withRisk({ ...given, posterior }, K);
  }),
  mutant(
    'pays no heed to what is known',
    'L5',
    (right) => (request) => right({ ...request, known: { item: new Int32Array(0), label: new Int32Array(0) } }),
  ),
  mutant('fixes the known items and learns nothing for the others', 'L5', (right) => (request) => {
    const K = request.annotations.classes;
    const given = right({ ...request, known: { item: new Int32Array(0), label: new Int32Array(0) } });
    request.known.item.forEach((item, g) => {
      given.posterior.fill(0, item * K, (item + 1) * K);
      given.posterior[item * K + request.known.label[g]!] = 1;
    });
    return withRisk(given, K);
  }),
  mutant('sharpens: a label is certain', 'L6', () => ({ annotations: { classes: K }, beliefs }) => {
    const posterior = beliefs.posterior.slice().fill(0);
    for (let i = 0; i < beliefs.risk.length; i++) posterior[i * K + argmax(beliefs.posterior, i * K, K)] = 1;
    return withRisk({ posterior, risk: beliefs.risk, sure: null, gain: null, accuracy: null }, K);
  }),
  mutant('multiplies the answers as if they were independent', 'L6', (right) => (request) => {
    const given = right(request);
    const { classes: K, perItem } = request.annotations;
    const posterior = given.posterior.slice();
    for (let i = 0; i < given.risk.length; i++) {
      const row = posterior.subarray(i * K, (i + 1) * K);
      const max = Math.max(...row);
      row.forEach((p, k) => (row[k] = (p / max) ** (1 + perItem[i]!)));
      const sum = row.reduce((a, b) => a + b, 0);
      row.forEach((p, k) => (row[k] = p / sum));
    }
    return withRisk({ ...given, posterior }, K);
  }),
];
