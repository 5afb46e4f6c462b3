import type { Sampler, WorkerSimulator, Optimizer, StoppingRule, Metric } from '@quorate/core';
import type { Auditor } from '../audit/auditor.js';

/** The parts of a run that the loop calls. */
export interface Parts {
  readonly sampler: Sampler;
  readonly workers: WorkerSimulator;
  readonly optimizer: Optimizer;
  readonly stoppingRules: readonly StoppingRule[];
  /** Extra metrics by name. */
  readonly metrics: ReadonlyMap<string, Metric>;
  /** Where a stopping rule audits. */
  readonly auditor: Auditor | null;
}
