import { AnswerTableBuilder, type AnswerInput, type AnswerTable } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { formatOf, golds, guessedOf, refusal, rows } from './formats.fixture.js';

// Files as people have them: what tools, spreadsheets and scripts make of a table. Written for these tests.

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;

/** Reads a file as the command line does: in the format that is surest of it. */
async function read(
  content: string | Uint8Array,
  options: object = {},
  more: Partial<AnswerInput> = {},
): Promise<AnswerTable> {
  const bytes = Buffer.from(content);
  const table = new AnswerTableBuilder();
  async function* all(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  await formatOf(guessedOf(bytes), options).read!({ name: 'file', bytes: all(), onBadRow: null, ...more }, table);
  return table.build();
}
const refused = (content: string, options: object = {}): Promise<string> => refusal(read(content, options));
const taken = async (content: string, options: object = {}): Promise<(string | null)[]> => {
  const { task, worker, label, gold } = (await read(content, options)).reading;
  return [task, worker, label, gold];
};

describe('missing values', () => {
  it.each(['NA', 'NaN', 'None', 'null', 'N/A', '-', '', '<NA>', '#N/A'])('%j is no label of a matrix', async (word) => {
    const table = await read(lines('item,rater1,rater2,rater3', `0,1,1,${word}`, '1,1,1,1', `2,2,${word},2`));
    expect(rows(table)).toHaveLength(7);
    expect(table.classes).toEqual(['1', '2']);
    expect(table.reading.missing).toBe(word === '' ? 0 : 2);
  });

  it('are skips where each row is an answer, and may be kept as a class or added to', async () => {
    const text = lines('task,worker,label', 't,a,None', 't,b,x', 't,c,?');
    expect(rows(await read(text))).toEqual(['t a -', 't b x', 't c ?']);
    const kept = await read(text, {}, { missing: { also: ['?'], keep: ['None'] } });
    expect(rows(kept)).toEqual(['t a None', 't b x', 't c -']);
  });

  it('are the choices of a tool all the same', async () => {
    const choice = { from_name: 's', to_name: 't', type: 'choices', value: { choices: ['None'] } };
    const text = JSON.stringify([{ id: 1, data: {}, annotations: [{ completed_by: 1, result: [choice] }] }]);
    expect(rows(await read(text))).toEqual(['1 1 None']);
  });

  it('-1 stands for none beside 0, 1, 2; beside 0 and 1 it is asked', async () => {
    const matrix = await read(lines('0,1,-1,1', '2,-1,2,2', '0,0,-1,0'));
    expect([matrix.count, matrix.classes]).toEqual([9, ['0', '1', '2']]);
    const unclear = lines('task,w1,w2,w3', '0,1,-1,1', '1,0,0,-1', '2,1,1,0');
    expect(await refused(unclear)).toContain('Say which: --missing=-1 or --keep=-1.');
    expect((await read(unclear, {}, { missing: { also: ['-1'], keep: [] } })).count).toBe(7);
    expect((await read(unclear, {}, { missing: { also: [], keep: ['-1'] } })).count).toBe(9);
  });
});

it('1 and 1.0, True and true are one class', async () => {
  expect((await read(lines('item,r1,r2,r3', '0,2,2,', '1,1,1,1.0', '2,0,0,0.0'))).classes).toEqual(['2', '1', '0']);
  expect((await read(lines('task,worker,label,gold', 't,a,True,true', 't,b,false,true'))).classes).toEqual([
    'True',
    'false',
  ]);
});

describe('columns of a matrix', () => {
  it.each([
    [
      'a text',
      'index,text,anna,ben,carla',
      '0,foo bar,Title,Title,Figure',
      '1,baz,Figure,Figure,Figure',
      '2,qux,Title,Figure,Title',
    ],
    ['a consensus', 'id,rater1,rater2,rater3,consensus', '1,p,p,n,p', '2,n,n,n,n', '3,p,n,n,n'],
    ['a majority', 'id,annotator_1,annotator_2,annotator_3,majority_vote', '1,p,p,n,p', '2,n,n,n,n', '3,p,n,n,n'],
    ['a source and a final label', 'id,a1,a2,a3,final_label,source', '1,1,0,1,1,x', '2,0,0,0,0,y', '3,1,1,0,1,x'],
  ])('are workers, but for %s', async (_, ...all) => {
    const table = await read(lines(...all));
    expect([table.taskIds.length, table.workerIds.length, table.count]).toEqual([3, 3, 9]);
    expect(table.reading.others.length).toBeGreaterThan(0);
  });

  it('are told by the user where numbers alone speak for one with another name', async () => {
    const text = lines('task,r1,r2,bob', '0,1,1,1', '1,0,1,0', '2,1,0,0');
    expect(await refused(text)).toContain(
      'Say which are none: --columns other=bob; or which are: --columns worker=r1,worker=r2,worker=bob',
    );
    expect((await read(text, { columns: 'other=bob' })).workerIds).toEqual(['r1', 'r2']);
    expect((await read(text, { columns: 'worker=r1,worker=r2,worker=bob' })).workerIds).toEqual(['r1', 'r2', 'bob']);
  });

  it('may hold as many values as a scale has', async () => {
    const scale = lines('unit,alice,bob', 'u1,3,3', 'u2,4,5', 'u3,2,2', 'u4,1,1', 'u5,5,4', 'u6,3,3');
    expect((await read(scale)).workerIds).toEqual(['alice', 'bob']);
    const turned = JSON.stringify({ rater1: { i: 'a', j: 'b' }, rater2: { i: 'a', j: 'a' } });
    expect((await read(turned)).workerIds).toEqual(['rater1', 'rater2']);
  });

  it('gold beside them is gold', async () => {
    const table = await read(lines('item,gold,A,B,C', '1,x,x,x,y', '2,y,y,y,y', '3,x,x,y,x'));
    expect([table.workerIds, golds(table)]).toEqual([
      ['A', 'B', 'C'],
      ['1 x', '2 y', '3 x'],
    ]);
  });

  it('have no names in files of MACE', async () => {
    const table = await read(lines('NOUN,NOUN,NOUN', ',,NOUN', 'VERB,,', 'NOUN,ADJ,ADJ'));
    expect([table.taskIds.length, table.workerIds.length, table.count]).toEqual([4, 3, 8]);
    expect(table.reading.notes).toEqual([expect.stringContaining('There is no line with names')]);
  });
});

describe('rows that are workers', () => {
  const qualtrics = lines(
    'StartDate,EndDate,Finished,ResponseId,Q1,Q2,Q3_age',
    'Start Date,End Date,Finished,Response ID,Image 1?,Image 2?,How old are you?',
    '"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}",x,x,"{""ImportId"":""QID1""}",x,x',
    '2023-05-01 10:00,2023-05-01 10:05,True,R_1,Cat,Dog,18-24',
    '2023-05-01 11:00,2023-05-01 11:05,True,R_2,Cat,Cat,25-34',
  );
  const monkey = lines(
    'Respondent ID,Collector ID,Start Date,Is 1 good?,Is 2 good?,',
    ',,,Response,Response,Other (please specify)',
    '114,400,05/01/2023,Yes,No,',
    '115,400,05/01/2023,Yes,Yes,maybe',
  );
  it.each([
    [
      'Google Forms',
      lines('Timestamp,Email Address,Image 1,Image 2', 'a,a@x.org,Cat,Dog', 'b,b@x.org,Cat,Cat'),
      ['a@x.org', 'b@x.org'],
    ],
    [
      'Google Forms in German',
      lines('Zeitstempel,Nutzername,Bild 1,Bild 2', 'a,ann,Katze,Hund', 'b,bob,Katze,Hund'),
      ['ann', 'bob'],
    ],
    ['Qualtrics', qualtrics, ['R_1', 'R_2']],
    ['SurveyMonkey', monkey, ['114', '115']],
    ['LimeSurvey', lines('id,submitdate,lastpage,img1,img2', '7,a,3,cat,dog', '8,b,3,cat,cat'), ['7', '8']],
    ['a table with their names in front', lines('annotator,img1,img2', 'ann,cat,dog', 'bob,cat,cat'), ['ann', 'bob']],
    ['a table without a name for them', lines(',u1,u2', 'coder A,1,2', 'coder B,1,1'), ['coder A', 'coder B']],
  ])('of %s', async (_, text, workers) => {
    const table = await read(text);
    expect(table.workerIds).toEqual(workers);
    expect([table.taskIds.length, table.count]).toEqual([2, 4]);
  });

  it('are asked about where two groups of questions could be the tasks', async () => {
    const text = lines('Timestamp,Email Address,Image,Sure', 'a,a@x.org,Cat,yes', 'b,b@x.org,Dog,no');
    expect(await refused(text)).toContain('Say which are the tasks: --columns task=Image');
    expect((await read(text, { columns: 'task=Im*,task=Sure' })).taskIds).toEqual(['Image', 'Sure']);
  });
});

describe('gold and flags', () => {
  it.each([
    ['correct', 'task,worker,label,correct', 't1,a,cat,1', 't1,b,dog,0', 't2,a,dog,1'],
    ['correct beside 0 and 1', 'task,worker,label,correct', 't1,a,1,1', 't1,b,0,0', 't2,a,1,0'],
    ['_golden', '_unit_id,_worker_id,label,_golden', '1,a,yes,true', '1,b,no,true', '2,a,no,false'],
    ['is_gold', 'task,worker,label,is_gold', 't1,a,x,True', 't1,b,y,True', 't2,a,x,False'],
    ['gold that is a flag', 'task,worker,label,gold', 't1,a,cat,0', 't1,b,dog,0', 't2,a,cat,1'],
  ])('%s is no gold label', async (_, ...all) => {
    const table = await read(lines(...all));
    expect([table.count, table.gold, table.classes.length]).toEqual([3, null, 2]);
  });

  it('label_gold is, with several right answers left out', async () => {
    const head = '_unit_id,_golden,_worker_id,label,label_gold';
    const table = await read(
      lines(head, '1,true,a,pos,pos', '1,true,b,neg,pos', '2,true,a,neg,"pos\nneg"', '3,false,b,neg,'),
    );
    expect([golds(table), table.classes]).toEqual([['1 pos'], ['pos', 'neg']]);
    expect(table.reading.left).toEqual([['gold labels that name several classes', 1]]);
  });
});

describe('columns of answers', () => {
  it('may have any names, and are found by what is in them', async () => {
    const snow = lines(
      '!amt_annotation_ids\t!amt_worker_ids\torig_id\tresponse\tgold',
      'A1\tW1\t25\t1\t1',
      'A2\tW2\t25\t0\t1',
    );
    expect(await taken(snow)).toEqual(['orig_id', '!amt_worker_ids', 'response', 'gold']);
    const people = lines(
      'subject,session,response,stimulus',
      's1,1,left,i1',
      's1,1,right,i2',
      's2,1,left,i1',
      's2,1,left,i2',
    );
    expect(await taken(people)).toEqual(['stimulus', 'subject', 'response', null]);
    const unnamed = lines('sentence,sayer,label', 's1,u,x', 's1,v,y', 's2,u,x', 's2,v,x');
    expect(await taken(unnamed)).toEqual(['sentence', 'sayer', 'label', null]);
  });

  it('are asked about where two could be meant', async () => {
    const questions = lines('item,annotator,feeling,emotion', '1,a,pos,joy', '1,b,neg,rage', '2,a,pos,joy');
    expect(await refused(questions)).toContain('Say which: --columns task=item,worker=annotator,label=feeling');
    const ids = lines('id,text,annotator,label', '1,foo,a,x', '2,foo,b,x', '3,bar,a,y', '4,bar,b,x');
    expect(await refused(ids)).toContain('Say which: --columns task=id or --columns task=text');
    expect(await taken(ids, { columns: 'task=text' })).toEqual(['text', 'annotator', 'label', null]);
  });

  it('may be named in part, by other letters, by their end and by their place', async () => {
    const text = lines('HITId,WorkerId,Input.image_url,Answer.a,Answer.b', 'h,w,i.png,1,2');
    expect(await taken(text, { columns: 'task=image_url,label=answer.b' })).toEqual([
      'Input.image_url',
      'WorkerId',
      'Answer.b',
      null,
    ]);
    expect(rows(await read(text, { columns: 'task=3,label=4' }))).toEqual(['i.png w 1']);
    expect(await refused(text, { columns: 'task=image' })).toContain('expected a column "image", named with columns');
  });

  it('go along where the user asks for it', async () => {
    const text = lines('task,worker,label,url', 't1,a,x,u1', 't1,b,x,', 't2,a,y,u2');
    expect((await read(text, {}, { carry: ['url'] })).carried).toEqual([{ name: 'url', values: ['u1', 'u2'] }]);
    expect(await refusal(read(text, {}, { carry: ['image'] }))).toContain('expected a column "image" to carry along');
  });
});

describe('what spreadsheets and scripts write', () => {
  it.each([
    ['a first line that says the delimiter', 'sep=;\r\ntask;worker;label\r\nt;a;x\r\nt;b;y\r\n'],
    ['a delimiter at the end of each line', lines('task,worker,label,', 't,a,x,', 't,b,y,')],
    ['a title above the table', lines('Results of May,,', ',,', 'task,worker,label', 't,a,x', 't,b,y')],
    ['names of rows without a name, by R', lines('"task" "worker" "label"', '"1" "t" "a" "x"', '"2" "t" "b" "y"')],
    ['an index without a name, by pandas', lines(',task,worker,label', '0,t,a,x', '1,t,b,y')],
    ['lists of one', lines('task,worker,label', "t,a,['x']", 't,b,"[""y""]"')],
    [
      'counts in front, by GLAD',
      lines('2 2 1 2 0.5 0.5', 't a x', 't b y')
        .replaceAll(/\b[tax]\b/g, '0')
        .replaceAll(/\b[by]\b/g, '1'),
    ],
  ])('%s', async (name, text) => {
    const table = await read(text);
    expect(rows(table)).toEqual(name.includes('GLAD') ? ['0 0 0', '0 1 1'] : ['t a x', 't b y']);
  });

  it('seconds with a comma, of a clock and with their unit', async () => {
    const table = await read(lines('task;worker;label;seconds', 't;a;x;0,5', 't;b;x;1:30', 't;c;x;7 s', 't;d;x;NA'));
    expect(rows(table)).toEqual(['t a x 0.5s', 't b x 90s', 't c x 7s', 't d x']);
  });

  const all = [
    { task: 't1', worker: 'a', label: 'x' },
    { task: 't1', worker: 'b', label: 'y' },
    { task: 't2', worker: 'a', label: 'x' },
  ];
  const keys = ['task', 'worker', 'label'] as const;
  const columns = (make: (column: string[]) => unknown): string =>
    JSON.stringify(Object.fromEntries(keys.map((key) => [key, make(all.map((one) => one[key]))])));
  it.each([
    ['records', JSON.stringify(all)],
    ['records, on many lines', JSON.stringify(all, null, 2)],
    ['lines', all.map((one) => `${JSON.stringify(one)}\n`).join('')],
    ['columns', columns((column) => ({ ...column }))],
    ['index', JSON.stringify({ ...all })],
    ['split', JSON.stringify({ columns: keys, index: [0, 1, 2], data: all.map((one) => Object.values(one)) })],
    [
      'table',
      JSON.stringify({ schema: { fields: [{ name: 'index' }] }, data: all.map((one, index) => ({ index, ...one })) }),
    ],
    ['lists of columns', columns((column) => column)],
    ['rows of the dataset viewer', JSON.stringify({ rows: all.map((row, row_idx) => ({ row_idx, row })) })],
    ['records in an object', JSON.stringify({ annotations: all })],
  ])('pandas and other JSON: %s', async (_, text) => {
    expect(rows(await read(text))).toEqual(['t1 a x', 't1 b y', 't2 a x']);
  });

  it('values without names are refused with what to say', async () => {
    const text = JSON.stringify(all.map((one) => Object.values(one)));
    expect(await refused(text)).toContain('Say what the columns are, in their order: --columns task,worker,label');
    expect((await read(text, { columns: 'task,worker,label' })).count).toBe(3);
  });

  it('integers beyond 2^53 stay as they are', async () => {
    const text =
      '{"task": 1012658482844795232, "worker": 9007199254740993, "label": NaN}\n{"task": 1012658482844795233, "worker": 1, "label": 2}\n';
    expect(rows(await read(text))).toEqual(['1012658482844795232 9007199254740993 -', '1012658482844795233 1 2']);
  });
});

it('says what it took for what', async () => {
  const text = lines('HITId,WorkerId,AssignmentId,Answer.mood', 'h,w,a1,good', 'h,v,a2,NA', 'i,w,a3,bad');
  expect((await read(text)).reading).toMatchObject({
    ...{ task: 'HITId', worker: 'WorkerId', label: 'Answer.mood', gold: null, others: ['AssignmentId'] },
    ...{ rows: 3, missing: 1, left: [], notes: [] },
  });
});

it('notes classes that may be one, or none', async () => {
  const { reading } = await read(lines('task,worker,label', 't,a,Yes', 't,b,yes', 't,c,*', 't,d,no'));
  expect(reading.notes).toEqual([
    '"Yes" and "yes" are two classes here: correct the file if they are one.',
    `"*" is a class here: if it stands for no answer, say so with --missing='*'.`,
  ]);
});
