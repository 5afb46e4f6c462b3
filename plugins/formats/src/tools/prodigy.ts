import {
  defineComponent,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerOutput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { z } from 'zod';
import { losses } from '../table/by-task.js';
import { eachRecord, firstRecord } from '../json/json-members.js';
import { idOf, isObject, labelOf, type JsonObject } from '../json/json-record.js';
import { parsed, type JsonText } from '../json/lines.js';
import { shown } from '../text.js';
import { Fields, fieldsOption } from './fields.js';

const CHUNK = 1 << 16;
const options = z.strictObject({ columns: fieldsOption });

/** What Prodigy's `db-out` prints of the interfaces `choice` and `classification`. */
export const prodigy = defineComponent({
  kind: 'answerFormat',
  name: 'prodigy',
  summary: 'Prodigy JSON Lines: choices, or accept and reject; ignored examples are skips',
  options,
  create: (own): AnswerFormat => ({
    detect: (head) => {
      const first = firstRecord(head);
      if (!first || !isAnswer(first['answer'])) return 0;
      return ['_annotator_id', '_session_id', '_input_hash', '_view_id', 'accept'].some((key) => key in first)
        ? 0.95
        : 0.1;
    },
    read: (input, table) => read(input, table, own.columns),
    write,
    drops,
  }),
});

const isAnswer = (value: unknown): boolean => value === 'accept' || value === 'reject' || value === 'ignore';

async function read(input: AnswerInput, table: AnswerTableBuilder, columns: string | null): Promise<void> {
  const fields = new Fields(columns, input);
  await eachRecord(input, (line) => {
    const example = parsed(input, line, 'a JSON object on every line');
    table.rows++;
    if (example === undefined) return;
    if (!isObject(example)) return reject(input, line, 'a JSON object on every line', shown(example));
    const { answer, accept } = example;
    if (!isAnswer(answer)) return reject(input, line, 'an answer: accept, reject or ignore', shown(answer));
    const worker = fields.workerOf(example, idOf(example['_annotator_id']) ?? idOf(example['_session_id']));
    if (worker === undefined) return reject(input, line, 'an _annotator_id or a _session_id', 'neither', Fields.NOBODY);
    const choice = accept !== undefined || example['options'] !== undefined;
    const view = example['_view_id'];
    if (!choice && typeof view === 'string' && view.endsWith('_manual')) {
      // Accepted or not, what was said about the task is in its spans.
      return reject(input, line, 'a choice, or a yes or no', view);
    }
    const task = fields.taskOf(example, taskOf(example, choice));
    if (task === undefined || task === '')
      return reject(input, line, 'an id, a hash or a text of the task', shown(example));
    // An example that was rejected although it is a choice has none: nothing was right about it.
    const said = choice ? (answer === 'accept' ? labelOf(accept) : null) : answer === 'ignore' ? null : labelOf(answer);
    if (said === undefined) return reject(input, line, 'one accepted choice', shown(accept));
    const time = idOf(example['_timestamp']) ?? '';
    const item = table.task(task);
    fields.carry(table, item, example);
    table.add(item, table.worker(worker), said === null ? -1 : table.class(said), NaN, time);
  });
  fields.tell(table, {
    task: 'id, else _input_hash',
    worker: '_annotator_id, else _session_id',
    label: 'accept, else answer',
  });
}

/** The user's own id, else what Prodigy tells examples apart by: the input of a choice, the question of a yes or no. */
function taskOf(example: JsonObject, choice: boolean): string | undefined {
  const { id, _input_hash: input, _task_hash: question, text, image, html, audio } = example;
  const hash = choice ? (input ?? question) : (question ?? input);
  return [id, hash, text, image, html, audio].map(idOf).find((one) => one !== undefined);
}

function reject(input: AnswerInput, { line, column }: JsonText, expected: string, got: string, fix?: string): void {
  rejectRow(input, { line, column, expected, got, ...(fix === undefined ? {} : { fix }) });
}

function* write({ answers }: AnswerOutput): Generator<string> {
  const { taskIds, workerIds, classes, count, item, worker, label, time } = answers;
  const tasks = taskIds.map((id) => `{"id":${JSON.stringify(id)},"text":${JSON.stringify(id)}`);
  const workers = workerIds.map((id) => `"_annotator_id":${JSON.stringify(id)},"_session_id":${JSON.stringify(id)}`);
  const names = classes.map((name) => JSON.stringify(String(name)));
  const options = `"options":[${names.map((name) => `{"id":${name},"text":${name}}`).join(',')}],"_view_id":"choice"`;
  let text = '';
  for (let a = 0; a < count; a++) {
    const k = label[a]!;
    const said = k < 0 ? '"accept":[],"answer":"ignore"' : `"accept":[${names[k]}],"answer":"accept"`;
    const when = time && isUnix(time[a]!) ? `,"_timestamp":${time[a]}` : '';
    text += `${tasks[item[a]!]},${options},${said},${workers[worker[a]!]}${when}}\n`;
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** Seconds since 1970, the way that JSON writes them. */
const isUnix = (time: string): boolean => /^(0|[1-9]\d{0,14})$/.test(time);

function drops({ answers, labels }: AnswerOutput): string[] {
  const lost = losses(answers, ['seconds', 'gold', 'unanswered']);
  const times = answers.time?.filter((time) => time !== '' && !isUnix(time)).length ?? 0;
  if (times > 0) lost.push(`${times} times that are not in seconds since 1970`);
  if (labels) lost.push('aggregated labels');
  return lost;
}
