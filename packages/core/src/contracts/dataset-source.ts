import type { Dataset } from '../data/dataset.js';
import type { Truth } from '../truth.js';
import type { Part } from './part.js';
import type { Rng } from '../numbers/random.js';

export interface LoadRequest {
  /** Class names that the run is about, in order (the config's `classes`); null: all that the source has. */
  readonly classes: readonly (string | number | boolean)[] | null;
  /** True when a part of the run needs features: a source that cannot give them throws DATA_UNAVAILABLE. */
  readonly featuresNeeded: boolean;
  /** Names of the parts that need them, for that error. */
  readonly neededBy: readonly string[];
  /**
   * True when a part of the run, such as simulated workers, needs the true class of every task. A source whose truth is known of
   * some rows only then leaves the others out, and says so; else these others are what is to be labelled.
   */
  readonly truthNeeded?: boolean;
}

export interface LoadedDataset {
  readonly dataset: Dataset;
  readonly truth: Truth | null;
  /** SHA-256 (hex) over everything that determines the data of the run; goes into `run.json`. */
  readonly hash: string;
  /** One line for people: what this is and how large. */
  readonly description: string;
}

/**
 * Loads what is to be labelled: tasks, classes, prototypes, features, and the truth where it is known.
 *
 * Laws
 * - L1 shapes agree: N >= 1 task ids, K >= 2 class names, P prototypes, (N+P)×D features, truth of length N in 0..K-1.
 * - L2 features are finite; ids are unique and no item is also a prototype.
 * - L3 deterministic for a stream, hash included.
 * - L4 asked for features it has them or throws; it never invents them.
 */
export interface DatasetSource extends Part {
  load(request: LoadRequest, rng: Rng): LoadedDataset | Promise<LoadedDataset>;
}
