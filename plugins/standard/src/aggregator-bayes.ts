import { defineComponent, type AggregateRequest, type Annotations, type WorkerConfusions } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import { z } from 'zod';
import { FACTOR_FLOOR } from './likelihood.js';

/** As many factors >= 1e-8 can be multiplied and stay far above the smallest double, 2e-308; more need logarithms. */
const LINEAR_FACTORS = 32;

/**
 * The E step of Dawid and Skene's model with a prior for every item:
 *
 *     y_i(k) ∝ (prior_i(k) + 1e-8) Π_a (P_j(z_a | k) + 1e-8)        a = (i, j, z) over item i's annotations   [Liao21]
 *
 * Products instead of sums of logarithms: an item has a handful of annotations, and a multiplication is twenty times
 * cheaper than a logarithm. Items with more than 32 annotations take the logarithm once for every 32 factors.
 */
export function posteriorByBayes(request: AggregateRequest): void {
  const { annotations, workers, prior, rows, posterior } = request;
  const { items, annotated, annotatedCount, perItem } = annotations;
  // In the order of the items, not of arrival: rows lie in the order in which memory is read.
  for (let item = 0; item < items; item++) {
    const count = perItem[item]!;
    if (count > LINEAR_FACTORS) multiplyMany(annotations, workers, item, prior, posterior);
    else if (count > 0) multiplyFew(annotations, workers, item, prior, posterior);
    else if (rows === 'all') withoutAnnotations(item, annotations.classes, prior, posterior);
  }
  if (rows === 'annotated') {
    for (let n = 0; n < annotatedCount; n++) {
      const item = annotated[n]!;
      // Its annotations were taken back.
      if (perItem[item] === 0) withoutAnnotations(item, annotations.classes, prior, posterior);
    }
  }
  if (request.gold) fixGold(annotations.classes, request.gold, posterior);
}

/** One-hot rows where the class is known. @param posterior N×K, changed in place. */
export function fixGold(K: number, gold: Int32Array, posterior: Float64Array): void {
  gold.forEach((g, item) => {
    if (g >= 0) posterior.fill(0, item * K, (item + 1) * K)[item * K + g] = 1;
  });
}

type Prior = AggregateRequest['prior'];

function multiplyFew(
  { firstOfItem, nextOfItem, worker, label }: Annotations,
  { probability, classes: K }: WorkerConfusions,
  item: number,
  prior: Prior,
  posterior: Float64Array,
): void {
  const start = item * K;
  let a = firstOfItem[item]!;
  let row = (worker[a]! * K + label[a]!) * K;
  let sum = 0;
  if (prior === null) {
    for (let k = 0; k < K; k++) sum += posterior[start + k] = probability[row + k]! + FACTOR_FLOOR;
  } else {
    for (let k = 0; k < K; k++) {
      sum += posterior[start + k] = (prior[start + k]! + FACTOR_FLOOR) * (probability[row + k]! + FACTOR_FLOOR);
    }
  }
  for (a = nextOfItem[a]!; a >= 0; a = nextOfItem[a]!) {
    row = (worker[a]! * K + label[a]!) * K;
    sum = 0;
    for (let k = 0; k < K; k++) sum += posterior[start + k]! *= probability[row + k]! + FACTOR_FLOOR;
  }
  scale(posterior, start, K, 1 / sum);
}

function withoutAnnotations(item: number, K: number, prior: Prior, posterior: Float64Array): void {
  const start = item * K;
  if (prior === null) {
    posterior.fill(1 / K, start, start + K);
    return;
  }
  let sum = 0;
  for (let x = start; x < start + K; x++) sum += posterior[x] = prior[x]! + FACTOR_FLOOR;
  scale(posterior, start, K, 1 / sum);
}

function scale(x: Float64Array, start: number, length: number, factor: number): void {
  for (let k = 0; k < length; k++) x[start + k]! *= factor;
}

/** In logarithms, taken of products of 32 factors. */
function multiplyMany(
  { firstOfItem, nextOfItem, worker, label }: Annotations,
  { probability, classes: K }: WorkerConfusions,
  item: number,
  prior: Prior,
  posterior: Float64Array,
): void {
  const start = item * K;
  const log = new Float64Array(K);
  const product = new Float64Array(K);
  for (let k = 0; k < K; k++) product[k] = prior === null ? 1 : prior[start + k]! + FACTOR_FLOOR;
  let factors = 1;
  for (let a = firstOfItem[item]!; a >= 0; a = nextOfItem[a]!) {
    const row = (worker[a]! * K + label[a]!) * K;
    for (let k = 0; k < K; k++) product[k]! *= probability[row + k]! + FACTOR_FLOOR;
    if (++factors % LINEAR_FACTORS === 0) takeLogarithms(product, log);
  }
  takeLogarithms(product, log);
  softmax(log);
  posterior.set(log, start);
}

/** Adds the logarithms of the products to `log`, and starts the products afresh. */
function takeLogarithms(product: Float64Array, log: Float64Array): void {
  for (let k = 0; k < log.length; k++) log[k]! += Math.log(product[k]!);
  product.fill(1);
}

export default defineComponent({
  kind: 'aggregator',
  name: 'bayes',
  summary: "posterior out of the learner's prior and the workers' confusion matrices (Dawid-Skene E step)",
  options: z.strictObject({}),
  create: () => ({ emptyRows: false, aggregate: posteriorByBayes }),
});
