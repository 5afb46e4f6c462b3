import type { Recalibration } from '../numbers/recalibration.js';
import type { Annotations } from './annotation-store.js';
import type { Beliefs } from './optimizer.js';
import type { Part } from './part.js';

/** What a stopping rule sees before each step. Nothing in it may be written to. */
export interface StopRequest {
  /** Items whose risk is at or below the threshold, N, and annotations so far. */
  readonly valid: number;
  readonly items: number;
  readonly annotations: number;
  /** Most annotations that the sampler asks for in one step. */
  readonly annotationsPerStep: number;
  /** The annotations themselves: who said what about which item. */
  readonly view: Annotations;
  /** Posterior (N×K), risk (N), how workers err, and what the learner says, as the last step inferred them. */
  readonly beliefs: Beliefs;
  /** An item with R_i <= riskThreshold is done. 0 < riskThreshold < 1. */
  readonly riskThreshold: number;
}

/** One look of the expert at a task: what it really is, beside the class that would have been delivered then. */
export interface Audit {
  readonly item: number;
  /** Class by the expert, 0..K-1. */
  readonly label: number;
  readonly delivered: number;
  readonly round: number;
  /** The step that was the last when it was asked. */
  readonly step: number;
}

/**
 * What an auditing rule sees when nothing more is asked of the workers, or in one of its `looks` before that. Only
 * `audits` grows while the expert looks: the labels stand still.
 */
export interface AuditRequest {
  /** 1, 2, ...: the look at that place of `Auditing.looks`, while tasks are open; null when nothing more is asked. */
  readonly look: number | null;
  /** 1, 2, ...: a failed round may be followed by more annotations and another round. */
  readonly round: number;
  /**
   * All N items in uniformly random order: another one for each round, all drawn before the first annotation, seen by
   * nobody but the rule.
   */
  readonly order: Int32Array;
  /**
   * Class that would be delivered but for this round's audits, length N; -1 where there is none. Items audited in earlier
   * rounds have the expert's class.
   */
  readonly label: Int32Array;
  /** Probability that it is wrong, length N, recalibrated after a failed round; at most `riskThreshold`: valid. */
  readonly risk: Float64Array;
  readonly riskThreshold: number;
  /** P(class | annotations, workers, learner), N×K row-major, never recalibrated. */
  readonly posterior: Float64Array;
  /** All audits of the run so far, oldest first. */
  readonly audits: readonly Audit[];
}

/** How a round of audits ends. */
export interface Verdict {
  /** True: at most `maxError` of the labels that it covers were wrong, with `confidence`. */
  readonly certified: boolean;
  /** One sentence, without a full stop. */
  readonly why: string;
  /** Length N, 1 for the labels that the round was about, those that were audited in it included. */
  readonly covers: Uint8Array;
  /** At most this share of the covered labels was wrong before the audits corrected any, with `confidence`. */
  readonly bound: number;
  /** Of this round: all rounds together are wrong with probability 1 - `Auditing.confidence` at most. */
  readonly confidence: number;
  /** What the audits say of the posterior's own confidence. */
  readonly recalibration: Recalibration;
  /**
   * True after a failed round: recalibrate, annotate further what is open again, then audit in another round. False: the
   * verdict is the run's.
   */
  readonly goOn: boolean;
}

/** What a rule that audits adds to a stopping rule. */
export interface Auditing {
  /** What is certified: at most this share of the labels is wrong, with this probability. Both in 0..1. */
  readonly maxError: number;
  readonly confidence: number;
  /** False: audits only check labels, so that confidence can be calibrated with them; no verdict certifies. Default true. */
  readonly certifies?: boolean;
  /** Most audits, in all rounds together; left out where the rule has no such limit. */
  readonly budget?: number;
  /** Most rounds, >= 1. */
  readonly rounds: number;
  /** Worker simulator that plays the expert: its first worker answers. */
  readonly expert: string;
  /**
   * Shares of valid items, ascending, at which the expert looks although tasks are open, each once and in the first
   * round: only the last of those that are passed together. Until there is a verdict no other part sees what these audits
   * found, so that later labels do not depend on the order.
   */
  readonly looks?: readonly number[];
  /** What has to be true for a verdict to hold: sentences for the user, without full stops. */
  readonly assumes: readonly string[];
  /** The item that the expert shall look at next, or the verdict of the round; null, in a look: ask the workers on. */
  audit(request: AuditRequest): number | Verdict | null;
  /**
   * Between two audits of a round: at most this share of the labels that it is about was wrong before the audits corrected any,
   * 0..1. As sure as the bound of its verdict, also where it is looked at after every audit.
   */
  bound?(request: AuditRequest): number;
}

/**
 * Decides before each step whether the run should end although tasks are open; and, if it audits, what an expert has to
 * check when nothing more is asked, and what that proves.
 *
 * Laws
 * - L1 answers for every request, also for the first; null means go on, a sentence says why it stops.
 * - L2 resumable: its history is in its snapshot.
 * - L3 once it stops, it stops again when asked with the same request.
 * - L9 pure: the request is left as it was.
 *
 * Laws of a rule that audits
 * - L4 no audit twice: it names items in range that were never audited before, in this round or an earlier one, and every
 *   round ends with a verdict; the last one does not go on. A look ends with null or a certificate.
 * - L5 in the order: what it audits in a round are the first items of `covers` in the given order, however sure the
 *   posterior is of them.
 * - L6 final: `audit` is a function of the request, which it leaves as it is; asked again, also in another process, it
 *   says the same.
 * - L7 blind: the truth of tasks that were not audited changes nothing.
 * - L8 honest: certified labels are worse than `maxError` with probability 1 - `confidence` at most, whatever the
 *   posterior says, whichever tasks are finished first.
 */
export interface StoppingRule extends Part {
  stop(request: StopRequest): string | null;
  /** Throws CONFIG_INVALID when its options do not fit N items. Called before the run writes or asks anything. */
  check?(run: { readonly items: number }): void;
  readonly auditing?: Auditing;
}
