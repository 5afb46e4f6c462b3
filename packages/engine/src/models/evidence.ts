import type { LearnerOutput, LearnRequest, ModelEvidence, Snapshot } from '@quorate/core';
import type { FamilyAnswers } from './family-answers.js';
import { foldOf, trustIn, voiceOf, type Judged, type Reading, type Trust } from './trust.js';

/** Families are fitted to each other in turn, so often. */
const SWEEPS = 2;
/** Most judged rows of one fit: the latest ones. */
const MOST_ROWS = 5000;
/** Answers to tasks that had one before, as of which it is half known how good people are. */
const REPEATED = 50;
const FLOOR = 1e-8;

/**
 * What all families of models say, joined to what the learner says:
 *
 *     p_i(k) ∝ learner_i(k) Π_f L_if(k)^{w_f}
 *
 * with each family judged by people's answers (`trustIn`), given the learner and the other families: models that say the same
 * are one voice more, not two.
 */
export class JoinedEvidence implements ModelEvidence {
  readonly #families: readonly FamilyAnswers[];
  #trust: readonly Trust[] = [];
  /** 1 for the items that families were judged by, length N. */
  readonly #judged: Uint8Array;

  constructor(families: readonly FamilyAnswers[], items: number) {
    this.#families = families;
    this.#judged = new Uint8Array(items);
  }

  /** Of each family, as of the last step; empty before the first. */
  get trust(): readonly Trust[] {
    return this.#trust;
  }

  join(request: LearnRequest, learned: LearnerOutput | null): LearnerOutput | null {
    const rows = judgedRows(request, learned);
    const trust: Trust[] = [];
    for (let sweep = 0; sweep < (this.#families.length > 1 ? SWEEPS : 1); sweep++) {
      this.#families.forEach((family, f) => {
        const others = this.#families.flatMap((other, g) => (g === f || !trust[g] ? [] : [[other, trust[g]] as const]));
        trust[f] = trustIn(family, judgedOf(family, rows, others));
      });
    }
    this.#trust = trust;
    this.#judged.fill(0);
    for (const item of rows.items) this.#judged[item] = 1;
    const { taskIds, classes } = request.dataset;
    const K = classes.length;
    const probability = learned?.probability.slice() ?? new Float32Array(taskIds.length * K).fill(1 / K);
    const voice = new Float64Array(K);
    for (let i = 0; i < taskIds.length; i++) if (this.voices(i, voice)) multiply(probability, i, voice);
    return { probability, includesOwnAnswers: learned?.includesOwnAnswers ?? false };
  }

  /** Bound, since it is handed to learners. */
  readonly voices = (item: number, out: Float64Array): boolean => {
    const families = this.#trust.map((trust, f) => [this.#families[f]!, trust] as const);
    return voicesOf(families, item, this.#judged[item] === 1, out);
  };

  snapshot(): Snapshot {
    const judged = Int32Array.from(this.#judged.keys()).filter((i) => this.#judged[i] === 1);
    const reading = ({ weight, confusion }: Reading) => ({ weight, confusion: confusion.slice() });
    const trust = this.#trust.map((one) => {
      return { ...reading(one), evidence: one.evidence, withoutFold: one.withoutFold.map(reading) };
    });
    return { judged, trust };
  }

  restore(state: Snapshot): void {
    const { judged, trust } = state as unknown as { judged: Int32Array; trust: Trust[] };
    this.#trust = trust;
    this.#judged.fill(0);
    for (const item of judged) this.#judged[item] = 1;
  }
}

/** The items that people have answered about, with what the learner says of them. */
function judgedRows(request: LearnRequest, learned: LearnerOutput | null): Judged {
  const { annotated, annotatedCount, perItem, classes: K } = request.annotations;
  const items = annotated
    .slice(0, annotatedCount)
    .filter((item) => perItem[item]! > 0)
    .slice(-MOST_ROWS);
  const base = new Float64Array(items.length * K).fill(1 / K);
  const likelihood = new Float64Array(items.length * K);
  const row = new Float64Array(K);
  const repeated = items.reduce((sum, item) => sum + perItem[item]! - 1, 0);
  const sharpened = 1 + REPEATED / (REPEATED + repeated);
  items.forEach((item, r) => {
    if (learned) base.set(learned.probability.subarray(item * K, (item + 1) * K), r * K);
    request.annotationLogLikelihood(item, row);
    const max = row.reduce((most, x) => Math.max(most, x), -Infinity);
    for (let k = 0; k < K; k++) likelihood[r * K + k] = max === -Infinity ? 1 : Math.exp(sharpened * (row[k]! - max));
  });
  return { items, base, likelihood };
}

/** The rows that a family said something of, its base multiplied by what other families say. */
function judgedOf(family: FamilyAnswers, rows: Judged, others: readonly (readonly [FamilyAnswers, Trust])[]): Judged {
  const K = family.classes;
  const kept = Int32Array.from(rows.items.keys()).filter((r) => family.has[rows.items[r]!] === 1);
  const pick = (from: Float64Array): Float64Array => {
    const out = new Float64Array(kept.length * K);
    kept.forEach((r, x) => out.set(from.subarray(r * K, (r + 1) * K), x * K));
    return out;
  };
  const items = kept.map((r) => rows.items[r]!);
  const base = pick(rows.base);
  const voice = new Float64Array(K);
  items.forEach((item, r) => voicesOf(others, item, true, voice) && multiply(base, r, voice));
  return { items, base, likelihood: pick(rows.likelihood) };
}

/** Writes Π_f L_if(k)^{w_f}, the greatest 1, to `out`. False, and nothing written, where no family that counts said anything. */
function voicesOf(
  families: readonly (readonly [FamilyAnswers, Trust])[],
  item: number,
  judged: boolean,
  out: Float64Array,
): boolean {
  let said = false;
  for (const [family, trust] of families) {
    const { weight, confusion } = judged ? trust.withoutFold[foldOf(item)]! : trust;
    if (weight === 0 || family.has[item] === 0) continue;
    const voice = said ? new Float64Array(out.length) : out;
    voiceOf(family, item, confusion, voice);
    let most = 0;
    for (let k = 0; k < voice.length; k++) {
      if (weight !== 1) voice[k] = voice[k]! ** weight;
      if (said) out[k]! *= voice[k]!;
      if (out[k]! > most) most = out[k]!;
    }
    for (let k = 0; k < out.length; k++) out[k]! /= most;
    said = true;
  }
  return said;
}

/** Multiplies row `r` of class probabilities by a likelihood, and normalises it. */
function multiply(probability: Float32Array | Float64Array, r: number, likelihood: Float64Array): void {
  const K = likelihood.length;
  const start = r * K;
  let sum = 0;
  for (let k = 0; k < K; k++) sum += probability[start + k] = (probability[start + k]! + FLOOR) * likelihood[k]!;
  for (let k = 0; k < K; k++) probability[start + k]! /= sum;
}
