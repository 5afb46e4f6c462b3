import type { Calibrator } from '@quorate/core';
import type { Make } from './build.js';
import { describeLaws, type SuiteOptions } from './law.js';

export interface CalibratorCapabilities extends SuiteOptions {}

/** Runs every law of `Calibrator` against one implementation. */
export function describeCalibrator(name: string, make: Make<Calibrator>, capabilities: CalibratorCapabilities = {}): void {
  describeLaws(`${name} keeps the Calibrator contract`, [], { make, capabilities });
}
