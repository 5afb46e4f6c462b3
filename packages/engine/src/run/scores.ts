import { argmax } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';

/** How good class probabilities are on a group of items. Null where the group is empty. */
export interface Score {
  /** Share of items whose true class is among the 1, 5, 10 most probable; ties go to the lowest class. */
  readonly top1: number | null;
  readonly top5: number | null;
  readonly top10: number | null;
  readonly correct: number;
  readonly incorrect: number;
  /** Expected calibration error of the most probable class, 10 bins. */
  readonly ece: number | null;
}

export interface Scores {
  /** All items; those with risk <= threshold; the others. */
  readonly all: Score;
  readonly valid: Score;
  readonly open: Score;
  /** The same of the items of the classes that the run is about, and of the distractors; left out without distractors. */
  readonly targets?: GroupScores;
  readonly distractors?: GroupScores;
}

export type GroupScores = Pick<Scores, 'all' | 'valid' | 'open'>;

/** Bins (lower, upper] of width 0.1 with the borders in the floating point of the published program. */
const BINS = 10;
const upper = Float64Array.from({ length: BINS }, (_, b) => 0.1 + b * 0.1);
const lower = upper.map((border) => border - 0.1);

/**
 * Scores N×K class probabilities against the truth. One pass, no sorting: the rank of the true class is the number of
 * classes before it.
 *
 * @param probability N×K row-major. @param risk Aggregate's risk, length N: it says which items are valid, for the
 *   learner's scores too. @param threshold An item is valid when its risk is at or below it. @param distractorClass Class of
 *   the distractors, where there are some.
 */
export function scoreProbabilities(
  probability: Float64Array | Float32Array,
  classes: number,
  truth: Truth,
  risk: Float64Array,
  threshold: number,
  distractorClass = -1,
): Scores {
  const [targets, distractors] = [new Group(), new Group()];
  for (let i = 0; i < risk.length; i++) {
    const start = i * classes;
    const trueClass = truth.classOf[i]!;
    if (trueClass < 0) continue;
    const p = probability[start + trueClass]!;
    let rank = 0;
    for (let k = 0; k < trueClass; k++) if (probability[start + k]! >= p) rank++;
    for (let k = trueClass + 1; k < classes; k++) if (probability[start + k]! > p) rank++;
    const confidence = probability[start + argmax(probability, start, classes)]!;
    const group = trueClass === distractorClass ? distractors : targets;
    (risk[i]! <= threshold ? group.valid : group.open).add(rank, confidence);
  }
  if (distractorClass < 0) return targets.scores();
  const groups = { targets: targets.scores(), distractors: distractors.scores() };
  targets.valid.merge(distractors.valid);
  targets.open.merge(distractors.open);
  return { ...targets.scores(), ...groups };
}

/**
 * Expected calibration error Σ_b n_b/n |accuracy_b - confidence_b| over 10 equal bins (lower, upper].
 * @param confidence Probabilities in 0..1. @param correct 1 where the prediction was right. Empty input gives null.
 */
export function expectedCalibrationError(confidence: ArrayLike<number>, correct: ArrayLike<number>): number | null {
  const tally = new Tally();
  for (let i = 0; i < confidence.length; i++) tally.add(correct[i] ? 0 : 1, confidence[i]!);
  return tally.score().ece;
}

class Tally {
  readonly #count = new Float64Array(BINS);
  readonly #right = new Float64Array(BINS);
  readonly #confidence = new Float64Array(BINS);
  #n = 0;
  #top1 = 0;
  #top5 = 0;
  #top10 = 0;

  add(rank: number, confidence: number): void {
    this.#n++;
    if (rank < 1) this.#top1++;
    if (rank < 5) this.#top5++;
    if (rank < 10) this.#top10++;
    // Neighbours too: in floating point a border may belong to two bins or to none, and parity wants just that.
    const near = Math.ceil(confidence * BINS) - 1;
    for (let b = Math.max(0, near - 1); b <= Math.min(BINS - 1, near + 1); b++) {
      if (!(confidence > lower[b]! && confidence <= upper[b]!)) continue;
      this.#count[b]!++;
      this.#confidence[b]! += confidence;
      if (rank < 1) this.#right[b]!++;
    }
  }

  merge(other: Tally): void {
    this.#n += other.#n;
    this.#top1 += other.#top1;
    this.#top5 += other.#top5;
    this.#top10 += other.#top10;
    for (let b = 0; b < BINS; b++) {
      this.#count[b]! += other.#count[b]!;
      this.#right[b]! += other.#right[b]!;
      this.#confidence[b]! += other.#confidence[b]!;
    }
  }

  score(): Score {
    const n = this.#n;
    const share = (count: number): number | null => (n > 0 ? count / n : null);
    let gap = 0;
    for (let b = 0; b < BINS; b++) gap += Math.abs(this.#right[b]! - this.#confidence[b]!);
    return {
      top1: share(this.#top1),
      top5: share(this.#top5),
      top10: share(this.#top10),
      correct: this.#top1,
      incorrect: n - this.#top1,
      ece: share(gap),
    };
  }
}

/** Items of one kind, valid and open. */
class Group {
  readonly valid = new Tally();
  readonly open = new Tally();

  scores(): GroupScores {
    const all = new Tally();
    all.merge(this.valid);
    all.merge(this.open);
    return { all: all.score(), valid: this.valid.score(), open: this.open.score() };
  }
}
