import { gunzipSync } from 'node:zlib';
import { constants } from 'node:buffer';
import { arrowTable } from './arrow.js';
import { delimitedTable, type DelimitedOptions } from './delimited.js';
import { invalid, readable } from './data-error.js';
import { isJson, jsonTable } from './json-rows.js';
import { allBytes, kindOf, openFile, type OpenFile } from './open-file.js';
import { parquetTable } from './parquet.js';
import type { Table } from './table.js';
import { decodeText } from './text.js';

export interface TableRequest extends DelimitedOptions {
  /** As the user wrote it; errors name it. */
  readonly name: string;
  readonly path: string;
  /** Says what the user should know of how the file was read. */
  readonly note: (message: string) => void;
}

/** Opens a table: CSV and its like in any of the usual encodings, JSON Lines, Parquet or Arrow. Throws DATA_INVALID. */
export async function openTable(request: TableRequest): Promise<{ readonly table: Table; close(): Promise<void> }> {
  const file = await openFile(request.name, request.path);
  try {
    return { table: await tableOf(file, request), close: () => file.close() };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** Names of the columns of a table; null for a file that is none, such as an array of NumPy. Throws DATA_INVALID. */
export async function columnsOf(request: TableRequest): Promise<readonly string[] | null> {
  const file = await openFile(request.name, request.path);
  try {
    const kind = await kindOf(file);
    if (!['text', 'gzip', 'parquet', 'arrow'].includes(kind)) return null;
    return (await tableOf(file, { ...request, note: () => undefined })).columns;
  } finally {
    await file.close();
  }
}

/** @param file Stays open: a Parquet table is read out of it later. */
export async function tableOf(file: OpenFile, request: TableRequest): Promise<Table> {
  const { name } = file;
  const kind = await kindOf(file);
  switch (kind) {
    case 'parquet':
      return parquetTable(file);
    case 'arrow':
      return arrowTable(name, await allBytes(file));
    case 'text':
      return textTable(name, await allBytes(file), request);
    case 'gzip':
      return textTable(name, await readable(name, async () => gunzipSync(await allBytes(file))), request);
    default: {
      const got = {
        npy: 'an array of NumPy',
        zip: 'a zip or an Excel workbook',
        hdf5: 'HDF5',
        pickle: 'a pickle of Python',
        excel: 'an Excel workbook of before 2007',
        image: 'an image',
        empty: 'an empty file',
      }[kind];
      throw invalid(name, 'a table (CSV, JSON Lines, Parquet or Arrow)', got, 'Save it as CSV, and give that.');
    }
  }
}

/** A table out of the bytes of a text: CSV and its like, or JSON Lines. Throws DATA_INVALID. */
export function textTable(
  name: string,
  bytes: Uint8Array,
  { note, header = null }: Pick<TableRequest, 'note' | 'header'>,
): Table {
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    throw invalid(name, 'less than 512 MiB of text', `${bytes.length} bytes`, 'Save it as Parquet or .npy.');
  }
  if (bytes.includes(0) && !/^UTF-16/.test(decodeText(bytes).encoding ?? '')) {
    throw invalid(name, 'text', 'bytes that are no text', 'Look at the file: it may be damaged or of another kind.');
  }
  const { text, encoding } = decodeText(bytes);
  if (encoding !== null) note(`${name} is not UTF-8: it was read as ${encoding}.`);
  return isJson(text) ? jsonTable(name, text) : delimitedTable(name, text, { header });
}
