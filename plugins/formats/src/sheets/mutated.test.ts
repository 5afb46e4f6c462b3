import { AnswerTableBuilder, isQuorateError, makeRng, type Rng } from '@quorate/core';
import { tableFromArrays, tableToIPC, utf8 } from '@uwdata/flechette';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, it } from 'vitest';
import { formatOf } from '../formats.fixture.js';
import { workbook } from './workbook.fixture.js';

/** Files of each format, and as many of each kind; QUORATE_MUTATIONS=500 looks at more. */
const FILES = Number(process.env['QUORATE_MUTATIONS'] ?? 40);

type Rows = readonly (readonly (string | null)[])[];
const header = ['task', 'worker', 'label'];
const original: Rows = Array.from({ length: 12 }, (_, a) => [
  `t${a >> 1}`,
  `w${a % 3}`,
  ['cat', 'dog', 'bird'][a % 3]!,
]);

const columnsOf = (rows: Rows): [string, (string | null)[]][] =>
  header.map((name, c) => [name, rows.map((row) => row[c] ?? null)]);

const writers: Readonly<Record<string, (rows: Rows) => Uint8Array>> = {
  xlsx: (rows) => workbook({ answers: [header, ...rows] }),
  parquet: (rows) =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: columnsOf(rows).map(([name, data]) => ({ name, data, type: 'STRING' as const })),
      }),
    ),
  arrow: (rows) =>
    tableToIPC(
      tableFromArrays(Object.fromEntries(columnsOf(rows)), { types: { task: utf8(), worker: utf8(), label: utf8() } }),
      {
        format: 'file',
      },
    )!,
};

const nasty = [
  '',
  null,
  'NA',
  '-1',
  '1e999',
  '\u00a0',
  'cat;dog',
  '__proto__',
  '["a","b"]',
  '💥',
  'a\nb',
  '"',
  'True',
  '1.0',
];

/** One to four of: a cell changed, a cell of another row put in, a row doubled, a row left out, a row emptied. */
function mutatedRows(rng: Rng): Rows {
  const rows = original.map((row) => [...row]);
  for (let n = 1 + rng.int(4); n > 0; n--) {
    const [at, other, column] = [rng.int(rows.length), rng.int(rows.length), rng.int(3)];
    const kind = rng.int(5);
    if (kind === 0) rows[at]![column] = nasty[rng.int(nasty.length)]!;
    else if (kind === 1) rows[at]![column] = rows[other]![rng.int(3)]!;
    else if (kind === 2) rows.splice(at, 0, [...rows[at]!]);
    else if (kind === 3 && rows.length > 1) rows.splice(at, 1);
    else rows[at] = [null, null, null];
  }
  return rows;
}

/** One to three of: a byte changed, bytes cut out, bytes doubled, the end cut off. */
function mutatedBytes(bytes: Uint8Array, rng: Rng): Uint8Array {
  let all = Buffer.from(bytes);
  for (let n = 1 + rng.int(3); n > 0 && all.length > 0; n--) {
    const at = rng.int(all.length);
    const [before, after] = [all.subarray(0, at), all.subarray(at)];
    const kind = rng.int(6);
    if (kind <= 2) all[at] = rng.int(256);
    else if (kind === 3) all = Buffer.concat([before, after.subarray(1 + rng.int(30))]);
    else if (kind === 4) all = Buffer.concat([before, after.subarray(0, 1 + rng.int(30)), after]);
    else all = Buffer.from(before);
  }
  return all;
}

interface Read {
  readonly rows: number;
  readonly answers: number;
  /** Rows that are named: refused, or left out with a count. */
  readonly told: number;
}

async function read(format: string, bytes: Uint8Array): Promise<Read | null> {
  const table = new AnswerTableBuilder();
  let bad = 0;
  async function* all(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  try {
    await formatOf(format).read!({ name: 'file', bytes: all(), onBadRow: () => void bad++ }, table);
  } catch (thrown) {
    if (!isQuorateError(thrown)) throw thrown;
    expect(thrown.code).toBe('ANSWERS_INVALID');
    expect(thrown.message).not.toMatch(/\n\s+at |undefined|\[object/);
    return null;
  }
  const { count, reading } = table.build();
  return { rows: reading.rows, answers: count, told: bad + reading.left.reduce((sum, [, n]) => sum + n, 0) };
}

it.each(Object.keys(writers))('%s: each row of a table with strange cells is an answer, or named', async (format) => {
  const rng = makeRng(`cells ${format}`);
  expect(await read(format, writers[format]!(original))).toEqual({ rows: 12, answers: 12, told: 0 });
  let whole = 0;
  for (let n = 0; n < FILES; n++) {
    const rows = mutatedRows(rng);
    const found = await read(format, writers[format]!(rows));
    if (!found || found.answers === 0) continue;
    whole++;
    // A cell of a sheet that holds blanks alone is empty.
    const textOf = (cell: string | null): string => (format === 'xlsx' ? (cell ?? '').trim() : (cell ?? ''));
    const filled = rows.filter((row) => row.some((cell) => textOf(cell) !== '')).length;
    expect(found.rows, JSON.stringify(rows)).toBe(filled);
    expect(found.answers + found.told, JSON.stringify(rows)).toBe(filled);
  }
  expect(whole).toBeGreaterThan(FILES / 2);
});

it.each(Object.keys(writers))(
  '%s: a damaged file is a mistake to fix, or read without a silent drop',
  async (format) => {
    const rng = makeRng(`bytes ${format}`);
    const file = writers[format]!(original);
    for (let n = 0; n < FILES; n++) {
      const found = await read(format, mutatedBytes(file, rng));
      if (found && found.answers > 0) expect(found.answers + found.told).toBeGreaterThanOrEqual(found.rows);
    }
  },
  120_000,
);
