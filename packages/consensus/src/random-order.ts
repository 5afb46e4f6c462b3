import { AnnotationIndex, argmax, type Aggregator, type Rng } from '@quorate/core';
import { logisticRegression } from './logistic-regression.js';

/** Answers that people have given to the items of a data set, and what else is known of it. */
export interface RecordedAnswers {
  /** N, W and K. */
  readonly items: number;
  readonly workers: number;
  readonly classes: number;
  /** Entry a of the record: at most one for each worker and item. */
  readonly item: Int32Array;
  readonly worker: Int32Array;
  readonly label: Int32Array;
  /** Of the items, then of the prototypes: (N+P)×D row-major; null without. */
  readonly features: { readonly data: Float32Array; readonly columns: number } | null;
  /** Length P. */
  readonly prototypeClass: Int32Array;
}

/** Labels, -1 where there is none, by the way they were made. */
export interface RandomOrderLabels {
  /** Classes that most answers name, the lowest of equals. */
  readonly majority: Int32Array;
  readonly dawidSkene: Int32Array;
  /** Logistic regression on the features, learned from what Dawid-Skene says, times Dawid-Skene; null without features. */
  readonly regression: Int32Array | null;
}

/** So few answers are none. */
const LEAST = 1e-12;

/**
 * What as many answers, asked in random order, would have come to: the usual ways beside a method that chooses. An item
 * without answers has the most frequent class, but for the regression.
 *
 * @param count How many answers, at most all of the record.
 */
export function randomOrderLabels(
  record: RecordedAnswers,
  count: number,
  dawidSkene: Aggregator,
  rng: Rng,
): RandomOrderLabels {
  const { items: N, workers, classes: K } = record;
  const annotations = new AnnotationIndex(N, workers, K);
  for (const a of rng.choose(record.item.length, Math.min(count, record.item.length))) {
    annotations.append(record.item[a]!, record.worker[a]!, record.label[a]!);
  }
  const votes = new Float64Array(N * K);
  for (let a = 0; a < annotations.count; a++) votes[annotations.item[a]! * K + annotations.label[a]!]!++;
  const posterior = new Float64Array(N * K);
  dawidSkene.aggregate({
    annotations,
    workers: { workers, classes: K, probability: new Float64Array(workers * K * K).fill(1 / K) },
    prior: null,
    rows: 'all',
    posterior,
  });
  const answered = Uint8Array.from({ length: N }, (_, i) => (annotations.perItem[i]! > 0 ? 1 : 0));
  const labels = (rows: Float64Array): Int32Array => {
    const frequent = mostFrequent(rows, answered, K);
    return Int32Array.from(answered, (one, i) => (one === 1 ? argmax(rows, i * K, K) : frequent));
  };
  return {
    majority: labels(votes),
    dawidSkene: labels(posterior),
    regression: record.features && combined(record, record.features, posterior, answered),
  };
}

function mostFrequent(rows: Float64Array, answered: Uint8Array, K: number): number {
  const shares = new Float64Array(K);
  answered.forEach((one, i) => {
    if (one === 1) shares[argmax(rows, i * K, K)]!++;
  });
  return argmax(shares);
}

function combined(
  { items: N, classes: K, prototypeClass }: RecordedAnswers,
  features: { readonly data: Float32Array; readonly columns: number },
  posterior: Float64Array,
  answered: Uint8Array,
): Int32Array {
  const rows: number[] = [];
  const targets: number[] = [];
  answered.forEach((one, i) => {
    if (one === 0) return;
    rows.push(i);
    for (let k = 0; k < K; k++) targets.push(posterior[i * K + k]!);
  });
  prototypeClass.forEach((y, p) => {
    rows.push(N + p);
    for (let k = 0; k < K; k++) targets.push(k === y ? 1 : 0);
  });
  const predicted = logisticRegression(features, K, Int32Array.from(rows), Float64Array.from(targets));
  const row = new Float64Array(K);
  return Int32Array.from(answered, (one, i) => {
    for (let k = 0; k < K; k++) {
      row[k] = Math.log(predicted[i * K + k]! + LEAST) + (one === 1 ? Math.log(posterior[i * K + k]! + LEAST) : 0);
    }
    return argmax(row);
  });
}
