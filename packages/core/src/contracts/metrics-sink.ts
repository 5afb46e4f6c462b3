import type { Json } from './executor.js';

/** What a run says of itself while it goes on. Records of one run come in this order: start, steps, end. */
export type RunRecord = { /** Name of the run, unique among those that share a sink. */ readonly run: string } & (
  | {
      readonly type: 'start';
      /** The complete configuration, by dotted key. */
      readonly config: Readonly<Record<string, Json>>;
    }
  | {
      readonly type: 'step';
      readonly step: number;
      /** Finite numbers; what is not known is left out. */
      readonly metrics: Readonly<Record<string, number>>;
    }
  | { readonly type: 'end'; readonly status: 'done' | 'interrupted' | 'failed' }
);

/**
 * Where figures of runs go beside the run folder: an experiment tracker.
 *
 * Laws
 * - L1 every step of every run arrives: its number, and each metric, to the precision of a 32-bit float.
 * - L2 runs that are told of in turns are kept apart.
 * - L3 a run that starts again replaces what was told of it: nothing is there twice.
 */
export interface MetricsSink {
  write(record: RunRecord): Promise<void>;
}

/** A file of a sink's own. */
export interface SinkFile {
  append(bytes: Uint8Array): void;
  /** Empties it. */
  clear(): void;
}

export interface SinkContext {
  /** Opens a file, and makes the folders above it. */
  readonly file: (path: string) => SinkFile;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How a sink is opened: a plugin names it, `--track NAME=PLACE` chooses it. */
export interface SinkDefinition {
  readonly name: string;
  /** One line for `quorate plugins`. */
  readonly summary: string;
  /** @param place What stands after `NAME=`: a folder (absolute) or an address. Throws where nothing can be written there. */
  open(place: string, context: SinkContext): Promise<MetricsSink>;
}
