import { AnswerTableBuilder, type AnswerTable } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { formatOf, guessedOf, refusal, rows } from '../formats.fixture.js';
import { workbook, type Cell } from './workbook.fixture.js';

async function read(bytes: Uint8Array, options: object = {}): Promise<AnswerTable> {
  const table = new AnswerTableBuilder();
  async function* all(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  await formatOf(guessedOf(bytes), options).read!({ name: 'file', bytes: all(), onBadRow: null }, table);
  return table.build();
}

describe('workbooks', () => {
  it('are tables: answers, with titles above and an index beside', async () => {
    const sheet = [
      ['Answers of May'],
      [],
      [null, 'task', 'worker', 'label'],
      [0, 't1', 'ann', 1],
      [1, 't1', 'bob', null],
    ];
    expect(rows(await read(workbook({ data: sheet })))).toEqual(['t1 ann 1', 't1 bob -']);
  });

  it('may be a matrix, or a sheet for each worker', async () => {
    const matrix = [
      ['item', 'rater1', 'rater2'],
      ['a', 'x', 'y'],
      ['b', 'x', null],
    ];
    expect(rows(await read(workbook({ m: matrix })))).toEqual(['a rater1 x', 'a rater2 y', 'b rater1 x']);
    const own = (...labels: string[]): Cell[][] => [['id', 'label'], ...labels.map((label, n) => [n, label])];
    const both = await read(workbook({ ann: own('x', 'y'), bob: own('x', 'x') }));
    expect(rows(both)).toEqual(['0 ann x', '1 ann y', '0 bob x', '1 bob x']);
    expect(both.reading.worker).toBe('the name of the sheet');
  });

  it('say which sheets they left, and are read by the name of one', async () => {
    const book = workbook({
      notes: [['read me']],
      data: [
        ['task', 'worker', 'label'],
        ['t', 'w', 'x'],
      ],
    });
    const table = await read(book);
    expect([rows(table), table.reading.notes]).toEqual([
      ['t w x'],
      [expect.stringContaining('Not read: the sheets notes')],
    ]);
    expect(await refusal(read(book, { sheet: 'dta' }))).toContain('expected a sheet "dta", got notes, data');
    expect(await refusal(read(book.subarray(0, 300)))).toContain('Save it again as .xlsx, or as CSV.');
  });
});

// Three rows of pyarrow: task t1 t1 t2, worker 1012658482844795232 7 7 as int64, label a null b.
const parquet =
  'UEFSMRUAFTAVMiwVBhUAFQYVBhwAAAAYFAIAAAAGAQEGNHQxAgAAAHQxAgAAAHQyFQAVPBVALBUGFQAVBhUGHAAAAB50AgAAAAYBYAHAXIavDQ4HAAAAAAAAAAcAAAAAAAAAFQAVIBUkLBUGFQAVBhUGHAAAABA8AgAAAAMFAQAAAGEBAAAAYhUEGUw1ABgGc2NoZW1hFQYAFQwlAhgEdGFzayUATBwAAAAVBCUCGAZ3b3JrZXIAFQwlAhgFbGFiZWwlAEwcAAAAFgYZHBk8JgAcFQwZJQYAGRgEdGFzaxUCFgYWVhZYJghJHBUAFQAVAgA8FgwZBhkmAAYAAAAmABwVBBklBgAZGAZ3b3JrZXIVAhYGFmIWZiZgSRwVABUAFQIAPCkGGSYABgAAACYAHBUMGSUGABkYBWxhYmVsFQIWBhZGFkomxgFJHBUAFQAVAgA8FgQZBhkmAgQAAAAW/gEWBiYIFogCACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZPBwAABwAABwAAAAPAQAAUEFSMQ==';

describe('Parquet and Arrow', () => {
  const bytes = Buffer.from(parquet, 'base64');
  it('are read with their integers whole', async () => {
    expect(rows(await read(bytes))).toEqual(['t1 1012658482844795232 a', 't1 7 -', 't2 7 b']);
  });

  it('are refused where they are not whole', async () => {
    expect(await refusal(read(bytes.subarray(0, 200)))).toMatch(/^\[ANSWERS_INVALID\] file: /);
    expect(await refusal(read(Buffer.from('ARROW1\0\0 and nothing more')))).toMatch(/^\[ANSWERS_INVALID\] file: /);
  });
});
