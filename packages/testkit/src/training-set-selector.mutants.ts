import type { LearnRequest, TrainingSet } from '@quorate/core';
import type { Mutant } from './mutants.js';
import { referenceSelector } from './reference/training-set-selector.js';
import type { TrainingSetSelectorSubject } from './training-set-selector.js';

function mutant(
  name: string,
  breaks: string,
  start: () => (set: TrainingSet, request: LearnRequest) => TrainingSet,
): Mutant<TrainingSetSelectorSubject> {
  const make: TrainingSetSelectorSubject['make'] = () => {
    const change = start();
    return { select: (request) => change(referenceSelector().select(request), request) };
  };
  return { name, breaks, subject: { make, capabilities: {} } };
}

let selectionsOfAll = 0;

export const trainingSetSelectorMutants: readonly Mutant<TrainingSetSelectorSubject>[] = [
  mutant('a row for every annotation', 'L1', () => (_set, { annotations }) => {
    const rows = annotations.item.slice(0, annotations.live).sort();
    return { rows, labels: new Int32Array(rows.length), weights: null };
  }),
  mutant('rows by order of arrival', 'L1', () => ({ rows, labels }, { annotations }) => {
    const order = annotations.annotated.slice(0, annotations.annotatedCount).filter((i) => rows.includes(i));
    return { rows: order, labels: order.map((i) => labels[rows.indexOf(i)]!), weights: null };
  }),
  mutant('the prototypes too', 'L1', () => ({ rows, labels }, { dataset }) => {
    const { classOf } = dataset.prototypes;
    const more = classOf.map((_, p) => dataset.taskIds.length + p);
    return { rows: Int32Array.of(...rows, ...more), labels: Int32Array.of(...labels, ...classOf), weights: null };
  }),
  mutant('weight by the confidence that is left', 'L1', () => (set, { risk }) => {
    return { ...set, weights: Float32Array.from(set.rows, (i) => risk[i]!) };
  }),
  mutant('a class for "none"', 'L1', () => (set, { posterior, dataset }) => {
    const K = dataset.classes.length;
    return { ...set, labels: set.labels.map((k, x) => (posterior[set.rows[x]! * K + k]! < 0.5 ? -1 : k)) };
  }),
  mutant('all rows are unlabelled, the labelled ones too', 'L1', () => (set, { dataset }) => {
    const unlabelled = Int32Array.from(dataset.taskIds.keys());
    return { ...set, mixMatch: { unlabelled, mu: 1, alpha: 1, temperature: 1, weight: 1, noise: 0 } };
  }),
  mutant('guesses of temperature 0', 'L1', () => (set) => {
    const unlabelled = new Int32Array(0);
    return { ...set, mixMatch: { unlabelled, mu: 1, alpha: 1, temperature: 0, weight: 1, noise: 0 } };
  }),
  mutant('hardens the posterior in place', 'L2', () => (set, { posterior }) => {
    posterior.forEach((p, x) => (posterior[x] = Math.round(p)));
    return set;
  }),
  mutant('grows from call to call', 'L2', () => {
    let calls = 0;
    return ({ rows, labels }) => {
      calls++;
      return { rows: rows.slice(0, calls), labels: labels.slice(0, calls), weights: null };
    };
  }),
  mutant('a coin of the process', 'L2', () => (set) => {
    const from = selectionsOfAll++ % 3 === 0 ? 1 : 0;
    return { rows: set.rows.slice(from), labels: set.labels.slice(from), weights: null };
  }),
  mutant('the least probable class', 'S1', () => (set, { posterior, dataset }) => {
    const K = dataset.classes.length;
    const least = (i: number): number => {
      const row = [...posterior.subarray(i * K, (i + 1) * K)];
      return row.indexOf(Math.min(...row));
    };
    return { ...set, labels: set.labels.map((_, x) => least(set.rows[x]!)) };
  }),
  mutant('nothing at all', 'S1', () => () => ({ rows: new Int32Array(0), labels: new Int32Array(0), weights: null })),
  {
    name: 'the true classes',
    breaks: 'L2',
    subject: {
      make: ({ truth }) => ({
        select: (request) => {
          const set = referenceSelector().select(request);
          return truth ? { ...set, labels: set.rows.map((i) => truth.classOf[i]!) } : set;
        },
      }),
      capabilities: {},
    },
  },
];
