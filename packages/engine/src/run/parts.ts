import type {
  Calibration,
  Metric,
  Optimizer,
  PrototypeAnswers,
  Sampler,
  StoppingRule,
  WorkerSimulator,
} from '@quorate/core';
import type { Audits } from '../audit/audits.js';
import type { Models } from '../models/models.js';

/** The parts of a run that the loop calls. */
export interface Parts {
  readonly sampler: Sampler;
  readonly workers: WorkerSimulator;
  /** Models that answer beside them; left out where there are none. */
  readonly models?: Models;
  readonly optimizer: Optimizer;
  readonly stoppingRules: readonly StoppingRule[];
  /** Extra metrics by name. */
  readonly metrics: ReadonlyMap<string, Metric>;
  /** How far what is inferred is believed; null where it is delivered as it is. */
  readonly calibration: Calibration | null;
  /** What workers were asked about prototypes, for the calibration. */
  readonly prototypeAnswers: PrototypeAnswers | null;
  /** Those that a stopping rule demands, or `noAudits`. */
  readonly audits: Audits;
}
