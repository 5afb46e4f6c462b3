/** Items whose class an expert has said, each once. */
export interface KnownClasses {
  /** Item index, 0..N-1, length G. */
  readonly item: Int32Array;
  /** Class by the expert, 0..K-1, length G. */
  readonly label: Int32Array;
}
