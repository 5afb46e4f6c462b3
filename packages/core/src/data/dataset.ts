/** A class name, kept as the user gave it. */
export type ClassLabel = string | number | boolean;

/**
 * Features of the items, then of the prototypes: row i < N belongs to item i, row N+p to prototype p.
 * One array for the whole run; nobody copies it per step, nobody writes to it.
 */
export interface Features {
  /** (N+P)×D row-major, all finite. */
  readonly data: Float32Array;
  /** D, number of feature columns. */
  readonly columns: number;
}

/** What every part may see of the data. There is no truth here, and there must never be. */
export interface Dataset {
  /** Ids of the N items, unique. */
  readonly taskIds: readonly string[];
  /** Names of the K classes, unique, K >= 2. */
  readonly classes: readonly ClassLabel[];
  /**
   * Index of the class of rows that the run is not about, always the last, K-1; left out where there is none. Priors that
   * average over classes leave it out, and scores are given without it too.
   */
  readonly distractorClass?: number;
  /** Null where the run has labels only. */
  readonly features: Features | null;
  readonly prototypes: {
    /** Ids of the P prototypes. */
    readonly ids: readonly string[];
    /** Class of each prototype, length P, values 0..K-1. */
    readonly classOf: Int32Array;
  };
}
