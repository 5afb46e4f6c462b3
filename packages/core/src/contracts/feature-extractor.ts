import type { Part } from './part.js';

/** What features are made of: a path of an image, or a text. Errors name the `id`. */
export type FeatureSubject =
  | { readonly kind: 'image'; readonly id: string; readonly path: string }
  | { readonly kind: 'text'; readonly id: string; readonly text: string };

/**
 * Turns images or texts into rows of numbers, once, before any run.
 *
 * Laws
 * - L1 every row has `columns` finite numbers, the same number for every batch.
 * - L2 a row depends on its subject alone: in any order and any company it is the same, up to float32 rounding.
 * - L3 deterministic and pure: built again with the same options it gives the same bytes for the same batch and has the
 *   same fingerprint.
 * - L4 a subject that cannot be read throws DATA_INVALID that names it, and the extractor continues with the next batch.
 *
 * A fault of the options or of the model, which all subjects share, is another error than DATA_INVALID: that one says
 * that this subject may be left out.
 */
export interface FeatureExtractor extends Part {
  readonly accepts: readonly FeatureSubject['kind'][];
  /** Subjects of one call of `extract`, >= 1: more take more memory, fewer more time. */
  readonly batchSize: number;
  /** D. Known after the first batch at the latest. */
  readonly columns: number | null;
  /** Everything that determines the rows (model, options, versions): work of another fingerprint is not resumed. */
  readonly fingerprint: string;
  /** @param batch 1 to `batchSize` subjects of kinds that it accepts. @returns rows × D, row-major. */
  extract(batch: readonly FeatureSubject[]): Promise<Float32Array>;
}
