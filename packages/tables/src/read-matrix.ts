import type { Features } from '@quorate/core';
import { readNpyHeader, readNpyRows, type NpyFile, type NpyHeader } from '@quorate/core/bytes';
import { invalid, listed, readable } from './data-error.js';
import { openHdf5, type Hdf5Matrix } from './hdf5.js';
import { openNpz } from './npz.js';
import { kindOf, openFile, type OpenFile } from './open-file.js';
import { tableOf, type TableRequest } from './read-table.js';
import { matrixOfTable, type FeatureColumns, type TableMatrix } from './table-matrix.js';

export interface MatrixRequest extends TableRequest {
  /** Columns of a table, or the name of one array of an `.npz` or HDF5 file; null to find out. */
  readonly wanted: readonly string[] | null;
  /** Of a table: the column of ids, where it has another name than usual, and columns that are no features. */
  readonly idColumn?: string | null;
  readonly others?: readonly string[];
}

/** A matrix of numbers in a file, open for reading. */
export interface OpenMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Ids of the rows, where the file is a table that has them. */
  readonly ids: readonly unknown[] | null;
  /** What was read, for people: `float16`, `array "emb"`, `512 columns, "f0" to "f511"`. */
  readonly what: string;
  /** These rows, in this order. Throws DATA_INVALID where an element is not finite. */
  read(rows: ArrayLike<number>): Promise<Features>;
  close(): Promise<void>;
}

/**
 * Opens a matrix of features or probabilities, by what the file is and not by its name: `.npy`, `.npz`, HDF5, or a table (CSV
 * and its like, JSON Lines, Parquet, Arrow). Throws DATA_INVALID.
 */
export async function openMatrix(request: MatrixRequest): Promise<OpenMatrix> {
  const file = await openFile(request.name, request.path);
  try {
    const matrix = await readable(file.name, () => matrixOf(file, request));
    return { ...matrix, read: (rows) => readable(file.name, () => matrix.read(rows)) };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

async function matrixOf(file: OpenFile, request: MatrixRequest): Promise<OpenMatrix> {
  const { name } = file;
  const [key, ...others] = request.wanted ?? [];
  const oneKey = (): string | null => {
    if (others.length === 0) return key ?? null;
    throw invalid('dataset.featureColumns', `the name of one array of ${name}`, listed(request.wanted!), 'Name one.');
  };
  switch (await kindOf(file)) {
    case 'npy':
      return ofNpy(file, await readNpyHeader(file), null, () => file.close());
    case 'zip': {
      const { file: array, header, key: taken } = await openNpz(file, oneKey());
      return ofNpy(array, header, `array "${taken}"`, () => file.close());
    }
    case 'hdf5':
      return ofHdf5(file, await openHdf5(file, oneKey()));
    case 'pickle': {
      const fix = `python -c "import numpy, pickle; numpy.save('features.npy', numpy.asarray(pickle.load(open('${name}', 'rb')), 'float32'))" writes an array as .npy.`;
      throw invalid(name, 'a matrix of numbers', 'a pickle, which only Python can load', fix);
    }
    case 'image':
      throw invalid(name, 'a matrix of numbers', 'an image', 'quorate features FOLDER makes features out of images.');
    case 'empty':
      throw invalid(name, 'a matrix of numbers', 'an empty file', 'Write or copy it again.');
    default: {
      const table = await tableOf(file, request);
      const features: FeatureColumns = { wanted: request.wanted, others: request.others ?? [] };
      return ofTable(file, await matrixOfTable(table, features, request.idColumn ?? null));
    }
  }
}

function ofNpy(file: NpyFile, header: NpyHeader, key: string | null, close: () => Promise<void>): OpenMatrix {
  const { rows, columns, elements } = header;
  return {
    rows,
    columns,
    ids: null,
    what: `${key === null ? '' : `${key}, `}${elements.descr}`,
    read: async (chosen) => ({ data: await readNpyRows(file, header, chosen), columns }),
    close,
  };
}

/** Rows of HDF5 are read in chunks of about this many bytes. */
const CHUNK = 16 * 1024 * 1024;

function ofHdf5(file: OpenFile, matrix: Hdf5Matrix): OpenMatrix {
  const { rows, columns, key } = matrix;
  return {
    rows,
    columns,
    ids: null,
    what: `matrix "${key}"`,
    read: async (chosen) => {
      const data = new Float32Array(chosen.length * columns);
      const places = new Map<number, number[]>();
      for (let place = 0; place < chosen.length; place++) {
        const there = places.get(chosen[place]!);
        if (there) there.push(place);
        else places.set(chosen[place]!, [place]);
      }
      const most = Math.max(1, Math.floor(CHUNK / (8 * columns)));
      for (let from = 0; from < rows; from += most) {
        const to = Math.min(rows, from + most);
        if (!anyBetween(places, from, to)) continue;
        const values = await matrix.slice(from, to);
        for (let row = from; row < to; row++) {
          for (const place of places.get(row) ?? []) {
            for (let d = 0; d < columns; d++) data[place * columns + d] = values[(row - from) * columns + d]!;
          }
        }
      }
      checkFinite(file.name, data, columns, chosen);
      return { data, columns };
    },
    close: async () => {
      matrix.close();
      await file.close();
    },
  };
}

function anyBetween(places: ReadonlyMap<number, unknown>, from: number, to: number): boolean {
  for (let row = from; row < to; row++) if (places.has(row)) return true;
  return false;
}

function ofTable(file: OpenFile, { data, rows, columns, ids, taken }: TableMatrix): OpenMatrix {
  return {
    rows,
    columns,
    ids,
    what: taken,
    read: async (chosen) => {
      const out = new Float32Array(chosen.length * columns);
      for (let place = 0; place < chosen.length; place++) {
        out.set(data.subarray(chosen[place]! * columns, (chosen[place]! + 1) * columns), place * columns);
      }
      checkFinite(file.name, out, columns, chosen);
      return { data: out, columns };
    },
    close: () => file.close(),
  };
}

function checkFinite(name: string, values: Float32Array, columns: number, rows: ArrayLike<number>): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const where = `row ${rows[Math.floor(at / columns)]!}, column ${at % columns}`;
  const got = `${Number.isNaN(values[at]) ? 'NaN' : 'an infinite value (as float32)'} in ${where} (counted from 0)`;
  throw invalid(name, 'finite numbers', got, 'Correct or leave out that row.');
}
