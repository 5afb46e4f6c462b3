/** Columns of proposed or given annotations, entry a in 0..count-1. */
export interface AnnotationColumns {
  readonly count: number;
  /** Item index, 0..N-1. */
  readonly item: Int32Array;
  /** Worker index, 0..W-1. */
  readonly worker: Int32Array;
  /** Class that the worker named, 0..K-1. */
  readonly label: Int32Array;
}

/**
 * The annotations that count, as inference sees them: columns by sequence number, and for every item and worker the
 * list of its annotations in order of arrival. Everything is updated in place as answers come in; nothing is indexed
 * again. All arrays may be longer than what is in use.
 *
 *     for (let a = firstOfItem[i]; a >= 0; a = nextOfItem[a]) ... worker[a], label[a] ...
 *
 * Laws
 * - L1 `live` = Σ_i perItem[i] = Σ_j perWorker[j]; a retracted annotation is in no list and no count.
 * - L2 the lists of the items and the lists of the workers hold the same annotations, each once, in order.
 * - L3 `annotated[0..annotatedCount-1]` are the items that ever had an annotation, each once, by first arrival.
 * - L4 nothing that a reader can see changes between two calls of the store that writes.
 */
export interface Annotations extends AnnotationColumns {
  /** N, W and K. */
  readonly items: number;
  readonly workers: number;
  readonly classes: number;
  /** M, how many annotations count. `count` is the number of journal entries, retracted ones and retractions too. */
  readonly live: number;
  /** Annotations that count, of each item (length N) and of each worker (length >= W). */
  readonly perItem: Int32Array;
  readonly perWorker: Int32Array;
  /** First annotation of item i, and the next one of the same item after annotation a; negative at the end. */
  readonly firstOfItem: Int32Array;
  readonly nextOfItem: Int32Array;
  readonly firstOfWorker: Int32Array;
  readonly nextOfWorker: Int32Array;
  readonly annotated: Int32Array;
  readonly annotatedCount: number;
}

/** An answer from outside, in the user's words. */
export interface ExternalAnnotation {
  readonly task: string;
  readonly worker: string;
  readonly label: string | number | boolean;
}

/**
 * The paper's AnnotationHolder: a journal. Every entry has a sequence number; nothing is erased, an annotation is
 * retracted or replaced by a later entry. Late answers are accepted at any time.
 *
 * Laws
 * - L5 `view` always agrees with the journal replayed from its first entry.
 * - L6 an invalid answer is refused as a whole, with its reason, and what was stored stays as it was.
 */
export interface AnnotationStore {
  readonly view: Annotations;
  /** Stores answers of known workers to known items. @returns the first sequence number. */
  collect(answers: AnnotationColumns, step: number): number;
  /** Takes answers from outside, of workers never seen before too. Throws ANNOTATION_INVALID before storing any. */
  add(answers: readonly ExternalAnnotation[], step: number): number;
  /**
   * Takes annotation `sequence` back: the worker's latest that counts of its item (so that a journal without sequence
   * numbers can be replayed). Throws ANNOTATION_INVALID for any other.
   */
  retract(sequence: number, step: number): void;
  /** Retracts `sequence` and stores another label of the same worker for the same item. @returns its sequence number. */
  replace(sequence: number, label: number, step: number): number;
}
