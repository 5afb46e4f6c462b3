import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Registry, definePlugin, defineComponent, type AnswerFormat, type AnswerTable } from '@quorate/core';
import { Inputs } from '@quorate/host';
import { referenceFormat } from '@quorate/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readAnswers, readEach, readGold, readLabels, type ReadAnswersRequest } from '@quorate/host';
import { writeAnswers, type WriteAnswersRequest } from './write.js';

const home = mkdtempSync(join(tmpdir(), 'quorate-answers-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const format = (name: string, change: Partial<AnswerFormat> = {}, options = z.strictObject({})) =>
  defineComponent({
    kind: 'answerFormat',
    name,
    summary: name,
    options,
    create: () => ({ ...referenceFormat(), ...change }),
  });
const registry = new Registry([
  definePlugin({
    name: 'formats',
    apiVersion: '*',
    components: [
      format('rows', { extensions: ['.rows'] }),
      format('other', {
        detect: (head) => (head[0] === 0x21 ? 1 : 0.1),
        read: () => Promise.reject(new TypeError('oops')),
      }),
      format('tuned', {}, z.strictObject({ mark: z.string() })),
    ],
  }),
]);

const ROWS = '["t1","ann","cät"]\n["t1","bob",null]\n["t2","cat"]\n';
const request = (source: string, more: Partial<ReadAnswersRequest> = {}): ReadAnswersRequest => ({
  source,
  format: null,
  options: {},
  skipBadRows: false,
  loaded: registry,
  cwd: home,
  ...more,
});
const put = (name: string, content: string | Buffer): string => {
  writeFileSync(join(home, name), content);
  return name;
};
const folder = (name: string, files: Readonly<Record<string, string>>): string => {
  mkdirSync(join(home, name), { recursive: true });
  for (const [file, content] of Object.entries(files)) put(`${name}/${file}`, content);
  return name;
};
const utf16 = (text: string, big: boolean): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return big ? bytes.swap16() : bytes;
};
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('readAnswers', () => {
  it.each([
    ['plain', Buffer.from(ROWS)],
    ['with a byte order mark', Buffer.from(`\ufeff${ROWS}`)],
    ['gzip', gzipSync(ROWS)],
    ['gzip of two members', Buffer.concat([gzipSync(ROWS.slice(0, 20)), gzipSync(ROWS.slice(20))])],
    ['gzip of a text with a mark', gzipSync(`\ufeff${ROWS}`)],
    ['UTF-16, little end first', utf16(ROWS, false)],
    ['UTF-16, big end first', utf16(ROWS, true)],
  ])('reads a file that is %s, by its content; and the same through a pipe in pieces', async (_name, bytes) => {
    // A name that lies.
    const table = await readAnswers(request(put('a.zip', bytes)));
    expect(table).toMatchObject({ count: 2, taskIds: ['t1', 't2'], classes: ['cät', 'cat'], badRows: 0 });
    for (const size of [1, 2, 3, 1000]) {
      expect(await readAnswers(request('-', { stdin: pieces(bytes, size) }))).toEqual(table);
    }
  });

  it('counts rows that cannot be read where they are to be skipped', async () => {
    const file = put('bad.rows', `${ROWS}nonsense\n`);
    await expect(readAnswers(request(file))).rejects.toThrow('[ANSWERS_INVALID] bad.rows:4:1');
    expect(await readAnswers(request(file, { skipBadRows: true }))).toMatchObject({ count: 2, badRows: 1 });
  });

  it.each([
    ['a file that is not there', request('nowhere.csv'), '[ANSWERS_INVALID] nowhere.csv: expected a file'],
    [
      'a folder of nothing',
      request(folder('void', {})),
      'void: expected a folder with files of crowd answers, got a folder',
    ],
    ['a pattern of nothing', request('*.nothing'), 'got no file that fits the pattern'],
    [
      'a workbook of Excel 97',
      request(put('old.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'))),
      'got a workbook of Excel 97',
    ],
    [
      'an empty file',
      request(put('empty', '')),
      '[ANSWERS_INVALID] empty: expected at least one answer, got an empty file',
    ],
    ['a mark alone', request(put('mark', '\ufeff')), 'got an empty file'],
    ['gzip of nothing', request(put('none.gz', gzipSync(''))), 'got an empty file'],
    ['half a gzip', request(put('half.gz', gzipSync(ROWS.repeat(99)).subarray(0, 60))), 'got damaged gzip'],
    ['rows of which none can be read', request(put('no', '[]\n'), { skipBadRows: true }), 'none in 1 rows that cannot'],
    ['gold labels alone', request(put('gold', '["t","a"]\n')), 'got labels without a word about who gave them'],
    ['gold labels with a gap', request(put('gap', '["t","a"]\n["u"]\n')), 'got labels without a word about who'],
    ['an unknown format', request('a.zip', { format: 'rws' }), 'Did you mean "rows"?'],
    [
      'an option that a format does not have',
      request('a.zip', { format: 'rows', options: { x: 1 } }),
      'unknown key "x"',
    ],
    ['an option that no format has', request('a.zip', { options: { mrk: 1 } }), 'Is mrk meant as mark?'],
    ['a format that throws', request('a.zip', { format: 'other' }), '[PART_FAILED] format "other" with a.zip'],
  ])('refuses %s', async (_name, asked, message) => {
    await expect(readAnswers(asked)).rejects.toThrow(message);
  });

  it.each([
    ['Latin-1', Buffer.from(ROWS, 'latin1'), 'windows-1252'],
    ['UTF-16 without a mark', Buffer.from(ROWS, 'utf16le'), 'utf-16le'],
    ['UTF-8', Buffer.from(ROWS), 'utf-8'],
  ])('tells %s by the bytes, and says so', async (_name, bytes, encoding) => {
    for (const size of [1, 2, 1000]) {
      const { classes, reading } = await readAnswers(request('-', { stdin: pieces(bytes, size) }));
      expect(classes).toEqual(['cät', 'cat']);
      expect(reading.encoding).toBe(encoding);
    }
  });

  it('reads an encoding that is named, and refuses to guess among those that are not Western', async () => {
    const russian = put(
      'koi',
      Buffer.from([0x5b, 0x22, 0x74, 0x22, 0x2c, 0x22, 0x77, 0x22, 0x2c, 0x22, 0xea, 0xee, 0xf2, 0x22, 0x5d]),
    );
    await expect(readAnswers(request(russian))).rejects.toThrow('got text in another encoding. Say which: --encoding');
    expect((await readAnswers(request(russian, { encoding: 'windows-1251' }))).classes).toEqual(['кот']);
    await expect(readAnswers(request(russian, { encoding: 'cp-what' }))).rejects.toThrow('the name of an encoding');
  });

  it('reads a damaged character of UTF-8 as damage, not as another encoding', async () => {
    const bytes = Buffer.concat([Buffer.from(ROWS.repeat(3)), Buffer.from([0x5b, 0xff, 0x0a])]);
    const { badRows, reading } = await readAnswers(request(put('harm', bytes), { skipBadRows: true }));
    expect([badRows, reading.encoding]).toEqual([1, 'utf-8']);
  });

  it('reads all files of a folder or a pattern as one, in order, and leaves aside what is no data', async () => {
    const parts = {
      'b.csv': '["t2","w","b"]\n',
      'a.csv': '["t1","w","a"]\n',
      'photo.png': 'x',
      '.hidden.csv': 'x',
      'state.json': '{}',
    };
    for (const source of [folder('parts', parts), 'parts/*.csv', join(home, 'parts')]) {
      expect(await readAnswers(request(source))).toMatchObject({ count: 2, taskIds: ['t1', 't2'] });
    }
  });

  it('takes the name of a file for the worker where several files say nothing of workers', async () => {
    const known = { 'ann.csv': '["t1","a"]\n', 'bob.csv.gz': '' };
    folder('each', known);
    put('each/bob.csv.gz', gzipSync('["t1","b"]\n'));
    const asked = { ...request(''), sources: ['each/ann.csv', 'each/bob.csv.gz'] };
    const tables = await readEach(asked);
    expect(tables.map(({ table }) => [table.workerIds, table.classes])).toEqual([
      [['ann'], ['a']],
      [['bob'], ['b']],
    ]);
    expect((await readAnswers(request('each'))).workerIds).toEqual(['ann', 'bob']);
    expect((await readAnswers(request('each/ann.csv', { worker: 'Ann' }))).workerIds).toEqual(['Ann']);
  });

  it('asks only the formats that have the options which were given', async () => {
    const table = await readAnswers(request(put('t', ROWS), { options: { mark: 'x' } }));
    expect(table.count).toBe(2);
  });
});

it('readGold and readLabels read what is known of tasks', async () => {
  const file = put('known', '["t1","a"]\n["t2"]\n["t3","b"]\n');
  expect(await readGold(request(file))).toEqual(new Map(Object.entries({ t1: 'a', t3: 'b' })));
  expect(await readLabels(request(file))).toEqual(
    new Map(Object.entries({ t1: { label: 'a', confidence: 1 }, t3: { label: 'b', confidence: 1 } })),
  );
  await expect(readGold(request(put('said', '["t","w","a"]\n')))).rejects.toThrow('got 1 answers of workers');
});

describe('writeAnswers', () => {
  const answers = async (): Promise<AnswerTable> => readAnswers(request(put('in.rows', ROWS)));
  const writing = async (target: string, more: Partial<WriteAnswersRequest> = {}): Promise<WriteAnswersRequest> => ({
    target,
    format: null,
    options: {},
    loaded: registry,
    answers: await answers(),
    labels: null,
    date: '2024-05-01',
    cwd: home,
    inputs: new Inputs([join(home, 'in.rows')]),
    onNote: () => undefined,
    ...more,
  });
  const leftovers = (): string[] => readdirSync(home).filter((name) => name.endsWith('.tmp'));

  it('chooses the format by the name, packs .gz, and says what is dropped', async () => {
    expect(await writeAnswers(await writing('out.rows.gz'))).toEqual({ format: 'rows', dropped: [] });
    const table = await readAnswers(request('out.rows.gz'));
    expect(table).toEqual(await answers());
    expect(gunzipSync(readFileSync(join(home, 'out.rows.gz'))).toString()).toContain('["t1","ann","cät"');
    const origin = { format: 'other', context: null };
    const dropped = await writeAnswers(await writing('out.rows', { answers: { ...table, origin } }));
    expect(dropped.dropped).toEqual(['task data and names of controls that only other keeps']);
  });

  it.each([
    ['what is read', 'in.rows', {}, 'in.rows: expected another file than those that are read'],
    ['what is read by another name', './x/../in.rows', {}, 'expected another file'],
    ['a folder', '.', { format: 'rows' }, '.: expected a file, or nothing of that name, got a folder'],
    ['below a file', 'in.rows/where.rows', {}, 'got a file where the folder would be'],
    ['into a folder that is not there', 'nowhere/where.rows', {}, '[WRITE_FAILED]'],
    ['a name that tells no format', 'out.json', {}, 'expected a format to write, one of rows, other'],
  ])('refuses to write %s', async (_name, target, more, message) => {
    await expect(writing(target, more).then(writeAnswers)).rejects.toThrow(message);
    expect(readFileSync(join(home, 'in.rows'), 'utf8')).toBe(ROWS);
    expect(leftovers()).toEqual([]);
  });

  it('leaves the old file, and nothing beside it, when it is broken off', async () => {
    put('old.rows', 'precious');
    const stop = new AbortController();
    function* endless(): Generator<string> {
      for (let n = 0; ; n++) {
        if (n === 3) stop.abort();
        yield '["t"]\n'.repeat(10_000);
      }
    }
    const broken = new Registry([
      definePlugin({ name: 'x', apiVersion: '*', components: [format('x', { write: endless })] }),
    ]);
    const asked = await writing('old.rows', { format: 'x', loaded: broken, signal: stop.signal });
    await expect(writeAnswers(asked)).rejects.toThrow(/abort/i);
    expect(readFileSync(join(home, 'old.rows'), 'utf8')).toBe('precious');
    expect(leftovers()).toEqual([]);
  });
});
