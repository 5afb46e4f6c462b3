import { QuorateError } from '../errors.js';
import { npyElements, type NpyElements } from './npy-elements.js';

/**
 * Fills `into` from byte `position` of a file and returns how many bytes it could fill: fewer only at the end of the
 * file. With it the reader needs no file system: `(at, into) => handle.read(into, 0, into.length, at)` and the like.
 */
export type ReadAt = (position: number, into: Uint8Array) => Promise<number>;

/** A matrix file of NumPy, open for reading. */
export interface NpyFile {
  /** As the user wrote it; errors name it. */
  readonly name: string;
  /** Key of the array, where the file is one of several in an `.npz` of that name. */
  readonly member?: string;
  /** Size of the file. */
  readonly bytes: number;
  readonly read: ReadAt;
}

/** What an `.npy` header says of a matrix. */
export interface NpyHeader {
  readonly rows: number;
  readonly columns: number;
  readonly elements: NpyElements;
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
 * Reads the header of an `.npy` file (format 1.0 to 3.0) that holds a matrix of real numbers: float16, 32 or 64, integers of 8 to
 * 64 bits, or booleans, in either byte order. Checks that the file is as long as the header says. Throws DATA_INVALID,
 * naming the file.
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
  const elements = descr === undefined ? undefined : npyElements(descr);
  if (!elements) throw notNumbers(file, descr);
  const [rows, columns] = shape;
  if (shape.length !== 2 || !rows || !columns) throw notMatrix(file, shape);
  const dataStart = textStart + length;
  const needed = dataStart + rows * columns * elements.bytes;
  if (file.bytes < needed) {
    throw invalid(file, `${needed} bytes for ${rows} × ${columns} of ${descr}`, `${file.bytes} bytes`, AGAIN);
  }
  return { rows, columns, elements, fortranOrder: order === 'True', dataStart };
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
    if (row < 0 || row >= header.rows)
      throw new RangeError(`row ${row} of ${shownName(file)}, which has ${header.rows}`);
  }
  if (header.fortranOrder) await readColumns(file, header, rows, places, out);
  else await readRuns(file, header, rows, places, out);
  checkFinite(file, header, rows, out);
  return out;
}

/** C order: neighbouring rows that are both wanted are read at once. */
async function readRuns(
  file: NpyFile,
  { columns, elements, dataStart }: NpyHeader,
  rows: ArrayLike<number>,
  places: Uint32Array,
  out: Float32Array,
): Promise<void> {
  const rowBytes = columns * elements.bytes;
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
    const values = elements.decode(bytes);
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
  { rows: height, columns, elements, dataStart }: NpyHeader,
  rows: ArrayLike<number>,
  places: Uint32Array,
  out: Float32Array,
): Promise<void> {
  const total = height * columns;
  const most = CHUNK / elements.bytes;
  const chunk = new Uint8Array(Math.min(most, total) * elements.bytes);
  let column = 0;
  let next = 0;
  for (let start = 0; start < total; start += most) {
    const end = Math.min(total, start + most);
    const bytes = chunk.subarray(0, (end - start) * elements.bytes);
    const values = elements.decode(await readFully(file, dataStart + start * elements.bytes, bytes));
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

/** Why an array that is not numbers can't be read, and what makes one that can. */
function notNumbers(file: NpyFile, descr: string | undefined): QuorateError {
  const expected = 'numbers (float, integer or boolean)';
  const kind = descr?.replace(/[<>|=]/, '')[0];
  const loaded = (options = ''): string => pythonLoad(file, options);
  const save = (array: string): string =>
    `python -c "import numpy; numpy.save(${python(numbersName(file.name))}, ${array})"`;
  if (kind === 'O') {
    const got = 'Python objects (dtype object), which only Python can load: rows of different lengths, texts or lists';
    const fix = `Where all rows are equally long, this writes them as numbers: ${save(`numpy.array(${loaded(', allow_pickle=True')}.tolist(), 'float32')`)}`;
    return invalid(file, expected, got, fix);
  }
  if (kind === 'c')
    return invalid(
      file,
      expected,
      `complex numbers ("${descr}")`,
      save(`${loaded()}.view('float64').astype('float32')`),
    );
  if (kind === 'f') return invalid(file, expected, `"${descr}"`, save(`${loaded()}.astype('float32')`));
  if (kind === 'U' || kind === 'S') {
    return invalid(
      file,
      expected,
      `texts ("${descr}")`,
      `Give features; where the texts are numbers: ${save(`${loaded()}.astype('float32')`)}`,
    );
  }
  const got = descr === undefined ? 'rows of named fields (a structured dtype)' : `"${descr}"`;
  return invalid(file, expected, got, SAVE);
}

function notMatrix(file: NpyFile, shape: readonly number[]): QuorateError {
  const got = `an array of shape (${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const rows = shape[0] ?? 0;
  if (shape.length < 2 || shape.includes(0)) return invalid(file, 'a matrix, rows × columns', got, SAVE);
  const flat = `${pythonLoad(file)}.reshape(${rows}, -1)`;
  const fix = `This makes one row of each: python -c "import numpy; numpy.save(${python(numbersName(file.name))}, ${flat})"`;
  return invalid(file, 'a matrix, rows × columns', got, fix);
}

function shownName({ name, member }: NpyFile): string {
  return member === undefined ? name : `${name}, array "${member}"`;
}

/** An expression of Python that loads the array. */
function pythonLoad({ name, member }: NpyFile, options = ''): string {
  return `numpy.load(${python(name)}${options})${member === undefined ? '' : `[${python(member)}]`}`;
}

/** A file name beside the file, for what is written anew. */
function numbersName(name: string): string {
  return name.replace(/(\.np[yz])?$/i, '-numbers.npy');
}

/** A text as a literal of Python, inside double quotes of a shell. */
function python(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}

const SAVE = "Save it with numpy.save(path, x.astype('float32')), x of shape (rows, columns).";
const AGAIN = 'The file is incomplete: copy or download it again.';

function invalid(file: NpyFile, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('DATA_INVALID', { where: shownName(file), expected, got, fix });
}
