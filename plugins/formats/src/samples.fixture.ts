import { strToU8, zipSync } from 'fflate';

const lines = (...all: readonly unknown[]): string => all.map((one) => `${JSON.stringify(one)}\n`).join('');
const table = (...rows: readonly string[]): string => `${rows.join('\n')}\n`;

const region = (choice: string): object => ({
  type: 'choices',
  from_name: 'mood',
  to_name: 'text',
  value: { choices: [choice] },
});
const annotation = (id: number, who: unknown, choice: string): object => ({
  id,
  completed_by: who,
  result: [region(choice)],
  was_cancelled: false,
  lead_time: 2.5,
});
const judged = (worker: number, label: string): object => ({
  workerId: `private.${worker}`,
  answerContent: { 'crowd-image-classifier': { label } },
  timeSpentInSeconds: 8.3,
});
const radio = (name: string): object => ({
  classifications: [{ name: 'animal', radio_answer: { name } }],
});
const zooniverse = (id: number, user: string, subject: number, value: string): string =>
  `${id},${user},,10,1.1,2024-02-23 16:17:40 UTC,,"[{""task"":""T0"",""task_label"":""Rising?"",""value"":""${value}""}]",${subject}`;

/** A small file of each format with what its tool writes, typed off by hand: what it is read as is in `exports`. */
export const samples: Readonly<Record<string, string | Uint8Array>> = {
  csv: table('task,worker,label,seconds', 't1,ann,cat,1.5', 't1,bob,dog,', 't2,ann,NA,2', 't2,bob,cat,0.5', 't3,,,'),
  wide: table('item,rater1,rater2,rater3', '0,a,b,', '1,b,b,b', '2,NA,a,a', '3,b,,b'),
  survey: table(
    'Timestamp,Email Address,Image 1: what?,Image 2: what?',
    '5/4/2023 10:11:12,a@x.org,Cat,Dog',
    '5/4/2023 10:15:12,b@x.org,Cat,Cat',
  ),
  jsonl: lines({ task: 1, worker: 'ann', label: 'x' }, { task: 1, worker: 'bob', label: null }),
  pandas: JSON.stringify({
    task: { 0: 't1', 1: 't1', 2: 't2' },
    worker: { 0: 'w1', 1: 'w2', 2: 'w1' },
    label: { 0: 'a', 1: 'a', 2: 'b' },
  }),
  label_studio: JSON.stringify([
    {
      id: 1,
      data: { text: 'one' },
      annotations: [annotation(1, 7, 'good'), annotation(2, { email: 'b@x.org' }, 'bad')],
    },
    { id: 2, data: { text: 'two' }, annotations: [annotation(3, 7, 'bad')], drafts: [{ id: 4 }] },
  ]),
  doccano: zipSync({
    'ann.jsonl': strToU8(lines({ id: 1, text: 'x', label: ['pos'] }, { id: 2, text: 'y', label: [] })),
    'bob.jsonl': strToU8(lines({ id: 1, text: 'x', label: ['neg'] })),
  }),
  argilla: JSON.stringify([
    {
      id: '1',
      fields: { text: 'hi' },
      responses: {
        label: [
          { value: 'a', user_id: 'u1' },
          { value: 'b', user_id: 'u2' },
        ],
      },
    },
  ]),
  prodigy: lines(
    { text: 'hi', _input_hash: 1, options: [], accept: ['A'], answer: 'accept', _annotator_id: 'ds-alex' },
    { text: 'hi', _input_hash: 1, options: [], accept: ['B'], answer: 'accept', _annotator_id: 'ds-jo' },
  ),
  peerannot: '{"0": {"4": 1, "17": 0},\n"2": {"4": 9}}\n',
  sagemaker: JSON.stringify({ humanLoopName: 'loop', humanAnswers: [judged(1, 'cat'), judged(2, 'dog')] }),
  labelbox: lines({
    data_row: { id: 'cl0', external_id: 'img0.jpg' },
    projects: {
      p: {
        labels: [
          { label_details: { created_by: 'u0@x.org' }, annotations: radio('cat') },
          { label_details: { created_by: 'u1@x.org' }, annotations: radio('dog') },
        ],
      },
    },
  }),
  panoptes: table(
    'classification_id,user_name,user_id,workflow_id,workflow_version,created_at,gold_standard,annotations,subject_ids',
    zooniverse(1, 'ann', 500, 'Yes'),
    zooniverse(2, 'bob', 500, 'No'),
    zooniverse(3, 'ann', 501, 'No'),
  ),
  appen: lines({
    id: 100,
    data: { q_gold: 'yes' },
    results: { judgments: [1, 2].map((worker) => ({ worker_id: worker, data: { q: worker === 1 ? 'yes' : 'no' } })) },
  }),
};
