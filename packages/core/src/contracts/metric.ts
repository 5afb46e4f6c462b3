import type { Annotations } from './annotation-store.js';
import type { Beliefs } from './optimizer.js';
import type { Dataset } from '../data/dataset.js';
import type { Part } from './part.js';

export interface MetricRequest {
  readonly dataset: Dataset;
  readonly annotations: Annotations;
  readonly beliefs: Beliefs;
  readonly riskThreshold: number;
}

/**
 * A number about a step, written to `steps.jsonl` under the metric's name. A metric that needs the truth injects
 * `TruthToken`.
 *
 * Laws
 * - L1 a finite number, or null where it is not defined (no truth, no items of the group).
 * - L2 pure: nothing that it was given changes; the same request gives the same number.
 */
export interface Metric extends Part {
  measure(request: MetricRequest): number | null;
}
