import type { LearnRequest } from '@quorate/core';

/** What is added to every probability of a product, so that no model rules a class out. */
export const FLOOR = 1e-8;

/**
 * What the answers alone say of each annotated item, E_i(k) = exp(LL_i(k) - max_k LL_i(k)) in 0..1, and what follows from
 * them and from class probabilities p: q_i(k) ∝ (p_i(k) + 1e-8) E_i(k).
 */
export class AnswerLikelihood {
  readonly classes: number;
  /** Annotated items, by first arrival; the first `count` entries count. */
  readonly items: Int32Array;
  /** Place of each item among `items`, -1 for an item without annotations. */
  readonly place: Int32Array;
  count = 0;
  /** E, a row for each of `items`. */
  likelihood = new Float32Array(0);

  constructor(items: number, classes: number) {
    this.classes = classes;
    this.items = new Int32Array(items);
    this.place = new Int32Array(items);
  }

  /** Reads the answers of a request. */
  read(request: LearnRequest): void {
    const K = this.classes;
    const { annotated, annotatedCount, perItem } = request.annotations;
    this.count = 0;
    this.place.fill(-1);
    for (let n = 0; n < annotatedCount; n++) {
      const i = annotated[n]!;
      if (perItem[i] === 0) continue;
      this.items[this.count] = i;
      this.place[i] = this.count++;
    }
    const needed = this.count * K;
    if (this.likelihood.length < needed) {
      this.likelihood = new Float32Array(Math.min(2 * needed, this.items.length * K));
    }
    const row = new Float64Array(K);
    for (let n = 0; n < this.count; n++) {
      request.annotationLogLikelihood(this.items[n]!, row);
      let max = -Infinity;
      for (let k = 0; k < K; k++) if (row[k]! > max) max = row[k]!;
      // Answers that every class rules out say nothing.
      if (max === -Infinity) row.fill((max = 0));
      for (let k = 0; k < K; k++) this.likelihood[n * K + k] = Math.exp(row[k]! - max);
    }
  }

  /** Turns p (N×K) into q, in place: the rows of annotated items, since the others stay as they are. */
  believe(p: Float32Array): void {
    const K = this.classes;
    for (let n = 0; n < this.count; n++) {
      const start = this.items[n]! * K;
      let sum = 0;
      for (let k = 0; k < K; k++) sum += p[start + k] = (p[start + k]! + FLOOR) * this.likelihood[n * K + k]!;
      for (let k = 0; k < K; k++) p[start + k]! /= sum;
    }
  }
}
