import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNpyHeader, readNpyRows, type NpyFile } from './npy.js';

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly descr?: string;
  readonly fortran?: boolean;
  readonly value: (row: number, column: number) => number;
}

type Setter = (view: DataView, at: number, value: number, little: boolean) => void;
/** Writes an element of each kind; a half by the bits of a single, for values that a half holds exactly. */
const setters: Readonly<Record<string, Setter>> = {
  f2: (view, at, value, little) => {
    const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!;
    const exponent = ((bits >>> 23) & 255) - 112;
    view.setUint16(
      at,
      ((bits >>> 16) & 0x8000) | (value === 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 1023)),
      little,
    );
  },
  f4: (view, at, value, little) => view.setFloat32(at, value, little),
  f8: (view, at, value, little) => view.setFloat64(at, value, little),
  b1: (view, at, value) => view.setUint8(at, value),
  i1: (view, at, value) => view.setInt8(at, value),
  u1: (view, at, value) => view.setUint8(at, value),
  i2: (view, at, value, little) => view.setInt16(at, value, little),
  u2: (view, at, value, little) => view.setUint16(at, value, little),
  i4: (view, at, value, little) => view.setInt32(at, value, little),
  u4: (view, at, value, little) => view.setUint32(at, value, little),
  i8: (view, at, value, little) => view.setBigInt64(at, BigInt(value), little),
  u8: (view, at, value, little) => view.setBigUint64(at, BigInt(value), little),
};

/** Writes a matrix as numpy.save does. */
function npy({ rows, columns, descr = '<f4', fortran = false, value }: Matrix, version = 1): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${rows}, ${columns}), }`;
  return npyOf(text, version, (view, start) => {
    const size = Number(descr[2]);
    const little = descr[0] !== '>';
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const at = start + (fortran ? c * rows + r : r * columns + c) * size;
        setters[descr.slice(1)]!(view, at, value(r, c), little);
      }
    }
    return rows * columns * size;
  });
}

function npyOf(text: string, version: number, fill: (view: DataView, start: number) => number): Uint8Array {
  const prefix = version === 1 ? 10 : 12;
  const header = text.padEnd(Math.ceil((prefix + text.length + 1) / 64) * 64 - prefix - 1) + '\n';
  const buffer = new ArrayBuffer(prefix + header.length + 100_000);
  const bytes = new Uint8Array(buffer);
  const view = new DataView(buffer);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), version, 0]);
  if (version === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), prefix);
  return bytes.slice(0, prefix + header.length + fill(view, prefix + header.length));
}

/** A file in memory that returns short reads and counts what was read. */
function fileOf(bytes: Uint8Array, most = Infinity): NpyFile & { total: number } {
  const file = {
    name: 'feat.npy',
    bytes: bytes.length,
    total: 0,
    read: async (position: number, into: Uint8Array): Promise<number> => {
      const part = bytes.subarray(position, position + Math.min(into.length, most));
      into.set(part);
      file.total += part.length;
      return part.length;
    },
  };
  return file;
}

const cell = (row: number, column: number): number => row * 100 + column + 0.25;
/** Values that every element of a type holds exactly, some of them negative where it can. */
const cellOf =
  (type: string) =>
  (row: number, column: number): number =>
    type === 'b1'
      ? (row + column) % 2
      : (type[0] === 'f' ? 0.25 : 0) + (type[0] === 'u' ? row * 3 + column : (row - 20) * 3 - column);
const read = async (bytes: Uint8Array, rows: readonly number[]): Promise<Float32Array> => {
  const file = fileOf(bytes);
  return readNpyRows(file, await readNpyHeader(file), rows);
};

describe('.npy files', () => {
  it('gives any rows in any order, for every layout, version and size of reads', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.integer({ min: 1, max: 40 }),
          columns: fc.integer({ min: 1, max: 7 }),
          descr: fc.constantFrom(...['<', '>'].flatMap((order) => Object.keys(setters).map((type) => order + type))),
          fortran: fc.boolean(),
          version: fc.constantFrom(1, 2, 3),
          most: fc.constantFrom(1, 5, Infinity),
          picks: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 60 }),
        }),
        async ({ picks, version, most, ...shape }) => {
          const cell = cellOf(shape.descr.slice(1));
          const file = fileOf(npy({ ...shape, value: cell }, version), most);
          const header = await readNpyHeader(file);
          expect([header.rows, header.columns]).toEqual([shape.rows, shape.columns]);
          const rows = picks.map((p) => Math.floor(p * shape.rows));
          const expected = rows.flatMap((r) => Array.from({ length: shape.columns }, (_, c) => cell(r, c)));
          expect([...(await readNpyRows(file, header, rows))]).toEqual(expected);
        },
      ),
      { seed: 1, numRuns: 400 },
    );
  });

  it('reads only the rows that are asked for, each once', async () => {
    const file = fileOf(npy({ rows: 1000, columns: 8, value: cell }));
    const header = await readNpyHeader(file);
    file.total = 0;
    await readNpyRows(file, header, [700, 3, 4, 701, 3]);
    expect(file.total).toBe(4 * 8 * 4);
  });

  it('refuses what is not a complete matrix of floats, naming the file', async () => {
    const good = npy({ rows: 4, columns: 3, value: cell });
    const refusal = (bytes: Uint8Array): Promise<unknown> => readNpyHeader(fileOf(bytes)).then(String, String);
    expect(await refusal(good.slice(0, good.length - 1))).toMatch(/DATA_INVALID.*feat\.npy.*got 175 bytes.*again/);
    expect(await refusal(good.slice(0, 40))).toMatch(/complete \.npy header/);
    expect(await refusal(new Uint8Array(0))).toMatch(/an \.npy file/);
    expect(await refusal(new TextEncoder().encode('id,label\n1,cat\n'))).toMatch(/an \.npy file/);
    const withDescr = (descr: string) =>
      npyOf(`{'descr': ${descr}, 'fortran_order': False, 'shape': (4, 3), }`, 1, () => 400);
    expect(await refusal(withDescr("'|O'"))).toMatch(/Python objects.*numpy\.load\('feat\.npy', allow_pickle=True\)/);
    expect(await refusal(withDescr("'<c8'"))).toMatch(/complex/);
    expect(await refusal(withDescr("'<f16'"))).toMatch(/"<f16".*astype\('float32'\)/);
    expect(await refusal(withDescr("'<U5'"))).toMatch(/texts/);
    expect(await refusal(withDescr("[('a', '<f4')]"))).toMatch(/named fields/);
    const cube = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3, 2), }";
    expect(await refusal(npyOf(cube, 1, () => 96))).toMatch(/shape \(4, 3, 2\).*reshape\(4, -1\)/);
    expect(await refusal(npy({ rows: 0, columns: 3, value: cell }))).toMatch(/shape \(0, 3\)/);
    const vector = "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }";
    expect(await refusal(npyOf(vector, 1, () => 16))).toMatch(/shape \(4,\)/);
    expect(await refusal(npyOf('{}', 1, () => 0))).toMatch(/header with descr/);
  });

  it('refuses NaN and infinite elements with their place, but only in rows that are used', async () => {
    const bad = (value: number, descr: string): Uint8Array =>
      npy({ rows: 6, columns: 3, descr, value: (r, c) => (r === 4 && c === 1 ? value : 1) });
    for (const descr of ['<f4', '<f8']) {
      await expect(read(bad(NaN, descr), [5, 4])).rejects.toThrow(/NaN in row 4, column 1/);
      await expect(read(bad(-Infinity, descr), [4])).rejects.toThrow(/infinite.*row 4, column 1/);
      expect(await read(bad(NaN, descr), [5, 0])).toHaveLength(6);
    }
    await expect(read(bad(1e300, '<f8'), [4])).rejects.toThrow(/infinite value \(as float32\)/);
  });

  it('says so when the file ends while it is read', async () => {
    const bytes = npy({ rows: 4, columns: 3, value: cell });
    const header = await readNpyHeader(fileOf(bytes));
    const cut = { ...fileOf(bytes.slice(0, 140)), bytes: bytes.length };
    await expect(readNpyRows(cut, header, [0, 3])).rejects.toThrow(/end of the file/);
    await expect(readNpyRows(fileOf(bytes), header, [4])).rejects.toThrow(RangeError);
  });
});
