import { statSync } from 'node:fs';
import { messageOf, type FeatureSubject } from '@quorate/core';
import { listFolder } from './features-folder.js';
import { readTable } from './features-table.js';
import { invalid } from './features-invalid.js';

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

/** Lists the images of a folder or the rows of a CSV file. Throws DATA_INVALID where there is nothing to read. */
export async function findSubjects(request: SubjectsRequest): Promise<Subjects> {
  const { name, path, labelsFromFolders, columns } = request;
  let folder: boolean;
  try {
    folder = statSync(path).isDirectory();
  } catch (cause) {
    throw invalid(name, 'a folder of images or a CSV file', messageOf(cause), 'Correct the path.');
  }
  const asked = Object.entries(columns).filter(([, column]) => column !== null);
  if (folder && asked.length > 0) {
    const fix = 'Leave it out, or give a CSV file instead of a folder.';
    throw invalid(name, `a CSV file for --${asked[0]![0]}-column`, 'a folder', fix);
  }
  if (!folder && labelsFromFolders) {
    throw invalid(name, 'a folder for --labels-from-folders', 'a file', 'Leave it out; --label-column names a column.');
  }
  return folder ? listFolder(request) : readTable(request);
}

