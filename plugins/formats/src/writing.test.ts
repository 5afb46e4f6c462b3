import { AnswerTableBuilder, type AnswerFormat, type AnswerOutput, type AnswerTable } from '@quorate/core';
import { anyAnswerTable, answerKinds, meaningOf, testSeed } from '@quorate/testkit';
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { contentsOf, type Contents } from './table/by-task.js';
import plugin from './index.js';

function formatOf(name: string): AnswerFormat {
  const component = plugin.components!.find((one) => one.name === name)!;
  // In a matrix every column is a worker here, whatever its name and content.
  return component.create!(component.options.parse(name === 'wide' ? { every: true } : {})) as AnswerFormat;
}

const output = (answers: AnswerTable): AnswerOutput => ({ answers, labels: null, name: 'x', date: '' });

async function write(name: string, answers: AnswerTable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of formatOf(name).write!(output(answers))) chunks.push(Buffer.from(chunk as string));
  return Buffer.concat(chunks);
}

async function read(name: string, bytes: Uint8Array): Promise<AnswerTable> {
  const table = new AnswerTableBuilder();
  async function* all(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  await formatOf(name).read!({ name: 'file', bytes: all(), onBadRow: null }, table);
  return table.build();
}

/** How a format says that it drops something; with a skip goes that it was a second answer. */
const words: Readonly<Record<keyof Contents, RegExp>> = {
  skips: /skipped answers|becomes a skip/,
  repeats: /further answers of one worker|skipped answers/,
  seconds: /seconds that/,
  times: /times /,
  gold: /gold labels|becomes a skip/,
  unanswered: /tasks without an answer/,
};

const able = (name: string): boolean => name !== 'sagemaker' && 'read' in formatOf(name) && 'write' in formatOf(name);
const both = plugin.components!.map(({ name }) => name).filter(able);

describe('from one format to another', () => {
  /** What of a table is not in another, by kind. */
  const lost = (before: AnswerTable, after: AnswerTable): (keyof Contents)[] => {
    const [had, has] = [contentsOf(before), contentsOf(after)];
    return (Object.keys(words) as (keyof Contents)[]).filter((kind) => has[kind] < had[kind]);
  };

  it('between any two nothing is lost that is not named, and nothing that both can hold', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...both),
        fc.constantFrom(...both),
        fc.subarray([...answerKinds]).chain(anyAnswerTable),
        async (from, to, table) => {
          const first = await read(from, await write(from, table));
          const there = await read(to, await write(to, first));
          const dropped = formatOf(to).drops!(output(first)).join('\n');
          if (dropped === '') expect(meaningOf(there)).toEqual(meaningOf(first));
          for (const kind of lost(first, there)) expect(dropped, `${from} → ${to}`).toMatch(words[kind]);
        },
      ),
      { seed: testSeed(), numRuns: 300 },
    ));

  it('csv ⇄ jsonl lose nothing at all', () =>
    fc.assert(
      fc.asyncProperty(
        anyAnswerTable(answerKinds.filter((kind) => kind !== 'emptyLabels' && kind !== 'missingWords')),
        async (table) => {
          const there = await read('jsonl', await write('jsonl', await read('csv', await write('csv', table))));
          expect(meaningOf(there)).toEqual(meaningOf(table));
        },
      ),
      { seed: testSeed(), numRuns: 100 },
    ));
});

it('names what it drops, with how often', () => {
  const table = new AnswerTableBuilder();
  const [t, w, k] = [table.task('t'), table.worker('w'), table.class('a')];
  table.add(t, w, k, 3, 'now');
  table.add(t, w, k);
  table.add(t, w, -1);
  table.task('nobody');
  table.setGold(t, k);
  expect(formatOf('wide').drops!(output(table.build()))).toEqual([
    '1 skipped answers',
    '2 further answers of one worker to one task',
    '1 seconds that answers took',
    '1 times of answers',
    '1 gold labels',
  ]);
});

describe('doccano', () => {
  it('is a zip with a file for each user, the same bytes each time, names escaped that are no names of files', async () => {
    const table = new AnswerTableBuilder();
    table.add(table.task('1'), table.worker('ann@x.org'), table.class('cat'));
    table.add(table.task('2'), table.worker('../b'), -1);
    table.task('3');
    const bytes = await write('doccano', table.build());
    expect(bytes).toEqual(await write('doccano', table.build()));
    const files = unzipSync(bytes);
    expect(Object.keys(files)).toEqual(['ann@x.org.jsonl', '%2E%2E%2F%62.jsonl', 'unknown.jsonl']);
    expect(Buffer.from(files['ann@x.org.jsonl']!).toString()).toBe('{"id":1,"text":"1","label":["cat"]}\n');
    expect(meaningOf(await read('doccano', bytes))).toEqual(meaningOf(table.build()));
  });

  it('reads an export, and says which line of which user is wrong', async () => {
    const ann =
      '{"id": 10, "text": "Great", "label": ["positive"], "Comments": []}\n{"id": 11, "text": "?", "label": []}\n';
    const nobody = '{"id": 12, "text": "later", "label": []}\n';
    const zip = zipSync({ 'ann.jsonl': Buffer.from(ann), 'unknown.jsonl': Buffer.from(nobody) });
    const table = await read('doccano', zip);
    expect(meaningOf(table)).toEqual({
      tasks: ['10', '11', '12'],
      answers: ['["10","ann","positive",null,""]', '["11","ann",null,null,""]'],
      gold: [],
    });
    const broken = zipSync({ 'ann.jsonl': Buffer.from(`${ann}{"id": 13, "label": ["a", "b"]}\n`) });
    await expect(read('doccano', broken)).rejects.toThrow(
      'file/ann.jsonl:3:1: expected one label of an example, got ["a","b"]',
    );
    // As JSON, of intents; and of a project that classifies nothing.
    const intents = zipSync({ 'ann.json': Buffer.from('[{"id": 1, "cats": ["a"]}, {"id": 2, "cats": []}]') });
    expect(meaningOf(await read('doccano', intents)).answers).toEqual([
      '["1","ann","a",null,""]',
      '["2","ann",null,null,""]',
    ]);
    const spans = zipSync({ 'ann.jsonl': Buffer.from('{"id": 1, "entities": [], "relations": []}') });
    await expect(read('doccano', spans)).rejects.toThrow('file/ann.jsonl:1:1: expected an example with its label');
    await expect(read('doccano', zip.subarray(0, zip.length - 9))).rejects.toThrow('[ANSWERS_INVALID] file');
  });
});
