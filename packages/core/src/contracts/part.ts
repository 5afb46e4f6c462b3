/** Plain data that a checkpoint can hold: JSON values and typed arrays, nested. */
export type Snapshot =
  | null
  | boolean
  | number
  | string
  | Int32Array
  | Uint32Array
  | Uint8Array
  | Float32Array
  | Float64Array
  | readonly Snapshot[]
  | { readonly [key: string]: Snapshot };

/**
 * What every part may have. A part that remembers anything from one call to the next declares both `snapshot` and
 * `restore`; a run that is killed and resumed must not be able to tell.
 */
export interface Part {
  /** Everything the part remembers. Not shared with the part: later steps do not change it. */
  snapshot?(): Snapshot;
  /** Brings the part to the state that `snapshot` returned, in a new process. */
  restore?(state: Snapshot): void;
  /** Frees threads, files and native memory; called once, when the run ends. */
  dispose?(): void | Promise<void>;
}
