import {
  QuorateError,
  defineComponent,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerOutput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { z } from 'zod';
import { responsesOf } from './argilla-responses.js';
import { grouped, losses } from './by-task.js';
import { isText } from './delimiter.js';
import { eachRecord } from './json-members.js';
import { idOf, isObject, labelOf } from './json-record.js';
import { parsed, type JsonText } from './lines.js';
import { shown } from './text.js';

const options = z.strictObject({
  question: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('name of the question whose answers count; null: the only one there is (label, when writing)'),
});
type Options = z.output<typeof options>;

/** Records as `dataset.records.to_json` writes them. */
export const argilla = defineComponent({
  kind: 'answerFormat',
  name: 'argilla',
  summary: 'Argilla records with the responses of a label question, as JSON or JSON Lines',
  options,
  create: (given): AnswerFormat => ({
    detect: (head) => {
      if (!isText(head)) return 0;
      const text = Buffer.from(head).toString();
      const has = (key: string): boolean => new RegExp(`"${key}"\\s*:`).test(text);
      if (!/^\s*[[{]/.test(text)) return 0;
      if ((has('fields') && has('responses')) || has('[^"]+\\.responses\\.users')) return 0.95;
      return has('[^"]+-suggestion') && has('user_id') && has('value') ? 0.9 : 0;
    },
    read: (input, table) => read(input, table, given),
    write: (output) => write(output, given),
    drops: ({ answers }) => losses(answers, ['skips', 'seconds', 'times', 'gold']),
  }),
});

async function read(input: AnswerInput, table: AnswerTableBuilder, { question }: Options): Promise<void> {
  let asked = question;
  let answered = false;
  const others = new Set<string>();
  const reject = ({ line, column }: JsonText, expected: string, got: string, fix?: string): void =>
    rejectRow(input, { line, column, expected, got, ...(fix === undefined ? {} : { fix }) });
  const take = (member: JsonText): void => {
    const record = parsed(input, member, 'a record of Argilla');
    if (record === undefined) return;
    if (!isObject(record)) return reject(member, 'a record of Argilla', shown(record));
    const id = idOf(record['id']) ?? idOf(record['external_id']) ?? idOf(record['_server_id']);
    if (id === undefined) {
      const fix = 'Give the records an external_id and export them again.';
      return reject(member, 'a record with an id', shown(record['id']), fix);
    }
    const responses = responsesOf(record);
    if (!responses) return reject(member, 'responses by question', shown(record['responses']));
    const item = table.task(id);
    for (const response of responses) {
      asked ??= response.question;
      if (response.question !== asked) {
        others.add(response.question);
        if (question !== null) continue;
        return reject(member, 'one question', `"${asked}" and "${response.question}"`, 'Say which: question=<name>.');
      }
      answered = true;
      if (response.status === 'draft') continue;
      const worker = idOf(response.worker);
      const label = response.status === 'discarded' ? null : labelOf(response.value);
      if (worker === undefined) reject(member, 'a response with a user_id', shown(response.worker));
      else if (label === undefined) reject(member, 'one label in a response', shown(response.value));
      else table.add(item, table.worker(worker), label === null ? -1 : table.class(label));
    }
  };
  await eachRecord(input, take);
  if (answered || others.size === 0) return;
  throw new QuorateError('ANSWERS_INVALID', {
    where: input.name,
    expected: `responses to "${asked}"`,
    got: `none, but to "${[...others].join('", "')}"`,
    fix: 'Correct question=<name>.',
  });
}

function* write({ answers, labels }: AnswerOutput, { question }: Options): Generator<string> {
  const { taskIds, workerIds, classes, worker, label } = answers;
  const name = JSON.stringify(question ?? 'label');
  const names = classes.map((one) => JSON.stringify(one));
  const workers = workerIds.map((id) => JSON.stringify(id));
  const { start, order } = grouped(answers, 'item');
  yield '[';
  for (let i = 0; i < taskIds.length; i++) {
    const id = JSON.stringify(taskIds[i]);
    const responses: string[] = [];
    for (let x = start[i]!; x < start[i + 1]!; x++) {
      const k = label[order[x]!]!;
      if (k >= 0) responses.push(`{"value":${names[k]},"user_id":${workers[worker[order[x]!]!]}}`);
    }
    const k = labels?.label[i] ?? -1;
    const score = labels?.confidence[i] ?? 0;
    const suggestions = k < 0 ? '{}' : `{${name}:{"value":${names[k]},"score":${score},"agent":"quorate"}}`;
    const said = responses.length === 0 ? '{}' : `{${name}:[${responses.join(',')}]}`;
    const rest = `"metadata":{},"suggestions":${suggestions},"responses":${said},"vectors":{}`;
    yield `${i === 0 ? '\n' : ',\n'}{"id":${id},"fields":{"text":${id}},${rest}}`;
  }
  yield '\n]\n';
}
