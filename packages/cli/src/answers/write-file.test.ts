import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeChunks } from './write-file.js';

const folder = mkdtempSync(join(tmpdir(), 'quorate-write-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('writeChunks', () => {
  it('says what to mend where a file stands in the place of a folder', () => {
    writeFileSync(join(folder, 'taken'), '');
    expect(() => writeChunks(join(folder, 'taken', 'deeper', 'labels.csv'), ['x'])).toThrow(/WRITE_FAILED.*Make room/);
    expect(() => writeChunks(join(folder, 'taken', 'labels.csv'), ['x'])).toThrow(/WRITE_FAILED.*Make room/);
  });

  it('leaves the old file where writing fails half way', () => {
    const file = join(folder, 'labels.csv');
    writeChunks(file, ['old']);
    const failing = function* (): Generator<string> {
      yield 'new';
      throw new Error('no more');
    };
    expect(() => writeChunks(file, failing())).toThrow(/no more/);
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(existsSync(`${file}.tmp`)).toBe(false);
  });
});
