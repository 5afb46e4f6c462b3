import type { StoppingRule } from '@quorate/core';
import type { Make } from './build.js';
import { describeLaws, type SuiteOptions } from './law.js';

export interface StoppingRuleCapabilities extends SuiteOptions {}

/** Runs every law of `StoppingRule` against one implementation. */
export function describeStoppingRule(name: string, make: Make<StoppingRule>, capabilities: StoppingRuleCapabilities = {}): void {
  describeLaws(`${name} keeps the StoppingRule contract`, [], { make, capabilities });
}
