import type { LearnerBackend } from '@quorate/core';
import type { Make } from './build.js';
import { describeLaws, type SuiteOptions } from './law.js';

export interface LearnerBackendCapabilities extends SuiteOptions {}

/** Runs every law of `LearnerBackend` against one implementation. */
export function describeLearnerBackend(name: string, make: Make<LearnerBackend>, capabilities: LearnerBackendCapabilities = {}): void {
  describeLaws(`${name} keeps the LearnerBackend contract`, [], { make, capabilities });
}
