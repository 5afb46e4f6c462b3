import { isQuorateError, type QuorateError } from '@quorate/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMissing, textTable } from '@quorate/tables';
import { givenColumns } from './columns.js';
import { readLabels, type LabelFile } from './label-file.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = async (
  name: string,
  content: Uint8Array,
  columns: string | null = null,
  classes: string[] | null = null,
) => {
  const { named, header } = givenColumns(columns);
  const notes: string[] = [];
  const file = await readLabels(textTable(name, content, { header, note: (text) => void notes.push(text) }), {
    named,
    classes,
  });
  return { ...file, notes: [...notes, ...file.notes] };
};
const parse = (name: string, text: string, columns: string | null = null): Promise<LabelFile> =>
  read(name, bytes(text), columns);
const refusal = async (action: Promise<unknown>): Promise<QuorateError> => {
  const thrown: unknown = await action.then(
    () => new Error('nothing was refused'),
    (error: unknown) => error,
  );
  if (isQuorateError(thrown)) return thrown;
  throw thrown;
};
const linesOf = (file: LabelFile): string[] => file.ids.map((_, row) => file.place(row));
const seed = { seed: 20210605 };

describe('a label file', () => {
  it('is CSV with labels as strings, other columns left alone, in any column order', async () => {
    const file = await parse('l.csv', '\ufeffnote,label,id\r\n,cat,a\r\n"x, y", dog ,b\r\n\r\n,"7",c\r\n');
    expect(file.ids).toEqual(['a', 'b', 'c']);
    expect(file.labels).toEqual(['cat', 'dog', '7']);
    expect(linesOf(file)).toEqual(['l.csv:2', 'l.csv:3', 'l.csv:5']);
  });

  it('is JSON Lines with strings, numbers and booleans as they are', async () => {
    const file = await parse(
      'l.jsonl',
      '{"id":"a","label":7}\n\n{"id":2,"label":true}\r\n{"label":"7x","id":"c","more":[]}',
    );
    expect(file.ids).toEqual(['a', '2', 'c']);
    expect(file.labels).toEqual([7, true, '7x']);
    expect(linesOf(file)).toEqual(['l.jsonl:1', 'l.jsonl:3', 'l.jsonl:4']);
  });

  it.each([
    ['l.csv', 'id\na\nb\n'],
    ['l.csv', 'id,label\na,\nb,\n'],
    ['l.csv', 'id,colour\na,red\nb,blue\n'],
    ['l.jsonl', '{"id":"a"}\n{"id":"b","label":null}\n'],
  ])('has no truth where no row has a label (%s %j)', async (name, text) => {
    expect(await parse(name, text)).toMatchObject({ ids: ['a', 'b'], labels: null });
  });

  it.each<[string, string, string | null]>([
    ['semicolons', 'id;label\na;cat\nb;dog\n', null],
    ['tabs', 'id\tlabel\na\tcat\nb\tdog\n', null],
    ['a told separator', 'sep=;\r\nid;label\r\na;cat\r\nb;dog\r\n', null],
    ['a separator at the end of lines', 'id;label;\na;cat;\nb;dog;\n', null],
    ['a header in capitals', 'ID,Label\na,cat\nb,dog\n', null],
    ['an index column of pandas', ',id,label\n0,a,cat\n1,b,dog\n', null],
    ['ids in the index', ',label\na,cat\nb,dog\n', null],
    ['the usual other names', 'filename,width,category\na,640,cat\nb,640,dog\n', null],
    ['names of its own', 'bild,art\na,cat\nb,dog\n', 'id=bild,label=art'],
    ['several columns that could be it', 'id,class,category\na,1,cat\nb,2,dog\n', 'label=category'],
    ['no header', 'a,cat\nb,dog\n', 'id,label'],
    ['no header and other columns', 'a,x,cat\nb,y,dog\n', 'id,-,label'],
  ])('has ids and labels with %s', async (_, text, columns) => {
    expect(await parse('l.csv', text, columns)).toMatchObject({ ids: ['a', 'b'], labels: ['cat', 'dog'] });
  });

  it('says what it took for what, where that is not what the columns are called', async () => {
    const { notes } = await parse('l.csv', 'filename,width,category\na,640,cat\nb,640,dog\n');
    expect(notes).toEqual(['l.csv: ids from "filename", labels from "category"; left alone: "width".']);
    expect((await parse('l.csv', 'id,label\na,cat\n')).notes).toEqual([]);
  });

  it.each([
    ['UTF-8 with a mark', Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes('id,label\na,Müll\n'))],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, ...Buffer.from('id\tlabel\na\tMüll\n', 'utf16le'))],
    ['UTF-16, big-endian', Uint8Array.of(0xfe, 0xff, ...Buffer.from('id,label\na,Müll\n', 'utf16le').swap16())],
    ['Windows-1252', Uint8Array.of(...bytes('id,label\na,M'), 0xfc, ...bytes('ll\n'))],
  ])('is read in %s', async (encoding, content) => {
    const { labels, notes } = await read('l.csv', content);
    expect(labels).toEqual(['Müll']);
    expect(notes.length).toBe(encoding.startsWith('UTF-8') ? 0 : 1);
  });

  it('takes a missing value for none and says so, unless it is a class of the run', async () => {
    const text = bytes('id,label\na,cat\nb,NaN\nc,None\nd,\ne,dog\nf,NaN\n');
    const { labels, notes } = await read('l.csv', text);
    expect(labels).toEqual(['cat', null, null, null, 'dog', null]);
    expect(notes).toEqual([expect.stringMatching(/"NaN" in 2, "None" in 1 of 6 rows/)]);
    const kept = await read('l.csv', text, null, ['cat', 'dog', 'None']);
    expect(kept.labels).toEqual(['cat', null, 'None', null, 'dog', null]);
  });

  it('takes 1 and 1.0, and True and true, for one class each, and says so', async () => {
    const { labels, notes } = await parse('l.csv', 'id,label\na,1\nb,1.0\nc,2.0\n');
    expect(labels).toEqual(['1', '1', '2']);
    expect(notes).toEqual([expect.stringMatching(/1\.0 is 1/)]);
    expect((await parse('l.csv', 'id,label\na,True\nb,true\nc,False\n')).labels).toEqual(['true', 'true', 'false']);
    expect((await parse('l.csv', 'id,label\na,1.0\nb,2.0\n')).labels).toEqual(['1.0', '2.0']);
  });

  it('has prototypes in a column: marks, or their classes', async () => {
    const marks = await parse('l.csv', 'id,label,prototype\na,cat,1\nb,dog,0\nc,,\n');
    expect([...marks.prototype!]).toEqual([1, 0, 0]);
    const named = await parse('l.csv', 'id,seed\na,cat\nb,\nc,dog\n', 'prototype=seed');
    expect(named.labels).toEqual(['cat', null, 'dog']);
    expect([...named.prototype!]).toEqual([1, 0, 1]);
    const odd = await refusal(parse('l.csv', 'id,label,prototype\na,cat,dog\nb,dog,\n'));
    expect(odd.detail.where).toBe('l.csv:2');
  });

  it.each([
    ['an empty file', 'l.csv', '', 'l.csv', /no rows/],
    ['a header alone', 'l.csv', 'id,label\n', 'l.csv', /no rows/],
    ['an empty JSON Lines file', 'l.jsonl', '\n \n', 'l.jsonl', /no rows/],
    ['no header', 'l.csv', 'a,cat\nb,dog\n', 'l.csv:1', /"a", "cat"/],
    ['labels that could be two columns', 'l.csv', 'id,class,category\na,1,x\n', 'l.csv:1', /"class", "category"/],
    ['a misspelt header', 'l.csv', 'id,lable\na,cat\n', 'l.csv:1', /lable/],
    ['a line that is too short', 'l.csv', 'id,label\na,cat\nb\n', 'l.csv:3', /^1$/],
    ['a quote that is not closed', 'l.csv', 'id,label\n"a,cat\n', 'l.csv:2', /Quote/],
    ['an id that is there twice', 'l.csv', 'id,label\na,x\nb,y\na,y\n', 'l.csv:4', /"a", also on line 2/],
    ['a number and a string as one id', 'l.jsonl', '{"id":1}\n{"id":"1"}', 'l.jsonl:2', /also on line 1/],
    ['an empty id', 'l.csv', 'id,label\n,x\n', 'l.csv:2', /""/],
    ['no id', 'l.jsonl', '{"label":1}', 'l.jsonl', /"label"/],
    ['a label that is a list', 'l.jsonl', '{"id":1,"label":[1]}', 'l.jsonl:1', /\[1\]/],
    ['an infinite label', 'l.jsonl', '{"id":1,"label":1e999}', 'l.jsonl:1', /null/],
    ['a line that is not JSON', 'l.jsonl', '{"id":1}\n{"id":', 'l.jsonl:2', /JSON/],
    ['a line that is a list', 'l.jsonl', '{"id":1}\n[1,2]', 'l.jsonl:2', /\[1,2\]/],
    ['two spellings of a class', 'l.jsonl', '{"id":1,"label":7}\n{"id":2,"label":"7"}', 'l.jsonl:2', /7 in l\.jsonl:1/],
  ])('is refused for %s', async (_, name, text, where, got) => {
    const error = await refusal(parse(name, text));
    expect(error.code).toBe('DATA_INVALID');
    expect(error.detail.where).toBe(where);
    expect(error.detail.got).toMatch(got);
    expect(error.message).not.toMatch(/\n/);
  });

  const name = fc.constantFrom('l.csv', 'l.jsonl', 'l.txt');
  const survives = async (given: string, content: Uint8Array): Promise<void> => {
    try {
      const file = await read(given, content);
      expect(file.ids.length).toBeGreaterThan(0);
      expect(new Set(file.ids).size).toBe(file.ids.length);
      expect(linesOf(file).every(Boolean)).toBe(true);
      if (file.labels) expect(file.labels.length).toBe(file.ids.length);
    } catch (thrown) {
      if (!isQuorateError(thrown)) throw thrown;
      expect(thrown.message).not.toMatch(/\n/);
    }
  };

  it('never fails on random bytes but with an error of ours', () =>
    fc.assert(fc.asyncProperty(name, fc.uint8Array({ maxLength: 200 }), survives), { ...seed, numRuns: 2000 }));

  it('never fails on text that is nearly right but with an error of ours', async () => {
    const pieces = ['id,label', '\n', '\r\n', '\r', ',', '"', '{', '}', '"id"', ':', '"label"', 'a', '1', 'null', ' '];
    const more = [
      'true',
      '\ufeff',
      '\0',
      '[',
      ']',
      '{"id":1,"label":2}',
      '{"id":"__proto__"}',
      '\\',
      ';',
      'é',
      '1e999',
    ];
    const text = fc.array(fc.constantFrom(...pieces, ...more), { maxLength: 40 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(name, text, (given, content) => survives(given, bytes(content))),
      { ...seed, numRuns: 5000 },
    );
  });

  it('gives back what was written, in both formats', async () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => !isMissing(text));
    const rows = fc.uniqueArray(fc.tuple(word, word), { selector: ([id]) => id, minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(rows, async (pairs) => {
        const quote = (s: string): string => `"${s.replaceAll('"', '""')}"`;
        const csv = ['id,label', ...pairs.map((pair) => pair.map(quote).join(','))].join('\n');
        const json = pairs.map(([id, label]) => JSON.stringify({ id, label })).join('\n');
        for (const file of await Promise.all([parse('l.csv', csv), parse('l.jsonl', json)])) {
          expect(file.ids).toEqual(pairs.map(([id]) => id));
          expect(file.labels).toEqual(pairs.map(([, label]) => label));
        }
      }),
      seed,
    );
  });
});
