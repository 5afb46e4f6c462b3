import type { TrainingSetSelector } from '@quorate/core';
import type { Make } from './build.js';
import { describeLaws, type SuiteOptions } from './law.js';

export interface TrainingSetSelectorCapabilities extends SuiteOptions {}

/** Runs every law of `TrainingSetSelector` against one implementation. */
export function describeTrainingSetSelector(name: string, make: Make<TrainingSetSelector>, capabilities: TrainingSetSelectorCapabilities = {}): void {
  describeLaws(`${name} keeps the TrainingSetSelector contract`, [], { make, capabilities });
}
