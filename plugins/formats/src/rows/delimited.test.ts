import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testSeed } from '@quorate/testkit';
import { readDelimited } from './delimited.js';

interface Read {
  readonly rows: (string | null)[][];
  readonly lines: number[];
  readonly problems: string[];
}

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function read(text: string | Uint8Array, size = 1 << 20, delimiter = ','): Promise<Read> {
  const found: Read = { rows: [], lines: [], problems: [] };
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  await readDelimited(chunksOf(bytes, size), delimiter.charCodeAt(0), {
    row: (row) => {
      found.rows.push(Array.from({ length: row.fields }, (_, f) => row.text(f)));
      found.lines.push(row.line);
    },
    problem: (line, column, expected, got) => found.problems.push(`${line}:${column} ${expected}, ${got}`),
  });
  return found;
}

const nasty = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', ',', '"', '\n', '\r', '\t', ';', 'é', '日', '😀', '0', ''),
  maxLength: 8,
});
const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const seed = testSeed();

describe('readDelimited', () => {
  it('reads what csv-parse reads, however the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(nasty, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (rows, newline, delimiter, size, ended) => {
          const text = rows.map((row) => row.map(quote).join(delimiter)).join(newline) + (ended ? newline : '');
          const options = { delimiter, relax_column_count: true, record_delimiter: newline };
          const found = await read(text, size, delimiter);
          expect(found.rows).toEqual(parse(text, options));
          expect(found.problems).toEqual([]);
        },
      ),
      { seed, numRuns: 300 },
    ));

  it('reads plain fields as csv-parse does with trim', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.string({ unit: fc.constantFrom('a', 'é', ' ', '0', '😀') }), { minLength: 2 }), {
          minLength: 1,
        }),
        fc.integer({ min: 1, max: 9 }),
        async (rows, size) => {
          const text = rows.map((row) => row.join(',')).join('\n');
          const found = await read(text, size);
          expect(found.rows).toEqual(parse(text, { trim: true, relax_column_count: true }));
        },
      ),
      { seed, numRuns: 100 },
    ));

  it('never loses its place: whatever the bytes, cut in one or in many pieces, the outcome is one', () =>
    fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é'), maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (text, size) => {
          expect(await read(text, size)).toEqual(await read(text));
        },
      ),
      { seed, numRuns: 500 },
    ));

  it('says where a row goes wrong and goes on with the next line', async () => {
    const { rows, lines, problems } = await read('a,b\n"x\ny"z,1\nc,"d\n"e",f\n\n g , h"i \n');
    expect(problems).toEqual([
      '3:3 a delimiter after the quote that ends a field, "z"',
      '5:2 a delimiter after the quote that ends a field, "e"',
    ]);
    expect(rows).toEqual([
      ['a', 'b'],
      ['g', 'h"i'],
    ]);
    expect(lines).toEqual([1, 7]);
  });

  it('does not swallow the file after a quote that never ends', async () => {
    const { rows, problems } = await read('a,b\nc,"d\ne,f\ng,h\n');
    expect(problems).toEqual(['2:4 a quote that ends the field, a field without one']);
    expect(rows).toEqual([
      ['a', 'b'],
      ['e', 'f'],
      ['g', 'h'],
    ]);
  });

  it('refuses a row without end before it fills the memory', async () => {
    const { rows, problems } = await read(`a,b\nc,${'x'.repeat(3 << 23)}\ne,f\n`, 1 << 23);
    expect(problems).toEqual(['2:3 a row of at most 16 MB, a longer one']);
    expect(rows).toEqual([
      ['a', 'b'],
      ['e', 'f'],
    ]);
  });

  it('says null for what is not UTF-8', async () => {
    expect((await read(Buffer.from([0x61, 0x2c, 0xe9, 0x0a]))).rows).toEqual([['a', null]]);
    expect((await read('\ufffd,b')).rows).toEqual([['\ufffd', 'b']]);
  });
});
