import type { Sampler, WorkerSimulator, Optimizer, StoppingRule, Metric } from '@quorate/core';
import type { Audits } from '../audit/audits.js';

/** The parts of a run that the loop calls. */
export interface Parts {
  readonly sampler: Sampler;
  readonly workers: WorkerSimulator;
  readonly optimizer: Optimizer;
  readonly stoppingRules: readonly StoppingRule[];
  /** Extra metrics by name. */
  readonly metrics: ReadonlyMap<string, Metric>;
  /** Those that a stopping rule demands, or `noAudits`. */
  readonly audits: Audits;
}
