import type { Metric } from '@quorate/core';
import type { Make } from './build.js';
import { describeLaws, type SuiteOptions } from './law.js';

export interface MetricCapabilities extends SuiteOptions {}

/** Runs every law of `Metric` against one implementation. */
export function describeMetric(name: string, make: Make<Metric>, capabilities: MetricCapabilities = {}): void {
  describeLaws(`${name} keeps the Metric contract`, [], { make, capabilities });
}
