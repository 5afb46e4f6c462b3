import { QuorateError, type ClassLabel } from '@quorate/core';
import type { Calibration } from '@quorate/core/numbers';
import type { Consensus } from './consensus.js';

/** One label per task, in columns of length N, in the order in which tasks first appeared. */
export interface Labels {
  /** Class index; -1 where there is none. The lowest class of equals. */
  readonly label: Int32Array;
  /** Probability of the label, 0..1; 0 without one. Below 1 without gold where only one class was ever named. */
  readonly confidence: Float64Array;
  /** Answers to the task (skips not counted). */
  readonly annotations: Int32Array;
  /** Probability of the label less that of the runner-up; 0 on a tie. */
  readonly margin: Float64Array;
  /** The second most probable class; -1 where no other has any probability. */
  readonly runnerUp: Int32Array;
  /** 1 where a person should look: see `reviewBelow`. */
  readonly needsReview: Uint8Array;
  /** 1 where the true class was given. */
  readonly gold: Uint8Array;
  /** The confidence that holds for nine of ten files like this one, 0..1; null where confidence is not calibrated. */
  readonly sure: Float64Array | null;
  /** What the confidence of labels without gold is. */
  readonly confidenceIs: ConfidenceKind;
}

/**
 * `uncalibrated`: the aggregator's own posterior; `calibrated`: as right as labels of other real crowds were;
 * `calibrated_on_gold`: as right as the gold tasks of this file were.
 */
export type ConfidenceKind = 'uncalibrated' | 'calibrated' | 'calibrated_on_gold';

/** What the confidence of a consensus is. */
export function confidenceKindOf({ inferred }: Consensus): ConfidenceKind {
  if (!inferred?.calibrated || !isCalibrated(inferred.calibrated.calibration)) return 'uncalibrated';
  return inferred.calibrated.calibration.gold > 0 ? 'calibrated_on_gold' : 'calibrated';
}

/** A prior without any doubt leaves the posterior as it is, whatever gold says. */
function isCalibrated({ slope, growth, biasSd, covariance }: Calibration): boolean {
  return covariance[0]! > 1e-9 || biasSd > 0 || slope !== 1 || growth !== 0;
}

/**
 * The labels of a consensus. A task without answers has no label, unless its class was given or a model has spoken on it.
 *
 * @param reviewBelow A task needs review when it has no label, its two best classes are level, or its confidence is below
 * this; a gold task never does.
 */
export function labelsOf(consensus: Consensus, reviewBelow: number): Labels {
  const { posterior, gold, prior, answers } = consensus;
  const { items: N, classes: K, perItem } = answers.index;
  const label = new Int32Array(N).fill(-1);
  const confidence = new Float64Array(N);
  const margin = new Float64Array(N);
  const runnerUp = new Int32Array(N).fill(-1);
  const needsReview = new Uint8Array(N);
  const isGold = new Uint8Array(N);
  for (let i = 0; i < N; i++) {
    const known = (gold?.[i] ?? -1) >= 0;
    if (perItem[i] === 0 && !known && !prior) {
      needsReview[i] = 1;
      continue;
    }
    let [best, next] = [-1, -1];
    for (let k = 0; k < K; k++) {
      const p = posterior[i * K + k]!;
      if (!(p >= 0 && p <= 1 + 1e-9)) throw notProbability(answers.taskIds[i]!, p);
      if (best < 0 || p > posterior[i * K + best]!) [best, next] = [k, best];
      else if (next < 0 || p > posterior[i * K + next]!) next = k;
    }
    const first = K === 1 && !known ? ofOneClass(perItem[i]!) : Math.min(1, posterior[i * K + best]!);
    const second = next < 0 ? 0 : posterior[i * K + next]!;
    label[i] = best;
    confidence[i] = first;
    margin[i] = K === 1 ? 2 * first - 1 : first - second;
    if (second > 0) runnerUp[i] = next;
    if (known) isGold[i] = 1;
    else if (first < reviewBelow || first === second) needsReview[i] = 1;
  }
  const confidenceIs = confidenceKindOf(consensus);
  const sure = confidenceIs === 'uncalibrated' ? null : consensus.inferred!.calibrated!.sure;
  const annotations = perItem.slice(0, N);
  return { label, confidence, annotations, margin, runnerUp, needsReview, gold: isGold, sure, confidenceIs };
}

/**
 * Where all answers name one class, nothing tells how often it would have been another: the rule of succession over the
 * named class and one that was not, (n + 1) / (n + 2) after n answers.
 */
function ofOneClass(answers: number): number {
  return (answers + 1) / (answers + 2);
}

function notProbability(task: string, p: number): QuorateError {
  return new QuorateError('PART_FAILED', {
    where: `aggregator, task "${task}"`,
    expected: 'probabilities of the classes',
    got: String(p),
    fix: 'This is a fault of the aggregator; choose another, and tell its author.',
  });
}

/** Class names as a file shows them. */
export function className(classes: readonly ClassLabel[], k: number): string {
  return k < 0 ? '' : String(classes[k]!);
}
