import { unzipSync, Zip, ZipDeflate } from 'fflate';
import {
  QuorateError,
  defineComponent,
  messageOf,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerOutput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { z } from 'zod';
import { grouped, losses, unanswered } from '../table/by-task.js';
import { idJson, idOf, isObject, labelOf } from '../json/json-record.js';
import { eachRecord } from '../json/json-members.js';
import { parsed } from '../json/lines.js';
import { allBytes } from '../rows/all-bytes.js';
import { encoded, shown } from '../text.js';
import { Fields, fieldsOption } from './fields.js';

/** Whose file the examples without any label are in. */
const NOBODY = 'unknown';
/** Of what a zip holds, unpacked. */
const LARGEST = 1 << 30;

/** The zip that doccano exports of a project where everybody annotates for themselves. */
export const doccano = defineComponent({
  kind: 'answerFormat',
  name: 'doccano',
  summary: 'doccano zip of <user>.jsonl, the worker is the file name; an example without a label is a skip',
  options: z.strictObject({ columns: fieldsOption }),
  create: ({ columns }): AnswerFormat => ({
    extensions: ['.zip'],
    detect,
    read: (input, table) => read(input, table, columns),
    write,
    drops,
  }),
});

/** A zip of JSON files; other zips are of other kinds. */
function detect(head: Uint8Array): number {
  if (head[0] !== 0x50 || head[1] !== 0x4b || head[2] !== 3 || head[3] !== 4) return 0;
  return /\.jsonl?/.test(Buffer.from(head).toString('latin1')) ? 0.9 : 0.1;
}

/** A zip says at its end what is in it, so that all of it has to be here. */
async function read(input: AnswerInput, table: AnswerTableBuilder, columns: string | null): Promise<void> {
  const zip = await allBytes(input);
  const fields = new Fields(columns, input);
  const names: string[] = [];
  const others: string[] = [];
  unzip(input.name, zip, ({ name, originalSize }) => {
    if (!/\.jsonl?$/.test(name) || name.startsWith('__MACOSX/')) {
      others.push(name);
      return false;
    }
    if (originalSize > LARGEST) throw new Error(`${name} has ${originalSize} bytes`);
    names.push(name);
    return false;
  });
  if (names.length === 0) {
    throw damaged(
      input.name,
      `none, but ${others.slice(0, 5).join(', ') || 'nothing'}`,
      'Unzip it, and give its files or their folder.',
    );
  }
  for (const name of names) {
    const content = unzip(input.name, zip, (file) => file.name === name)[name];
    if (content) await readUser({ ...input, name: `${input.name}/${name}`, bytes: only(content) }, name, table, fields);
  }
  fields.tell(table, { task: 'id', worker: 'the name of the file in the zip', label: 'label' });
}

function unzip(
  where: string,
  zip: Uint8Array,
  filter: (file: { name: string; originalSize: number }) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(zip, { filter });
  } catch (thrown) {
    throw damaged(where, messageOf(thrown));
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function readUser(input: AnswerInput, file: string, table: AnswerTableBuilder, fields: Fields): Promise<void> {
  const user = userOf(file);
  await eachRecord(input, (line) => {
    const reject = (expected: string, got: string): void =>
      rejectRow(input, { line: line.line, column: line.column, expected, got });
    const example = parsed(input, line, 'a JSON object on every line');
    table.rows++;
    if (example === undefined) return;
    if (!isObject(example)) return reject('a JSON object on every line', shown(example));
    const id = fields.taskOf(example, idOf(example['id']));
    if (id === undefined) return reject('an example with an id', shown(example['id']));
    // Intents are cats, beside the slots; an example of another kind of project is no skip.
    const key = ['label', 'labels', 'cats'].find((name) => name in example);
    if (key === undefined) return reject('an example with its label', shown(example));
    const labels = example[key];
    const label = labelOf(labels);
    if (label === undefined) return reject('one label of an example', shown(labels));
    const item = table.task(id);
    fields.carry(table, item, example);
    if (label !== null) table.add(item, table.worker(user), table.class(label));
    else if (user !== NOBODY) table.add(item, table.worker(user), -1);
    else table.leave('examples that nobody annotated');
  });
}

/** Names of users are written as they are; what could not be the name of a file anywhere is percent-encoded. */
function fileOf(user: string): string {
  const safe = /^[\p{L}\p{N}@+_-][\p{L}\p{N}@.+_-]*$/u.test(user);
  return `${safe ? user : escaped(user)}.jsonl`;
}

function escaped(user: string): string {
  const bytes = Array.from(encoded(user), (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`);
  return bytes.join('');
}

function userOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.jsonl?$/, '');
  if (!/^(%[0-9A-F]{2})+$/.test(name)) return name;
  const text = Buffer.from(name.replaceAll('%', ''), 'hex').toString();
  return escaped(text) === name ? text : name;
}

async function* write({ answers }: AnswerOutput): AsyncGenerator<Uint8Array> {
  const { taskIds, workerIds, classes, item, label } = answers;
  let chunks: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else chunks.push(chunk);
  });
  const add = (name: string, lines: Iterable<string>): void => {
    const file = new ZipDeflate(name, { level: 6 });
    // The same answers, the same bytes.
    file.mtime = '1980-01-01T00:00:00';
    zip.add(file);
    for (const text of lines) file.push(encoded(text));
    file.push(new Uint8Array(0), true);
  };
  const names = classes.map((name) => JSON.stringify(String(name)));
  const line = (i: number, k: number): string => {
    const id = taskIds[i]!;
    return `{"id":${idJson(id)},"text":${JSON.stringify(id)},"label":[${names[k] ?? ''}]}\n`;
  };
  const { start, order } = grouped(answers, 'worker');
  for (let j = 0; j < workerIds.length; j++) {
    const own = order.subarray(start[j], start[j + 1]);
    add(
      fileOf(workerIds[j]!),
      linesOf(own, (a) => line(item[a]!, label[a]!)),
    );
    yield* chunks;
    chunks = [];
  }
  const open = [...unanswered(answers)];
  if (open.length > 0)
    add(
      fileOf(NOBODY),
      linesOf(open, (i) => line(i, -1)),
    );
  zip.end();
  if (failure) throw failure as Error;
  yield* chunks;
}

/** Lines in chunks of some thousand characters. */
function* linesOf(numbers: Iterable<number>, line: (n: number) => string): Generator<string> {
  let text = '';
  for (const n of numbers) {
    text += line(n);
    if (text.length < 1 << 16) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

function drops({ answers, labels }: AnswerOutput): string[] {
  const lost = losses(answers, ['seconds', 'times', 'gold']);
  const nobody = answers.workerIds.indexOf(NOBODY);
  let skips = 0;
  for (let a = 0; a < answers.count; a++) if (answers.worker[a] === nobody && answers.label[a]! < 0) skips++;
  if (skips > 0) lost.push(`${skips} skipped answers of a worker called "${NOBODY}"`);
  return labels ? [...lost, 'aggregated labels'] : lost;
}

function damaged(
  where: string,
  got: string,
  fix = 'Export it again as JSONL, with one file for each user.',
): QuorateError {
  const expected = 'a zip with a <user>.jsonl for each worker';
  return new QuorateError('ANSWERS_INVALID', { where, expected, got, fix });
}
