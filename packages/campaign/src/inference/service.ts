import type { PrepareRequest } from '@quorate/host';
import type { DeliveredFiles, DeliveredLabels, PlanRequest, Step, StepOutcome } from './contract.js';

/** What inference needs, as plain data but for the plugins that a program hands over. */
export interface InferenceSetup {
  readonly folder: string;
  readonly database: string;
  readonly answersPerTask: number;
  readonly prepare: PrepareRequest;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What is known once the data is loaded. */
export interface InferenceFacts {
  readonly taskIds: readonly string[];
  readonly classes: readonly (string | number | boolean)[];
  readonly riskThreshold: number;
  /** Null without one. */
  readonly budget: number | null;
  readonly seed: string;
  readonly configHash: string;
  readonly dataHash: string;
  readonly description: string;
  /** What confidence means; null where it is not calibrated. */
  readonly calibration: string | null;
}

/** Inference, wherever it runs. Calls are served one after the other. */
export interface InferenceService {
  readonly facts: InferenceFacts;
  /** Is a step being computed? */
  readonly busy: boolean;
  replay(steps: readonly Step[]): Promise<StepOutcome | null>;
  step(step: Step): Promise<StepOutcome>;
  plan(request: PlanRequest): Promise<Int32Array>;
  /** As of the last step that is done; does not wait for one that is being computed. */
  labels(): Promise<DeliveredLabels>;
  csv(): Promise<DeliveredFiles>;
  /** Items that auditors are to look at next, in order, if they find nothing wrong before; up to `count`. */
  audits(count: number): Promise<Int32Array>;
  posterior(): Promise<Float64Array>;
  dispose(): Promise<void>;
}
