import { isQuorateError, messageOf } from '@quorate/core';
import { npyElements, type NpyElements } from '@quorate/core/bytes';
import { invalid, listed, readable } from './data-error.js';
import type { OpenFile } from './open-file.js';

/** A matrix of an HDF5 file. */
export interface Hdf5Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly key: string;
  /** Rows `from` to `to` (exclusive), row-major. */
  slice(from: number, to: number): Promise<ArrayLike<number>>;
  close(): void;
}

interface Found {
  readonly key: string;
  readonly shape: readonly number[];
  /** Null where its elements are no numbers. */
  readonly elements: NpyElements | null;
}

/** The dataset that is named, or the only matrix of numbers in the file. Throws DATA_INVALID. */
export async function openHdf5(file: OpenFile, wanted: string | null): Promise<Hdf5Matrix> {
  const library = await loadLibrary(file.name);
  return readable(file.name, async () => {
    const native = await library.ready;
    // What it finds wrong is thrown, not printed.
    native.activate_throwing_error_handler();
    const opened = new library.File(file.path, 'r');
    if (opened.file_id <= 0n) throw new Error('it is damaged');
    try {
      const all: Found[] = opened.paths().flatMap((path): Found[] => {
        const entry = opened.get(path);
        if (!(entry instanceof library.Dataset)) return [];
        return [{ key: path.replace(/^\//, ''), shape: entry.shape ?? [], elements: elementsOf(entry.metadata) }];
      });
      const matrices = all.filter(({ shape, elements }) => shape.length === 2 && !shape.includes(0) && elements);
      const named = wanted === null ? matrices : matrices.filter(({ key }) => key === wanted.replace(/^\//, ''));
      const [one, ...more] = named;
      if (!one?.elements || more.length > 0) throw notClear(file.name, wanted, all, named);
      const { key, elements } = one;
      const [rows, columns] = one.shape as [number, number];
      return {
        rows,
        columns,
        key,
        // By the library's own means a float16 is not read.
        slice: async (from, to) => {
          const bytes = (to - from) * columns * elements.bytes;
          const pointer = native._malloc(bytes);
          try {
            const [count, offset] = [[to - from, columns].map(BigInt), [BigInt(from), 0n]];
            const status = native.get_dataset_data(opened.file_id, `/${key}`, count, offset, [1n, 1n], BigInt(pointer));
            if (pointer === 0 || status < 0) throw new Error(`rows ${from} to ${to} of ${key} cannot be read`);
            return elements.decode(native.HEAPU8.slice(pointer, pointer + bytes));
          } finally {
            native._free(pointer);
          }
        },
        close: () => void opened.close(),
      };
    } catch (thrown) {
      opened.close();
      throw thrown;
    }
  });
}

/** As the library hands them over, little-endian: whole numbers (0), floats (1), enumerations such as booleans (8). */
function elementsOf({ type, size, signed }: { type: number; size: number; signed: boolean }): NpyElements | null {
  const kind = type === 1 ? 'f' : type === 8 ? 'i' : type === 0 ? (signed ? 'i' : 'u') : null;
  return kind === null ? null : (npyElements(`<${kind}${size}`) ?? null);
}

function notClear(name: string, wanted: string | null, all: readonly Found[], named: readonly Found[]) {
  const shown = all.map(({ key, shape }) => `${key} (${shape.join(' × ')})`);
  const fix = 'Set dataset.featureColumns to the name of the matrix.';
  if (wanted !== null) return invalid(name, `a matrix of numbers "${wanted}"`, listed(shown), fix);
  if (named.length === 0) return invalid(name, 'a matrix of numbers, rows × columns', listed(shown), fix);
  return invalid(
    name,
    'one matrix of numbers',
    listed(named.map(({ key, shape }) => `${key} (${shape.join(' × ')})`)),
    fix,
  );
}

async function loadLibrary(name: string) {
  try {
    return await import('h5wasm/node');
  } catch (cause) {
    if (isQuorateError(cause)) throw cause;
    const missing = (cause as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND';
    throw invalid(
      name,
      'the package h5wasm, which reads HDF5',
      missing ? 'no such package here' : messageOf(cause),
      'npm install h5wasm; or save the matrix from Python with numpy.save.',
      cause,
    );
  }
}
