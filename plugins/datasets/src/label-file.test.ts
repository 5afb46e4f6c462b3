import { isQuorateError, type QuorateError } from '@quorate/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLabelFile } from './label-file.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (name: string, text: string): ReturnType<typeof parseLabelFile> => parseLabelFile(name, bytes(text));
const refusal = (action: () => unknown): QuorateError => {
  try {
    action();
  } catch (thrown) {
    if (isQuorateError(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
};
const seed = { seed: 20210605 };

describe('a label file', () => {
  it('is CSV with labels as strings, other columns left alone, in any column order', () => {
    const file = parse('l.csv', '\ufeffnote,label,id\r\n,cat,a\r\n"x, y", dog ,b\r\n\r\n,"7",c\r\n');
    expect(file.ids).toEqual(['a', 'b', 'c']);
    expect(file.labels).toEqual(['cat', 'dog', '7']);
    expect([...file.lines]).toEqual([2, 3, 5]);
  });

  it('is JSON Lines with strings, numbers and booleans as they are', () => {
    const file = parse('l.jsonl', '{"id":"a","label":7}\n\n{"id":2,"label":true}\r\n{"label":"7x","id":"c","more":[]}');
    expect(file.ids).toEqual(['a', '2', 'c']);
    expect(file.labels).toEqual([7, true, '7x']);
    expect([...file.lines]).toEqual([1, 3, 4]);
  });

  it.each([
    ['l.csv', 'id\na\nb\n'],
    ['l.csv', 'id,label\na,\nb,\n'],
    ['l.csv', 'id,colour\na,red\nb,blue\n'],
    ['l.jsonl', '{"id":"a"}\n{"id":"b","label":null}\n'],
  ])('has no truth where no row has a label (%s %j)', (name, text) => {
    expect(parse(name, text)).toMatchObject({ ids: ['a', 'b'], labels: null });
  });

  it.each([
    ['an empty file', 'l.csv', '', 'l.csv', /no rows/],
    ['a header alone', 'l.csv', 'id,label\n', 'l.csv', /no rows/],
    ['an empty JSON Lines file', 'l.jsonl', '\n \n', 'l.jsonl', /no rows/],
    ['no header', 'l.csv', 'a,cat\nb,dog\n', 'l.csv:1', /"a,cat"/],
    ['a misspelt header', 'l.csv', 'id,lable\na,cat\n', 'l.csv:1', /lable/],
    ['a header in capitals', 'l.csv', 'ID,label\na,cat\n', 'l.csv:1', /ID/],
    ['semicolons', 'l.csv', 'id;label\na;cat\n', 'l.csv:1', /id;label/],
    ['a line that is too short', 'l.csv', 'id,label\na,cat\nb\n', 'l.csv:3', /got 1/],
    ['a quote that is not closed', 'l.csv', 'id,label\n"a,cat\n', 'l.csv:2', /Quote/],
    ['an id that is there twice', 'l.csv', 'id,label\na,x\nb,y\na,y\n', 'l.csv:4', /"a", also on line 2/],
    ['a number and a string as one id', 'l.jsonl', '{"id":1}\n{"id":"1"}', 'l.jsonl:2', /also on line 1/],
    ['an empty id', 'l.csv', 'id,label\n,x\n', 'l.csv:2', /""/],
    ['no id', 'l.jsonl', '{"label":1}', 'l.jsonl:1', /nothing/],
    ['a label that is a list', 'l.jsonl', '{"id":1,"label":[1]}', 'l.jsonl:1', /\[1\]/],
    ['an infinite label', 'l.jsonl', '{"id":1,"label":1e999}', 'l.jsonl:1', /null/],
    ['a line that is not JSON', 'l.jsonl', '{"id":1}\n{"id":', 'l.jsonl:2', /JSON/],
    ['a line that is a list', 'l.jsonl', '[1,2]', 'l.jsonl:1', /\[1,2\]/],
    ['two spellings of a class', 'l.jsonl', '{"id":1,"label":7}\n{"id":2,"label":"7"}', 'l.jsonl:2', /7 on line 1/],
    ['a row without label', 'l.csv', 'id,label\na,x\nb,\nc,y\nd,\n', 'l.csv:3', /2 of 4/],
  ])('is refused for %s', (_, name, text, where, got) => {
    const error = refusal(() => parse(name, text));
    expect(error.code).toBe('DATA_INVALID');
    expect(error.detail.where).toBe(where);
    expect(error.detail.got).toMatch(got);
    expect(error.message).not.toMatch(/\n/);
  });

  it('is refused where it is not UTF-8', () => {
    expect(refusal(() => parseLabelFile('l.csv', Uint8Array.of(0x69, 0x64, 0xff))).detail.expected).toMatch('UTF-8');
  });

  const name = fc.constantFrom('l.csv', 'l.jsonl', 'l.txt');
  const survives = (given: string, content: Uint8Array): void => {
    try {
      const file = parseLabelFile(given, content);
      expect(file.ids.length).toBeGreaterThan(0);
      expect(new Set(file.ids).size).toBe(file.ids.length);
      expect(file.lines.length).toBe(file.ids.length);
      if (file.labels) expect(file.labels.length).toBe(file.ids.length);
    } catch (thrown) {
      if (!isQuorateError(thrown)) throw thrown;
      expect(thrown.message).not.toMatch(/\n/);
    }
  };

  it('never fails on random bytes but with an error of ours', () =>
    fc.assert(fc.property(name, fc.uint8Array({ maxLength: 200 }), survives), { ...seed, numRuns: 2000 }));

  it('never fails on text that is nearly right but with an error of ours', () => {
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
    fc.assert(
      fc.property(name, text, (given, content) => survives(given, bytes(content))),
      { ...seed, numRuns: 5000 },
    );
  });

  it('gives back what was written, in both formats', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    const rows = fc.uniqueArray(fc.tuple(word, word), { selector: ([id]) => id, minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(rows, (pairs) => {
        const quote = (s: string): string => `"${s.replaceAll('"', '""')}"`;
        const csv = ['id,label', ...pairs.map((pair) => pair.map(quote).join(','))].join('\n');
        const json = pairs.map(([id, label]) => JSON.stringify({ id, label })).join('\n');
        for (const file of [parse('l.csv', csv), parse('l.jsonl', json)]) {
          expect(file.ids).toEqual(pairs.map(([id]) => id));
          expect(file.labels).toEqual(pairs.map(([, label]) => label));
        }
      }),
      seed,
    );
  });
});
