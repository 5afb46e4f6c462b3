import type { LearnRequest } from '@quorate/core';

/** What is added to every probability of a product, so that no model rules a class out. */
export const FLOOR = 1e-8;

/**
 * What the answers alone say of each annotated item, E_i(k) = exp(LL_i(k) - max_k LL_i(k)) in 0..1, and what follows from
 * them and from class probabilities p: q_i(k) ∝ (p_i(k) + 1e-8) E_i(k) V_i(k), V_i the likelihood of what models say.
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
  /** What models say of the items; null where they say nothing. */
  voices: Voices | null = null;

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
    this.voices = voicesOf(request, this.items.length, K);
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

  /** Turns p (N×K) into q, in place: the rows that people or models say something of, since the others stay as they are. */
  believe(p: Float32Array): void {
    const K = this.classes;
    const multiply = (item: number, likelihood: Float32Array, from: number): void => {
      const start = item * K;
      let sum = 0;
      for (let k = 0; k < K; k++) sum += p[start + k] = (p[start + k]! + FLOOR) * likelihood[from + k]!;
      for (let k = 0; k < K; k++) p[start + k]! /= sum;
    };
    for (let n = 0; n < this.count; n++) multiply(this.items[n]!, this.likelihood, n * K);
    this.voices?.items.forEach((item, n) => multiply(item, this.voices!.likelihood, n * K));
  }
}

/** The items that models say something of, and the likelihood of what they say, a row for each. */
interface Voices {
  readonly items: Int32Array;
  readonly likelihood: Float32Array;
}

function voicesOf({ voices }: LearnRequest, items: number, K: number): Voices | null {
  if (!voices) return null;
  const row = new Float64Array(K);
  const said = Int32Array.from({ length: items }, (_, i) => i).filter((i) => voices(i, row));
  if (said.length === 0) return null;
  const likelihood = new Float32Array(said.length * K);
  said.forEach((item, n) => {
    voices(item, row);
    likelihood.set(row, n * K);
  });
  return { items: said, likelihood };
}
