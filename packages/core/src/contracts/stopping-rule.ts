import type { Part } from './part.js';

/** What a stopping rule sees before each step. */
export interface StopRequest {
  /** Items whose risk is at or below the threshold, N, and annotations so far. */
  readonly valid: number;
  readonly items: number;
  readonly annotations: number;
  readonly annotationsPerStep: number;
}

/**
 * Decides before each step whether the run should end although tasks are open.
 *
 * Laws
 * - L1 answers for every request, also for the first; null means go on, a sentence says why it stops.
 * - L2 resumable: its history is in its snapshot.
 * - L3 once it stops, it stops again when asked with the same request.
 */
export interface StoppingRule extends Part {
  stop(request: StopRequest): string | null;
}
