import { normalizeRows, softmax } from '@quorate/core/numbers';
import { type Calibrator, type HeldOut } from '@quorate/core';
import type { CalibratorSubject } from './calibrator.js';
import type { Mutant } from './mutants.js';
import { referenceCalibrator } from './reference/calibrator.js';

type Map = (logits: Float32Array, classes: number) => void;

function mutant(
  name: string,
  breaks: string,
  start: () => (rows: HeldOut, right: Calibrator) => Map,
): Mutant<CalibratorSubject> {
  const make = (): Calibrator => {
    const fit = start();
    return { fit: (rows) => fit(rows, referenceCalibrator()) };
  };
  return { name, breaks, subject: { make, capabilities: {} } };
}

const scaledBy =
  (factor: number): Map =>
  (logits, K) => {
    for (let start = 0; start < logits.length; start += K) {
      for (let k = 0; k < K; k++) logits[start + k]! *= factor;
      softmax(logits, start, K);
    }
  };

let fitsOfAll = 0;

export const calibratorMutants: readonly Mutant<CalibratorSubject>[] = [
  mutant('exponentials without the max shift', 'L1', () => () => (logits, K) => {
    logits.forEach((x, at) => (logits[at] = Math.exp(x)));
    normalizeRows(logits, K);
  }),
  mutant('a sigmoid of each class', 'L1', () => () => (logits) => {
    logits.forEach((x, at) => (logits[at] = 1 / (1 + Math.exp(-x))));
  }),
  mutant('divides by the spread of the held-out logits', 'L1', () => ({ logits }) => {
    return scaledBy(1 / (Math.max(...logits) - Math.min(...logits)));
  }),
  mutant('softens the held-out rows in place', 'L2', () => (rows, right) => {
    const map = right.fit(rows);
    rows.logits.forEach((x, at) => (rows.logits[at] = x / 2));
    return map;
  }),
  mutant('all maps share the last temperature', 'L2', () => {
    let factor = 1;
    return ({ logits }) => {
      factor = 1 / (1 + Math.abs(logits[0]!));
      return (given, K) => scaledBy(factor)(given, K);
    };
  }),
  mutant('a start of the process', 'L2', () => () => scaledBy(1 + (fitsOfAll++ % 3) / 10)),
  mutant('validates on the first half of the rows', 'L3', () => ({ logits, labels, classes }, right) => {
    const half = Math.ceil(labels.length / 2);
    return right.fit({ classes, labels: labels.subarray(0, half), logits: logits.subarray(0, half * classes) });
  }),
  mutant('a bias of class 0', 'L3', () => (rows, right) => {
    const map = right.fit(rows);
    return (logits, K) => map(logits.fill(0.5, 0, 1), K);
  }),
  mutant('makes a model that is too sure surer', 'S1', () => () => scaledBy(3)),
  {
    name: 'a temperature by the truth',
    breaks: 'L2',
    subject: {
      make: ({ truth }) => ({ fit: () => scaledBy(1 + ((truth?.classOf.indexOf(0) ?? 0) + 1) / 10) }),
      capabilities: {},
    },
  },
];
