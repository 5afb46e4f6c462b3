import type { Dataset, WorkerKnowledge, Rng, Files } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';

/** What a suite gives to the part under test; everything in it fits together (N, K, W, D). */
export interface PartSetup {
  readonly dataset: Dataset;
  readonly truth: Truth | null;
  readonly knowledge: WorkerKnowledge;
  /** Root stream: two setups with streams of the same seed must give equal parts. */
  readonly rng: Rng;
  readonly files: Files;
}

/** Builds a fresh part. Called many times. */
export type Make<P> = (setup: PartSetup) => P | Promise<P>;
