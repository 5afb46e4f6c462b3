import { QuorateError } from '../errors.js';

/**
 * Fills `into` from byte `position` of a file and returns how many bytes it could fill: fewer only at the end of the
 * file. With it the reader needs no file system: `(at, into) => handle.read(into, 0, into.length, at)` and the like.
 */
export type ReadAt = (position: number, into: Uint8Array) => Promise<number>;

/** A matrix file of NumPy, open for reading. */
export interface NpyFile {
  /** As the user wrote it; errors name it. */
  readonly name: string;
  /** Size of the file. */
  readonly bytes: number;
  readonly read: ReadAt;
}

/** What an `.npy` header says of a matrix. */
export interface NpyHeader {
  readonly rows: number;
  readonly columns: number;
  /** Bytes of one element: 4 (float32) or 8 (float64). */
  readonly elementBytes: 4 | 8;
  /** True when the file is column by column. */
  readonly fortranOrder: boolean;
  /** Byte where the first element is. */
  readonly dataStart: number;
}

const MAGIC = '\x93NUMPY';
const CHUNK = 4 * 1024 * 1024;
/** A header is about 100 bytes; a length beyond this is a damaged file, not a long header. */
const LONGEST_HEADER = 65_536;

/**
 * Reads the header of an `.npy` file (format 1.0 to 3.0) that holds a matrix of little-endian f4 or f8, and checks that
 * the file is as long as the header says. Throws DATA_INVALID, naming the file.
 */
export async function readNpyHeader(file: NpyFile): Promise<NpyHeader> {
  const start = await readFully(file, 0, new Uint8Array(Math.min(12, file.bytes)));
  const version = start[6] ?? 0;
  if (start.length < 10 || ascii(start.subarray(0, 6)) !== MAGIC || version < 1 || version > 3) {
    throw invalid(file, 'an .npy file (format 1 to 3)', 'something else', SAVE);
  }
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  const textStart = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : start.length < 12 ? Infinity : view.getUint32(8, true);
  if (length > LONGEST_HEADER || textStart + length > file.bytes) {
    throw invalid(file, 'a complete .npy header', `a file of ${file.bytes} bytes`, AGAIN);
  }
  const text = ascii(await readFully(file, textStart, new Uint8Array(length)));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1]?.match(/\d+/g)?.map(Number);
  if (order === undefined || shape === undefined) {
    throw invalid(file, 'an .npy header with descr, fortran_order and shape', JSON.stringify(text.trim()), SAVE);
  }
  if (descr !== '<f4' && descr !== '<f8') {
    throw invalid(file, 'elements of dtype <f4 or <f8', descr === undefined ? 'a compound dtype' : `"${descr}"`, SAVE);
  }
  const [rows, columns] = shape;
  if (shape.length !== 2 || !rows || !columns) {
    throw invalid(file, 'a matrix, rows × columns', `an array of shape (${shape.join(', ')})`, SAVE);
  }
  const elementBytes = descr === '<f4' ? 4 : 8;
  const dataStart = textStart + length;
  const needed = dataStart + rows * columns * elementBytes;
  if (file.bytes < needed) {
    throw invalid(file, `${needed} bytes for ${rows} × ${columns} of ${descr}`, `${file.bytes} bytes`, AGAIN);
  }
  return { rows, columns, elementBytes, fortranOrder: order === 'True', dataStart };
}

/**
 * Reads chosen rows of the matrix into one array, in the order in which they are asked for. Only these rows are read
 * (of a file in Fortran order: everything, a chunk at a time) and nothing is held twice, so a file may be larger than
 * memory. Throws DATA_INVALID where an element is not finite as float32.
 *
 * @param rows Row numbers 0..header.rows-1, in any order; a row may be asked for twice.
 * @returns rows.length × columns, row-major.
 */
export async function readNpyRows(
  file: NpyFile,
  header: NpyHeader,
  rows: ArrayLike<number>,
): Promise<Float32Array<ArrayBuffer>> {
  const out = new Float32Array(rows.length * header.columns);
  // Places in `rows` by ascending row number, so that the file is read from its beginning to its end.
  const places = Uint32Array.from({ length: rows.length }, (_, place) => place).sort((a, b) => rows[a]! - rows[b]!);
  for (const place of [places[0], places.at(-1)]) {
    if (place === undefined) return out;
    const row = rows[place]!;
    if (row < 0 || row >= header.rows) throw new RangeError(`row ${row} of ${file.name}, which has ${header.rows}`);
  }
  if (header.fortranOrder) await readColumns(file, header, rows, places, out);
  else await readRuns(file, header, rows, places, out);
  checkFinite(file, header, rows, out);
  return out;
}

/** C order: neighbouring rows that are both wanted are read at once. */
async function readRuns(
  file: NpyFile,
  { columns, elementBytes, dataStart }: NpyHeader,
  rows: ArrayLike<number>,
  places: Uint32Array,
  out: Float32Array,
): Promise<void> {
  const rowBytes = columns * elementBytes;
  const most = Math.max(1, Math.floor(CHUNK / rowBytes));
  const chunk = new Uint8Array(Math.min(most, places.length) * rowBytes);
  for (let from = 0; from < places.length;) {
    const first = rows[places[from]!]!;
    let last = first;
    let to = from + 1;
    for (; to < places.length; to++) {
      const row = rows[places[to]!]!;
      if (row > last + 1 || row - first >= most) break;
      last = row;
    }
    const bytes = await readFully(file, dataStart + first * rowBytes, chunk.subarray(0, (last - first + 1) * rowBytes));
    const values = elementsOf(bytes, elementBytes);
    for (; from < to; from++) {
      const place = places[from]!;
      const at = (rows[place]! - first) * columns;
      out.set(values.subarray(at, at + columns), place * columns);
    }
  }
}

/** Fortran order: the whole file goes by once, and every chunk gives the wanted rows of the columns that it holds. */
async function readColumns(
  file: NpyFile,
  { rows: height, columns, elementBytes, dataStart }: NpyHeader,
  rows: ArrayLike<number>,
  places: Uint32Array,
  out: Float32Array,
): Promise<void> {
  const total = height * columns;
  const most = CHUNK / elementBytes;
  const chunk = new Uint8Array(Math.min(most, total) * elementBytes);
  let column = 0;
  let next = 0;
  for (let start = 0; start < total; start += most) {
    const end = Math.min(total, start + most);
    const bytes = chunk.subarray(0, (end - start) * elementBytes);
    const values = elementsOf(await readFully(file, dataStart + start * elementBytes, bytes), elementBytes);
    while (column < columns) {
      const place = places[next]!;
      const element = column * height + rows[place]!;
      if (element >= end) break;
      out[place * columns + column] = values[element - start]!;
      next++;
      if (next === places.length) [column, next] = [column + 1, 0];
    }
  }
}

function elementsOf(bytes: Uint8Array, elementBytes: 4 | 8): Float32Array | Float64Array {
  const { buffer, byteOffset, length } = bytes;
  return elementBytes === 4
    ? new Float32Array(buffer, byteOffset, length / 4)
    : new Float64Array(buffer, byteOffset, length / 8);
}

function checkFinite(file: NpyFile, { columns }: NpyHeader, rows: ArrayLike<number>, values: Float32Array): void {
  for (let x = 0; x < values.length; x++) {
    if (Number.isFinite(values[x])) continue;
    const place = Math.floor(x / columns);
    const where = `row ${rows[place]!}, column ${x % columns}`;
    throw invalid(
      file,
      'finite features',
      `${Number.isNaN(values[x]) ? 'NaN' : 'an infinite value (as float32)'} in ${where} (counted from 0)`,
      'Repair or leave out that row of the file.',
    );
  }
}

async function readFully(file: NpyFile, position: number, into: Uint8Array): Promise<Uint8Array> {
  for (let done = 0; done < into.length;) {
    const got = await file.read(position + done, into.subarray(done));
    if (got <= 0) {
      throw invalid(file, `${into.length} bytes from byte ${position}`, `an end of the file after ${done}`, AGAIN);
    }
    done += got;
  }
  return into;
}

function ascii(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const SAVE = "Save it with numpy.save(path, x.astype('float32')), x of shape (rows, columns).";
const AGAIN = 'The file is incomplete: copy or download it again.';

function invalid(file: NpyFile, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('DATA_INVALID', { where: file.name, expected, got, fix });
}
