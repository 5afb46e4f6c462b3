import type { Features } from '@quorate/core';
import { invalid, listed, openMatrix, type OpenMatrix } from '@quorate/tables';
import type { LabelFile } from './label-file.js';

export interface FeatureRequest {
  /** As the user wrote it; errors name it. */
  readonly name: string;
  readonly path: string;
  /** Columns of a table, or the array of a file with several; null to find out. */
  readonly wanted: readonly string[] | null;
  /** The file of the ids and labels, as the user wrote it, and what is in it. */
  readonly labelsName: string;
  readonly labels: LabelFile;
  readonly note: (message: string) => void;
}

/** Features with a row for each row of the labels; close it. */
export interface FeatureFile {
  /** The features of these rows of the labels, in this order. Throws DATA_INVALID where an element is not finite. */
  read(rows: ArrayLike<number>): Promise<Features>;
  close(): Promise<void>;
}

/**
 * Opens the features of a label file. Where both files have ids, rows are joined by them; else they must be as many, in the
 * same order. Throws DATA_INVALID.
 */
export async function openFeatures(request: FeatureRequest): Promise<FeatureFile> {
  const { labels, wanted, note } = request;
  const others = [labels.columns.label ?? ''];
  const matrix = await openMatrix({ ...request, wanted, idColumn: labels.columns.id, others });
  try {
    const rowOf = joinById(request, matrix) ?? inOrder(request, matrix);
    if (!/\.npy$/i.test(request.name)) note(`${request.name}: ${matrix.columns} features from ${matrix.what}.`);
    return {
      read: (rows) => matrix.read(rowOf ? Int32Array.from(rows, (row) => rowOf[row]!) : rows),
      close: () => matrix.close(),
    };
  } catch (thrown) {
    await matrix.close();
    throw thrown;
  }
}

/** Row of the features of each row of the labels; null where the features have no ids, or numbers in their place. */
function joinById({ name, labels, labelsName }: FeatureRequest, { ids }: OpenMatrix): Int32Array | null {
  if (ids === null) return null;
  const rowOfId = new Map<string, number>();
  for (let row = 0; row < ids.length; row++) {
    const id = String(ids[row]);
    const before = rowOfId.get(id);
    if (before !== undefined) {
      throw invalid(
        name,
        'each id once',
        `${JSON.stringify(id)} in rows ${before + 1} and ${row + 1}`,
        'Leave one out.',
      );
    }
    rowOfId.set(id, row);
  }
  const missing = labels.ids.filter((id) => !rowOfId.has(id));
  if (missing.length === 0) return Int32Array.from(labels.ids, (id) => rowOfId.get(id)!);
  const numbered = Array.from({ length: ids.length }, (_, row) => Number(ids[row]));
  // Numbers of rows say nothing that the order does not.
  if (missing.length === labels.ids.length && numbered.every((id, row) => id === row + numbered[0]!)) return null;
  throw invalid(
    name,
    `a row for each id of ${labelsName}`,
    `none for ${missing.length} of ${labels.ids.length} (${listed(missing, 3)})`,
    'Give features of the same tasks, or name the column of ids of the labels (dataset.columns.id=NAME).',
  );
}

function inOrder({ name, labels, labelsName }: FeatureRequest, { rows }: OpenMatrix): null {
  if (rows === labels.ids.length) return null;
  throw invalid(
    name,
    `${labels.ids.length} rows, one for each row of ${labelsName}`,
    `${rows} rows`,
    'Labels and features must name the same tasks in the same order.',
  );
}
