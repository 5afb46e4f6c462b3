import { AnswerTableBuilder } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { formatOf, golds, guessed, read, refusal, rows } from './formats.fixture.js';

// Files as the tools' own documentation shows them, typed off and shortened.

describe('long CSV', () => {
  it.each([
    ['task,worker,label\nt,w,a\n'],
    ['label;performer;task\na;w;t\n'],
    ['question\tworker\tanswer\nt\tw\ta\n'],
    ['Item ID,Annotator_Name? no,annotator,Response\nt,x,w,a\n'],
    ['example,user,category\r\n"t", w ,"a"\r\n'],
    ['_unit_id,_worker_id,judgment\nt,w,a'],
    ['id,rater,rating\rt,w,a\r'],
  ])('knows the columns of %j', async (text) => {
    expect(guessed(text)).toBe('csv');
    expect(rows(await read('csv', text))).toEqual(['t w a']);
  });

  it('reads seconds, times, gold labels, skips and tasks that nobody answered', async () => {
    const text = 'task,worker,label,seconds,timestamp,gold\nt1,a,cat,2.5,Monday,dog\nt1,b,,,,dog\nt2,,,,,cat\n';
    const table = await read('csv', text);
    expect(rows(table)).toEqual(['t1 a cat 2.5s Monday', 't1 b -']);
    expect(golds(table)).toEqual(['t1 dog', 't2 cat']);
  });

  it('reads a file without a header, and one whose header was named nevertheless', async () => {
    const columns = 'task,worker,label,-';
    expect(rows(await read('csv', 't,w,a,x\nt,w,a,x\n', { columns }))).toEqual(['t w a', 't w a']);
    expect(rows(await read('csv', 'item,user,label,note\nt,w,a,x\n', { columns }))).toEqual(['t w a']);
    const named = { columns: 'task=What,worker=Who,label=Said' };
    expect(rows(await read('csv', 'Who,What,Said,label\nw,t,a,b\n', named))).toEqual(['t w a']);
  });

  it.each([
    ['task,worker,label\nt,w\n', 'file:2:4: expected 3 fields, as in the first line, got 2 fields.'],
    ['task,worker,label\nt,w,a\nt,w,a,b\n', 'file:3:7: expected 3 fields'],
    ['task,worker,label\n\n,w,a\n', 'file:3:1: expected the id of a task'],
    ['task,worker,label\né,,a\n', 'file:2:3: expected the id of a worker'],
    ['task,worker,label,seconds\nt,w,a,soon\n', 'file:2:7: expected seconds, got "soon"'],
    ['task,worker,label,gold\nt,w,a,b\nt,v,a,c\n', 'file:3:7: expected one gold label of a task'],
    ['task,worker,label\nt,"w"x,a\n', 'file:2:6: expected a delimiter after the quote'],
    [
      'who,what,said\nw,t,a\n',
      'file:1:1: expected one column of answers, got what, said. Say which: --columns worker=',
    ],
  ])('refuses %j and says where', async (text, message) => {
    expect(await refusal(read('csv', text))).toContain(`[ANSWERS_INVALID] ${message}`);
  });

  it('takes labels without a worker for the true ones', async () => {
    const text = 'task,label,confidence,annotations,margin\nt1,a,0.5,1,1\nt2,,,0,0\nt3,b,1,1,1\n';
    expect(guessed(text)).toBe('csv');
    const table = await read('csv', text);
    expect(table.count).toBe(0);
    expect(golds(table)).toEqual(['t1 a', 't3 b']);
  });
});

it('reads a batch of Mechanical Turk', async () => {
  const text =
    '"HITId","HITTypeId","Title","AssignmentId","WorkerId","AssignmentStatus","AcceptTime","SubmitTime",' +
    '"WorkTimeInSeconds","Input.image_url","Answer.category.label","Approve","Reject"\n' +
    '"3AB","3T","Sort, please","3A1","A2X","Approved","Mon","Tue Mar 03 10:21:11 PST 2020","41","http://i/1.png","cat","x",""\n' +
    '"3AB","3T","Sort, please","3A2","A7Y","Submitted","Mon","Tue","7","http://i/1.png","dog","",""\n';
  expect(guessed(text)).toBe('csv');
  expect(rows(await read('csv', text))).toEqual(['3AB A2X cat 41s Tue Mar 03 10:21:11 PST 2020', '3AB A7Y dog 7s Tue']);
  const forms = (...answers: string[]): string => {
    const quoted = answers.map((answer, i) => `h,w${i},"${answer.replaceAll('"', '""')}"\n`);
    return `HITId,WorkerId,Answer.taskAnswers\n${quoted.join('')}`;
  };
  const chosen = forms('[{"category":{"label":"cat"}}]', '[{"q":{"cat":true,"dog":false}}]', '[{"q":{"cat":false}}]');
  expect(rows(await read('csv', chosen))).toEqual(['h w0 cat', 'h w1 cat', 'h w2 -']);
  expect(await refusal(read('csv', forms('[{"q":{"cat":true},"note":"?"}]')))).toMatch(
    /:2:7: expected one label.*Take/,
  );
  const two = 'HITId,WorkerId,Answer.a,Answer.b\nh,w,1,2\n';
  expect(await refusal(read('csv', two))).toMatch(/one column of answers, got Answer\.a, Answer\.b\..*label=Answer\.a/);
  expect(rows(await read('csv', two, { columns: 'task=HITId,worker=WorkerId,label=Answer.b' }))).toEqual(['h w 2']);
});

it('reads assignments of Toloka', async () => {
  const text =
    'INPUT:image\tOUTPUT:result\tGOLDEN:result\tHINT:text\tASSIGNMENT:link\tASSIGNMENT:task_id\tASSIGNMENT:assignment_id\t' +
    'ASSIGNMENT:worker_id\tASSIGNMENT:status\tASSIGNMENT:started\n' +
    '/a/1.jpg\tcat\t\t\thttps://t/1\t00--1\t00--a\tw1\tAPPROVED\t2021-04-01T10:00:00\n' +
    '/a/2.jpg\tdog\tdog\t\thttps://t/1\t00--2\t00--a\tw1\tAPPROVED\t2021-04-01T10:00:00\n\n' +
    '/a/1.jpg\t\t\t\thttps://t/2\t00--1\t00--b\tw2\tSKIPPED\t2021-04-01T11:00:00\n';
  expect(guessed(text)).toBe('csv');
  const table = await read('csv', text);
  expect(rows(table)).toEqual([
    '/a/1.jpg w1 cat 2021-04-01T10:00:00',
    '/a/2.jpg w1 dog 2021-04-01T10:00:00',
    '/a/1.jpg w2 - 2021-04-01T11:00:00',
  ]);
  expect(golds(table)).toEqual(['/a/2.jpg dog']);
  const control = 'INPUT:image\tGOLDEN:result\tHINT:text\n/a/1.jpg\tcat\t\n/a/2.jpg\t\t\n';
  expect(guessed(control)).toBe('csv');
  expect(golds(await read('csv', control))).toEqual(['/a/1.jpg cat']);
});

describe('wide', () => {
  const text = 'task,ann,bob,cy\nt1,cat,,dog\nt2,,,\nt3,dog,dog,\n';
  it('reads a matrix with blanks', async () => {
    expect(guessed(text)).toBe('wide');
    const table = await read('wide', text);
    expect(rows(table)).toEqual(['t1 ann cat', 't1 cy dog', 't3 ann dog', 't3 bob dog']);
    expect(table.taskIds).toEqual(['t1', 't2', 't3']);
    expect(golds(await read('wide', text, { gold: 'cy' }))).toEqual(['t1 dog']);
  });
  it('does not take a table of answers with other names for a matrix', () => {
    expect(guessed('case,who,said\nt1,w1,cat\nt2,w2,dog\nt3,w1,dog\n')).toBe('csv');
  });
});

it('reads Argilla of both versions', async () => {
  const two = [
    {
      id: 'r1',
      fields: { text: 'Hello' },
      metadata: {},
      suggestions: {},
      responses: {
        label: [
          { value: 'positive', user_id: 'u-1' },
          { value: 'negative', user_id: 'u-2' },
        ],
      },
      vectors: {},
      _server_id: 'x',
    },
    { id: 'r2', fields: { text: 'Bye' }, responses: {} },
  ];
  expect(guessed(JSON.stringify(two, null, 1))).toBe('argilla');
  const table = await read('argilla', JSON.stringify(two));
  expect(rows(table)).toEqual(['r1 u-1 positive', 'r1 u-2 negative']);
  expect(table.taskIds).toEqual(['r1', 'r2']);
  const one = (status: string, user: string): object => ({ user_id: user, status, values: { label: { value: 3 } } });
  const responses = [one('submitted', 'a'), one('discarded', 'b'), one('draft', 'c')];
  const line = JSON.stringify({ id: 'r', fields: {}, responses });
  expect(guessed(`${line}\n`)).toBe('argilla');
  expect(rows(await read('argilla', `${line}\n`))).toEqual(['r a 3', 'r b -']);
  expect(await refusal(read('argilla', line, { question: 'lable' }))).toContain('got none, but to "label". Correct');
});

it('reads Argilla as datasets of Hugging Face, of both versions and the one before', async () => {
  const flat = {
    ...{ id: 'r', status: 'completed', _server_id: 'x', text: 'Hello', 'label.suggestion': 'no' },
    ...{ 'label.responses': ['yes', 'no', null], 'label.responses.users': ['a', 'b', 'c'] },
    'label.responses.status': ['submitted', 'draft', 'discarded'],
  };
  const one = {
    'label-suggestion': null,
    metadata: '{}',
    label: [{ user_id: 'a', value: 'yes', status: 'submitted' }],
  };
  const none = { text: 'Bye', 'label-suggestion': null, external_id: 's', label: [] };
  for (const records of [[flat], [{ ...one, external_id: 'r' }, none]]) {
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    expect(guessed(lines)).toBe('argilla');
    const table = await read('argilla', lines);
    expect(rows(table)[0]).toBe('r a yes');
    expect(rows(table).slice(1)).toEqual(records[0] === flat ? ['r c -'] : []);
    expect(table.taskIds).toHaveLength(records.length);
  }
  expect(await refusal(read('argilla', JSON.stringify(one)))).toContain(
    'Say which field is the task: --columns task=<name>',
  );
  const zero = { id: 'r', text: 'Hello', annotation: 'yes', annotation_agent: 'a', status: 'Validated' };
  expect(guessed(JSON.stringify(zero))).toBe('jsonl');
  expect(rows(await read('jsonl', JSON.stringify(zero)))).toEqual(['r a yes']);
});

it('reads Prodigy: choices, yes and no, ignored examples', async () => {
  const base = { text: 'Hi', _input_hash: -9155, _task_hash: 88, _timestamp: 1707211049, _session_id: 'db-2024' };
  const options = [
    { id: 'POS', text: 'good' },
    { id: 'NEG', text: 'bad' },
  ];
  const lines = [
    { ...base, options, _view_id: 'choice', accept: ['POS'], answer: 'accept', _annotator_id: 'db-ann' },
    { ...base, options, _view_id: 'choice', accept: [], answer: 'ignore', _annotator_id: 'db-bob' },
    { ...base, label: 'POS', _view_id: 'classification', answer: 'reject' },
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  expect(guessed(text)).toBe('prodigy');
  expect(rows(await read('prodigy', text))).toEqual([
    '-9155 db-ann POS 1707211049',
    '-9155 db-bob - 1707211049',
    '88 db-2024 reject 1707211049',
  ]);
  const spans = { ...base, _view_id: 'ner_manual', spans: [{ start: 0, end: 2, label: 'X' }], answer: 'accept' };
  expect(await refusal(read('prodigy', JSON.stringify(spans)))).toContain('expected a choice, or a yes or no, got ner');
});

it('reads peerannot, also on one line', async () => {
  const answers = { 0: { 4: 1, 17: 0 }, 1: {}, 2: { 4: 9 } };
  for (const text of [JSON.stringify(answers), JSON.stringify(answers, null, 3)]) {
    expect(guessed(text)).toBe('peerannot');
    const table = await read('peerannot', text);
    expect(rows(table)).toEqual(['0 4 1', '0 17 0', '2 4 9']);
    expect(table.classes).toEqual([1, 0, 9]);
  }
  expect(await refusal(read('peerannot', '{"a": {"w": 1},\n "b": {"w": [2,3]}}'))).toContain(
    'file:2:2: expected one label',
  );
});

it('reads JSON Lines with any names, and says where a line is broken', async () => {
  const text =
    '{"item": 7, "annotator": "ann", "response": true, "lead_time": 2}\n\n{"user": "bob", "item": 7, "response": null}\n';
  expect(guessed(text)).toBe('jsonl');
  const table = await read('jsonl', text);
  expect(rows(table)).toEqual(['7 ann true 2s', '7 bob -']);
  expect(table.classes).toEqual([true]);
  expect(await refusal(read('jsonl', '{"task":1,"worker":2,"label":3}\n{"task":1,"worker":2,"label":}\n'))).toContain(
    'file:2:30: expected a JSON object on every line, got "}"',
  );
  const array = JSON.stringify([{ task: 1, worker: 2, label: 3 }], null, 2);
  expect(guessed(array)).toBe('jsonl');
  expect(rows(await read('jsonl', array))).toEqual(['1 2 3']);
  // An object of another kind is no task that nobody answered.
  const foreign = '{"id":1,"user":2,"annotations":[{"start":3},{"start":4}]}\n';
  expect(await refusal(read('jsonl', foreign))).toContain('file:1:1: expected one label, got "[{');
  // Digits that a JSON number cannot hold stay as they are.
  const long = read('jsonl', '{"task":"t","worker":12345678901234567890,"label":3}\n');
  expect(rows(await long)).toEqual(['t 12345678901234567890 3']);
});

it('writes a SageMaker manifest of the labels', () => {
  const table = new AnswerTableBuilder();
  table.add(table.task('s3://bucket/example.png'), table.worker('w'), table.class('football'));
  table.task('s3://bucket/other.png');
  const labels = { label: Int32Array.of(0, -1), confidence: Float64Array.of(0.75, 0) };
  const output = { answers: table.build(), labels, name: 'out.manifest', date: '2018-10-18T22:18:13.527Z' };
  const text = [...(formatOf('sagemaker', { attribute: 'sport' }).write!(output) as Iterable<string>)].join('');
  expect(JSON.parse(text)).toEqual({
    'source-ref': 's3://bucket/example.png',
    sport: 0,
    'sport-metadata': {
      'class-name': 'football',
      confidence: 0.75,
      type: 'groundtruth/image-classification',
      'job-name': 'quorate',
      'human-annotated': 'yes',
      'creation-date': '2018-10-18T22:18:13.527',
    },
  });
});
