import type { FeatureSubject } from '@quorate/core';

/** What features are to be made of, in the order of the rows. Ids and labels are in memory, texts and images are not. */
export interface Subjects {
  readonly kind: FeatureSubject['kind'];
  /** Folder or file as the user wrote it. */
  readonly name: string;
  readonly ids: readonly string[];
  /** Label of each, or null where not every one has one. */
  readonly labels: readonly string[] | null;
  /** SHA-256 (hex) of the listing: ids, sizes of images, texts. */
  readonly hash: string;
  /** What the user should know about the listing. */
  readonly notes: readonly string[];
  /** What one of them is made of, in short: another photo or text under the same id has another mark. */
  readonly mark: (at: number) => string;
  /** One of them; left out where they can only be read in their order. */
  readonly at?: (at: number) => FeatureSubject;
  /** The subjects from number `first` on. */
  from(first: number): AsyncIterable<FeatureSubject> | Iterable<FeatureSubject>;
}

export interface SubjectsRequest {
  /** A folder of images or a CSV file, as the user wrote it. */
  readonly name: string;
  /** Where it is. */
  readonly path: string;
  /** Labels are the names of the folders below the folder. */
  readonly labelsFromFolders: boolean;
  /** Columns of a CSV file; null: `id`, `text` or `image`, and `label`. */
  readonly columns: {
    readonly id: string | null;
    readonly text: string | null;
    readonly image: string | null;
    readonly label: string | null;
  };
}
