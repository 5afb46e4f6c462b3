import type { Part } from './part.js';

/** What features are made of: a path of an image, or a text. */
export type FeatureSubject =
  | { readonly kind: 'image'; readonly id: string; readonly path: string }
  | { readonly kind: 'text'; readonly id: string; readonly text: string };

/**
 * Turns images or texts into rows of numbers, once, before any run.
 *
 * Laws
 * - L1 every row has `columns` finite numbers; L2 a row depends on its subject alone, not on the others of the batch;
 * - L3 deterministic; L4 a subject that cannot be read throws DATA_INVALID that names it.
 */
export interface FeatureExtractor extends Part {
  readonly accepts: readonly FeatureSubject['kind'][];
  /** D. Known after the first batch at the latest. */
  readonly columns: number | null;
  /** Everything that determines the rows (model hash, options): work of another fingerprint is not resumed. */
  readonly fingerprint: string;
  /** @returns rows × D, row-major. */
  extract(batch: readonly FeatureSubject[]): Promise<Float32Array>;
}
