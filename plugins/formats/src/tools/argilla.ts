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
import { grouped, losses } from '../table/by-task.js';
import { isText } from '../rows/delimiter.js';
import { eachRecord } from '../json/json-members.js';
import { idOf, isObject, labelOf, type JsonObject } from '../json/json-record.js';
import { parsed, type JsonText } from '../json/lines.js';
import { shown } from '../text.js';
import { Fields, fieldsOption } from './fields.js';

const options = z.strictObject({
  columns: fieldsOption,
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

async function read(input: AnswerInput, table: AnswerTableBuilder, own: Options): Promise<void> {
  const fields = new Fields(own.columns, input);
  const question = own.question ?? fields.label;
  let asked = question;
  let unnamed = false;
  let answered = false;
  const others = new Set<string>();
  const reject = ({ line, column }: JsonText, expected: string, got: string, fix?: string): void =>
    rejectRow(input, { line, column, expected, got, ...(fix === undefined ? {} : { fix }) });
  const take = (member: JsonText): void => {
    const record = parsed(input, member, 'a record of Argilla');
    if (record === undefined) return;
    if (!isObject(record)) return reject(member, 'a record of Argilla', shown(record));
    const usual = idOf(record['id']) ?? idOf(record['external_id']) ?? idOf(record['_server_id']);
    // A record without an id is known by its fields, as the same text is the same task.
    const id = fields.taskOf(record, usual ?? contentOf(record));
    unnamed ||= usual === undefined;
    if (id === undefined || id === '') {
      const { expected, got, fix } = fields.missingTask(record);
      return reject(member, expected, got, fix);
    }
    const responses = responsesOf(record);
    if (!responses) return reject(member, 'responses by question', shown(record['responses']));
    const item = table.task(id);
    fields.carry(table, item, record);
    for (const response of responses) {
      asked ??= response.question;
      if (response.question !== asked) {
        others.add(response.question);
        if (question !== null) continue;
        return reject(
          member,
          'one question',
          `"${asked}" and "${response.question}"`,
          `Say which: --columns label=${response.question}.`,
        );
      }
      answered = true;
      if (response.status === 'draft') {
        table.leave('drafts');
        continue;
      }
      table.rows++;
      const worker = idOf(response.worker) ?? input.worker;
      const label = response.status === 'discarded' ? null : labelOf(response.value);
      if (worker === undefined) reject(member, 'a response with a user_id', shown(response.worker), Fields.NOBODY);
      else if (label === undefined) reject(member, 'one label in a response', shown(response.value));
      else table.add(item, table.worker(worker), label === null ? -1 : table.class(label));
    }
  };
  await eachRecord(input, take);
  const task = unnamed ? 'the fields (no record has an id)' : 'id';
  fields.tell(table, { task, worker: 'user_id', label: asked, others: [...others] });
  if (answered || others.size === 0) return;
  throw new QuorateError('ANSWERS_INVALID', {
    where: input.name,
    expected: `responses to "${asked}"`,
    got: `none, but to "${[...others].join('", "')}"`,
    fix: `Correct the name: --columns label=${[...others][0]!}.`,
  });
}

/** What a record is about, where it has no id: its only field, or all of them. */
function contentOf(record: JsonObject): string | undefined {
  const held = record['fields'];
  const known =
    /(-suggestion|-metadata|_id|^metadata|^vectors|^responses|^suggestions|^status|\.(responses|suggestion)(\..*)?)$/;
  const entries = Object.entries(isObject(held) ? held : record).filter(
    ([key, value]) => typeof value === 'string' && !known.test(key),
  );
  const [first] = entries;
  if (first === undefined) return undefined;
  return entries.length === 1 ? String(first[1]) : JSON.stringify(Object.fromEntries(entries));
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
