import type { Dataset, KnownClasses, Rng } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import type { Costs } from './costs.js';
import type { PartNames } from './part-checks.js';

/** What does not change during a run. */
export interface Setting {
  readonly dataset: Dataset;
  readonly truth: Truth | null;
  /** Gold: items whose class is known from the start and informs inference; left out where there is none. */
  readonly known?: KnownClasses;
  /** For errors: which part of which plugin. */
  readonly names: PartNames;
  readonly riskThreshold: number;
  /** Most annotations of the run; Infinity without a budget. */
  readonly budget: number;
  /** What answers and audits cost, and the most that they may; left out where nobody counts. */
  readonly costs?: Costs;
  readonly rng: Rng;
  /** Called between the phases of a step: progress. */
  readonly onPhase: (phase: string) => void;
}
