import { describe, expect, it } from 'vitest';
import { formatOf, golds, guessed, read, refusal, rows } from '../formats.fixture.js';

describe('Label Studio', () => {
  const region = (choice: string): object => ({
    value: { choices: [choice] },
    id: 'Dx_aB91ISN',
    from_name: 'sentiment',
    to_name: 'text',
    type: 'choices',
    origin: 'manual',
  });
  const tasks = [
    {
      id: 1,
      created_at: '2021-03-09T21:52:49.513742Z',
      project: 83,
      data: { text: 'To have faith is to trust yourself, "so to say"', extra: { deep: [1, 2] } },
      annotations: [
        {
          id: 1001,
          result: [region('Positive'), { type: 'rating', from_name: 'stars', to_name: 'text', value: { rating: 3 } }],
          was_cancelled: false,
          ground_truth: true,
          created_at: '2021-03-09T22:16:08.728353Z',
          lead_time: 4.288,
          completed_by: 10,
        },
        { id: 1002, result: [], was_cancelled: true, ground_truth: false, completed_by: { id: 11, email: 'a@b.c' } },
        { id: 1003, result: [region('Negative')], was_cancelled: false, ground_truth: false, completed_by: 'x@b.c' },
      ],
      predictions: [{ model_version: 'model 1', result: [region('Neutral')] }],
    },
    { id: 2, data: { text: 'second' }, annotations: [], predictions: [] },
  ];

  it('reads JSON: choices, skips, ground truth, lead time', async () => {
    const text = JSON.stringify(tasks, null, 2);
    expect(guessed(text)).toBe('label_studio');
    const table = await read('label_studio', text);
    expect(rows(table)).toEqual(['1 10 Positive 4.288s 2021-03-09T22:16:08.728353Z', '1 a@b.c -', '1 x@b.c Negative']);
    expect(golds(table)).toEqual(['1 Positive']);
    expect(table.taskIds).toEqual(['1', '2']);
  });

  it('writes predictions that the label config of the import accepts, with the data of the tasks', async () => {
    const answers = await read('label_studio', JSON.stringify(tasks));
    const labels = { label: Int32Array.of(0, 1), confidence: Float64Array.of(0.875, 0.5) };
    const out = [...(formatOf('label_studio').write!({ answers, labels, name: 'x', date: '' }) as Iterable<string>)];
    const again = JSON.parse(out.join('')) as {
      id: number;
      data: object;
      predictions: object[];
      annotations: object[];
    }[];
    expect(again.map(({ id, data }) => ({ id, data }))).toEqual(tasks.map(({ id, data }) => ({ id, data })));
    // The config: <Choices name="sentiment" toName="text"> with these three <Choice value>.
    const config = { name: 'sentiment', toName: 'text', choices: ['Positive', 'Negative', 'Neutral'] };
    for (const { predictions } of again) {
      expect(predictions).toHaveLength(1);
      const [{ result, score }] = predictions as [{ result: [{ value: { choices: string[] } }]; score: number }];
      expect(result).toMatchObject([{ from_name: config.name, to_name: config.toName, type: 'choices' }]);
      expect(config.choices).toContain(result[0].value.choices[0]);
      expect(score).toBeGreaterThan(0);
    }
    // Its import refuses an annotator that is a text.
    expect(again[0]!.annotations).toMatchObject([
      { completed_by: 10, ground_truth: true, lead_time: 4.288 },
      { completed_by: { email: 'a@b.c' }, was_cancelled: true },
      { completed_by: { email: 'x@b.c' } },
    ]);
    expect(formatOf('label_studio').drops!({ answers, labels, name: 'x', date: '' })).toEqual([
      'the results of stars (rating)',
    ]);
    const alone = formatOf('label_studio', { annotations: false });
    const bare = [...(alone.write!({ answers, labels, name: 'x', date: '' }) as Iterable<string>)].join('');
    expect(JSON.parse(bare)).toEqual(again.map((task) => ({ ...task, annotations: [] })));
    expect(alone.drops!({ answers, labels, name: 'x', date: '' })).toEqual([
      '3 answers (annotations=false)',
      '1 gold labels',
    ]);
  });

  it('reads JSON_MIN and CSV', async () => {
    const min = [
      {
        text: 'one',
        id: 7,
        sentiment: 'Positive',
        annotator: 1,
        annotation_id: 5,
        created_at: 'x',
        updated_at: 'y',
        lead_time: 3.5,
      },
      { text: 'one', id: 7, annotator: 2, annotation_id: 6, created_at: 'x', updated_at: 'y', lead_time: 1 },
    ];
    const json = JSON.stringify(min);
    expect(guessed(json)).toBe('label_studio');
    expect(rows(await read('label_studio', json))).toEqual(['7 1 Positive 3.5s x', '7 2 - 1s x']);
    const csv =
      'text,id,sentiment,annotator,annotation_id,created_at,updated_at,lead_time\n"o,ne",7,Positive,1,5,x,y,3.5\nb,8,,2,6,x,y,1\n';
    expect(guessed(csv)).toBe('label_studio');
    expect(rows(await read('label_studio', csv))).toEqual(['7 1 Positive 3.5s x', '8 2 - 1s x']);
  });

  it('refuses two controls unless one is named, and two choices in one answer', async () => {
    const two = [{ ...region('a'), from_name: 'tone' }, region('b')];
    const text = JSON.stringify([{ id: 1, data: {}, annotations: [{ completed_by: 1, result: two }] }]);
    expect(await refusal(read('label_studio', text))).toMatch(
      /file:1:2: expected one <Choices> control, got "tone" and "sent/,
    );
    expect(rows(await read('label_studio', text, { control: 'sentiment' }))).toEqual(['1 1 b']);
    const both = { ...region('a'), value: { choices: ['a', 'b'] } };
    const several = JSON.stringify([{ id: 1, data: {}, annotations: [{ completed_by: 1, result: [both] }] }]);
    expect(await refusal(read('label_studio', several))).toContain(
      'expected one choice in an annotation, got ["a","b"]',
    );
  });

  it.each([
    [
      'a box',
      [{ type: 'rectanglelabels', from_name: 'box', value: { rectanglelabels: ['a'] } }],
      {},
      'box (rectanglelabels)',
    ],
    ['another control', [region('a')], { control: 'sentimnet' }, 'sentiment (choices)'],
  ])('refuses %s rather than to take every annotation for a skip', async (_, result, options, instead) => {
    const text = JSON.stringify([{ id: 1, data: {}, annotations: [{ completed_by: 1, result }] }]);
    expect(await refusal(read('label_studio', text, options))).toContain(`got none, but ${instead}.`);
  });

  it.each([
    ['a rating', { type: 'rating', from_name: 'stars', value: { rating: 3 } }, '1 1 3'],
    ['a path of a taxonomy', { type: 'taxonomy', from_name: 'kind', value: { taxonomy: [['a', 'b']] } }, '1 1 a/b'],
    ['a number', { type: 'number', from_name: 'count', value: { number: 7 } }, '1 1 7'],
    ['a side', { type: 'pairwise', from_name: 'better', value: { selected: 'left' } }, '1 1 left'],
  ])('reads %s where there are no choices', async (_, result, row) => {
    const text = JSON.stringify([{ id: 1, data: {}, annotations: [{ completed_by: 1, result: [result] }] }]);
    expect(rows(await read('label_studio', text))).toEqual([row]);
  });

  it('reads several choices as a set, or by one of them, where the user asks for it', async () => {
    const both = { ...region('a'), value: { choices: ['b', 'a'] } };
    const annotations = [both, region('b')].map((one, n) => ({ completed_by: n, result: [one] }));
    const text = JSON.stringify([{ id: 1, data: {}, annotations }]);
    expect(rows(await read('label_studio', text, { several: 'set' }))).toEqual(['1 0 a + b', '1 1 b']);
    expect(rows(await read('label_studio', text, { choice: 'a' }))).toEqual(['1 0 a', '1 1 not a']);
  });

  it('refuses choices about several regions, of which none is the class of the task', async () => {
    const result = [region('a'), region('b')];
    const text = JSON.stringify([{ id: 1, data: {}, annotations: [{ completed_by: 1, result }] }]);
    expect(await refusal(read('label_studio', text))).toContain('expected one choice in an annotation, got ["a","b"]');
  });

  it('reads one task a line', async () => {
    const text = tasks.map((task) => `${JSON.stringify(task)}\n`).join('');
    expect(guessed(text)).toBe('label_studio');
    expect(rows(await read('label_studio', text))).toEqual(rows(await read('label_studio', JSON.stringify(tasks))));
  });

  const minimal = (answers: object, annotator: unknown = 1): object => {
    return {
      text: 'one',
      id: 7,
      ...answers,
      annotator,
      annotation_id: 5,
      created_at: '',
      updated_at: '',
      lead_time: 2,
    };
  };

  it('takes what is between id and annotator of JSON_MIN for the answer, and nothing else', async () => {
    const some = [minimal({}), minimal({ tone: 'good' }, 2), minimal({}, null)];
    const table = await read('label_studio', JSON.stringify(some));
    expect(rows(table)).toEqual(['7 1 - 2s', '7 2 good 2s']);
    const two = JSON.stringify([minimal({ tone: 'good' }), minimal({ tone: 'good', sentiment: 'a' })]);
    expect(await refusal(read('label_studio', two))).toContain('got tone, sentiment. Say which: --columns label=tone.');
    expect(rows(await read('label_studio', two, { control: 'tone' }))).toEqual(['7 1 good 2s', '7 1 good 2s']);
    expect(await refusal(read('label_studio', two, { control: 'mood' }))).toContain('got none, but tone, sentiment.');
  });

  const sorted = (...answers: string[]): string =>
    ['annotation_id,annotator,created_at,id,lead_time,sentiment,text,updated_at', ...answers, ''].join('\n');

  it('finds the answer among the columns of CSV, which are sorted by name', async () => {
    const rowsOf = ['5,1,x,7,3.5,good,one,y', '6,2,x,7,1,bad,one,y', '7,2,x,8,1,bad,two,y', ',,,9,,,three,'];
    const table = await read('label_studio', sorted(...rowsOf));
    expect(rows(table)).toEqual(['7 1 good 3.5s x', '7 2 bad 1s x', '8 2 bad 1s x']);
    expect(table.taskIds).toEqual(['7', '8', '9']);
    const out = formatOf('label_studio').drops!({ answers: table, labels: null, name: 'x', date: '' });
    expect(out).toEqual([
      'the name of what is labelled, which only the JSON export has (it becomes "text"; to.object=<name>)',
      'the data of the tasks, which is not read from CSV (export as JSON)',
    ]);
    const agreed = sorted('5,1,x,7,3.5,good,one,y', '6,2,x,7,1,good,one,y');
    expect(await refusal(read('label_studio', agreed))).toContain('got "sentiment,text". Say which column');
    expect(rows(await read('label_studio', agreed, { control: 'sentiment' }))).toHaveLength(2);
  });
});
