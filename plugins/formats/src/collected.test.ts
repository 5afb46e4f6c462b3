import { AnswerTableBuilder, type AnswerInput, type AnswerTable } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { formatOf, guessedOf, refusal, rows } from './formats.fixture.js';

// Files that hold several answers in a record, classes in several columns, or classes under several spellings. Written for these tests.

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;
const jsonl = (...all: readonly object[]): string => lines(...all.map((one) => JSON.stringify(one)));

async function read(content: string, more: Partial<AnswerInput> = {}, options: object = {}): Promise<AnswerTable> {
  const bytes = Buffer.from(content);
  const table = new AnswerTableBuilder();
  async function* all(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  await formatOf(guessedOf(bytes), options).read!({ name: 'file', bytes: all(), onBadRow: null, ...more }, table);
  return table.build();
}
const answers = async (content: string, options: object = {}): Promise<string[]> =>
  rows(await read(content, {}, options)).sort();
const refused = (content: string): Promise<string> => refusal(read(content));
const want = ['t1 ann cat', 't1 bob dog', 't2 ann cat', 't2 bob cat'];

describe('records with several answers', () => {
  const said = { t1: { ann: 'cat', bob: 'dog' }, t2: { ann: 'cat', bob: 'cat' } };
  const list = (task: keyof typeof said): object[] =>
    Object.entries(said[task]).map(([annotator, label]) => ({ annotator, label }));

  it.each<[string, string]>([
    ['lists of objects', jsonl({ id: 't1', annotations: list('t1') }, { id: 't2', annotations: list('t2') })],
    [
      'the same as one array',
      JSON.stringify([
        { id: 't1', annotations: list('t1') },
        { id: 't2', annotations: list('t2') },
      ]),
    ],
    ['by task', JSON.stringify({ t1: list('t1'), t2: list('t2') })],
    [
      'by task, in objects',
      JSON.stringify({
        x1: { post_id: 't1', annotators: list('t1'), tokens: ['a', 'b'] },
        x2: { post_id: 't2', annotators: list('t2') },
      }),
    ],
    [
      'by worker',
      jsonl(
        {
          worker: 'ann',
          answers: [
            { task: 't1', label: 'cat' },
            { task: 't2', label: 'cat' },
          ],
        },
        {
          worker: 'bob',
          answers: [
            { task: 't1', label: 'dog' },
            { task: 't2', label: 'cat' },
          ],
        },
      ),
    ],
    [
      'lists side by side',
      jsonl(
        { id: 't1', labels: ['cat', 'dog'], annotators: ['ann', 'bob'] },
        { id: 't2', labels: ['cat', 'cat'], annotators: ['ann', 'bob'] },
      ),
    ],
    [
      'nothing but objects',
      jsonl(
        ...(['t1', 't2'] as const).flatMap((id) =>
          Object.entries(said[id]).map(([worker, label]) => ({
            task: { id, url: 'u' },
            worker: { id: worker },
            response: { label },
          })),
        ),
      ),
    ],
    [
      'workers outside',
      JSON.stringify({ 'ann@x.org': { t1: 'cat', t2: 'cat' }, 'bob@x.org': { t1: 'dog', t2: 'cat' } }),
    ],
  ])('%s', async (_, text) => {
    expect((await answers(text)).map((row) => row.replaceAll('@x.org', ''))).toEqual(want);
  });

  it('one without an answer is a task, lists of other lengths and lists without workers are refused', async () => {
    const table = await read(jsonl({ id: 't1', annotations: list('t1') }, { id: 't3', annotations: [] }));
    expect([table.count, table.taskIds]).toEqual([2, ['t1', 't3']]);
    expect(
      await refused(
        jsonl(
          { id: 't1', labels: ['a', 'b'], annotators: ['w', 'v'] },
          { id: 't2', labels: ['a'], annotators: ['w', 'v'] },
        ),
      ),
    ).toContain('expected lists of one length, got labels 1, annotators 2');
    const snli = {
      pairID: 'p',
      sentence1: 'A',
      sentence2: 'B',
      gold_label: 'neutral',
      annotator_labels: ['neutral', 'neutral', 'other'],
    };
    // Sentences may look like classes where there are two of them; nothing says who gave the labels either way.
    expect(await refused(jsonl(snli, { ...snli, pairID: 'q', sentence2: 'C' }))).toContain('--columns worker=');
  });

  it('numbers of classes have the names that the dataset viewer gives them', async () => {
    const type = { names: ['cat', 'dog'], _type: 'ClassLabel' };
    const features = [{ feature_idx: 0, name: 'label', type }];
    const row = (task: string, worker: string, label: number): object => ({ row_idx: 0, row: { task, worker, label } });
    const text = JSON.stringify({
      features,
      rows: [row('t1', 'ann', 0), row('t1', 'bob', 1), row('t2', 'ann', 0), row('t2', 'bob', 0)],
    });
    expect(await answers(text)).toEqual(want);
  });
});

describe('a column for each button', () => {
  const head = 'HITId,WorkerId,AssignmentStatus';
  it.each<[string, string, string]>([
    ['Answer.cat.on,Answer.dog.on', 'true,false', 'false,true'],
    ['Answer.animal.cat,Answer.animal.dog', 'TRUE,FALSE', 'FALSE,TRUE'],
    ['Answer.cat,Answer.dog', 'true,false', 'false,true'],
  ])('%s', async (buttons, cat, dog) => {
    const rows = ['t1,ann,A', 't1,bob,A', 't2,ann,A', 't2,bob,A'].map((row, at) => `${row},${at === 1 ? dog : cat}`);
    expect(await answers(lines(`${head},${buttons}`, ...rows))).toEqual(want);
  });

  it('none pressed is a skip, two are refused by name; boxes that many tick are several questions', async () => {
    const table = (...rows: string[]): string =>
      lines(
        `${head},Answer.cat.on,Answer.dog.on`,
        't1,ann,A,true,false',
        't1,bob,A,false,true',
        't2,ann,A,true,false',
        ...rows,
      );
    expect(await answers(table('t2,bob,A,false,false'))).toEqual([
      't1 ann cat',
      't1 bob dog',
      't2 ann cat',
      't2 bob -',
    ]);
    expect(await refused(table('t2,bob,A,true,true'))).toContain('expected one choice, got cat and dog');
    expect(await refused(table('t2,bob,A,perhaps,true'))).toMatch(/one column of answers|true or false/);
    const ticked = lines(
      `${head},Answer.cat,Answer.dog`,
      't1,ann,A,true,true',
      't1,bob,A,true,true',
      't2,ann,A,false,true',
    );
    expect(await refused(ticked)).toContain('expected one column of answers');
  });

  it('of two questions one is named', async () => {
    const text = lines(
      `${head},Answer.animal.cat,Answer.animal.dog,Answer.size.big,Answer.size.small`,
      't1,ann,A,true,false,true,false',
      't1,bob,A,false,true,true,false',
      't2,ann,A,true,false,false,true',
      't2,bob,A,true,false,true,false',
    );
    expect(await refused(text)).toContain('expected one column of answers');
    expect(await answers(text, { columns: 'label=Answer.animal.*' })).toEqual(want);
  });
});

describe('spellings', () => {
  const table = (...labels: readonly string[]): string =>
    lines('task,worker,label', ...labels.map((label, at) => `t${at >> 1},w${at % 2},"${label}"`));

  it('whole numbers have one, which is said; decimals alone stay', async () => {
    const mixed = await read(table('1', '0.0', '2.00', '0'));
    expect(mixed.classes).toEqual(['1', '0', '2']);
    expect(mixed.reading.notes.join()).toContain('"0.0" is "0"');
    expect((await read(table('1.0', '0.0', '1.5', '0.0'))).classes).toEqual(['1.0', '0.0', '1.5']);
  });

  it('characters that nobody sees make no class, and no answer', async () => {
    const { classes, reading, label } = await read(
      table('cat', 'cat\u00a0', '\u200bdog', '\u00a0', 'new\u00a0york', 'dog'),
    );
    expect(classes).toEqual(['cat', 'dog', 'new\u00a0york']);
    expect([reading.missing, label[3]]).toEqual([1, -1]);
    expect(reading.notes.join()).toContain('that nobody sees');
  });

  it('true beside 1, and several classes in one, are said', async () => {
    expect((await read(table('TRUE', '1', 'false', 'FALSE'))).reading.notes.join()).toContain(
      '"TRUE" and "1" are two classes',
    );
    expect((await read(table('cat', 'dog', 'cat;dog', 'dog'))).reading.notes.join()).toContain(
      '"cat;dog" names several classes',
    );
    expect((await read(table('New York, NY', 'dog', 'cat', 'dog'))).reading.notes.join()).not.toContain(
      'names several',
    );
  });
});

it('two columns of one name with other values are asked about, the same twice is one', async () => {
  expect(await refused(lines('task,worker,label,label', 't1,a,x,y', 't2,a,y,y'))).toContain('--columns label=3');
  expect((await read(lines('task,worker,label,label', 't1,a,x,x', 't2,a,y,y'))).count).toBe(2);
});

it('remarks above a table are none of it, and sums below a matrix are no task', async () => {
  expect(
    (await read(lines('# exported today', '# by me, and others', 'task,worker,label', 't1,a,x', 't2,a,y'))).count,
  ).toBe(2);
  expect((await read(lines('#task,worker,label', 't1,a,x', 't2,a,y'))).count).toBe(2);
  const matrix = await read(lines('task,w1,w2', 't1,x,y', 't2,y,y', 't3,x,x', 'Total,3,3'));
  expect([matrix.count, matrix.taskIds, matrix.reading.left]).toEqual([6, ['t1', 't2', 't3'], [['rows of totals', 1]]]);
  expect((await read(lines('task,w1,w2', 't1,1,2', 't2,2,2', 't3,1,1', 'Total,2,3'))).count).toBe(8);
});
