import type { NpyFile } from '@quorate/core/bytes';
import type { FileMetaData } from 'hyparquet';
import { readable } from './data-error.js';
import type { Batch, Table } from './table.js';

/** A Parquet file, read one row group at a time. */
export async function parquetTable(file: NpyFile): Promise<Table> {
  const { name } = file;
  return readable(name, async () => {
    const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
    const { compressors } = await import('hyparquet-compressors');
    const buffer = {
      byteLength: file.bytes,
      slice: async (start: number, end: number = file.bytes): Promise<ArrayBuffer> => {
        const bytes = new Uint8Array(end - start);
        for (let done = 0; done < bytes.length;) {
          const got = await file.read(start + done, bytes.subarray(done));
          if (got <= 0) throw new Error(`the file ends at byte ${start + done}`);
          done += got;
        }
        return bytes.buffer;
      },
    };
    const metadata = await parquetMetadataAsync(buffer);
    checkCounts(metadata);
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    return {
      name,
      format: 'Parquet',
      columns,
      metadata: new Map((metadata.key_value_metadata ?? []).map(({ key, value = '' }) => [key, value])),
      async *batches() {
        let first = 0;
        for (const group of metadata.row_groups) {
          const rows = Number(group.num_rows);
          const request = { file: buffer, metadata, compressors, rowStart: first, rowEnd: first + rows };
          const objects: Record<string, unknown>[] = await readable(name, () => parquetReadObjects(request));
          const values = columns.map((column) => objects.map((row) => row[column]));
          yield { rows, first, columns: values, lines: null } satisfies Batch;
          first += rows;
        }
      },
    };
  });
}

/**
 * The numbers of rows are in the file several times: of a damaged one they differ. (A reader that believes one of them may
 * make rows for hours.) Each row has at least one value, if only an empty one, in each column.
 */
function checkCounts({ num_rows: all, row_groups: groups }: FileMetaData): void {
  const total = groups.reduce((sum, { num_rows: rows }) => sum + Number(rows), 0);
  const fit = groups.every(
    ({ num_rows: rows, columns }) =>
      Number(rows) >= 0 && columns.every(({ meta_data: meta }) => !meta || Number(meta.num_values) >= Number(rows)),
  );
  if (!fit || total !== Number(all)) throw new Error('a damaged one: its numbers of rows do not fit each other');
}
