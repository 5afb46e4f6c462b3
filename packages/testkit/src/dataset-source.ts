import type { ClassLabel, DatasetSource } from '@quorate/core';
import type { Make } from './build.js';
import { describeLaws, type SuiteOptions } from './law.js';

export interface DatasetSourceCapabilities extends SuiteOptions {
  /** Classes that the run asks for; null (the default) for all. */
  readonly classes?: readonly ClassLabel[] | null;
}

/** Runs every law of `DatasetSource` against one implementation. */
export function describeDatasetSource(name: string, make: Make<DatasetSource>, capabilities: DatasetSourceCapabilities = {}): void {
  describeLaws(`${name} keeps the DatasetSource contract`, [], { make, capabilities });
}
