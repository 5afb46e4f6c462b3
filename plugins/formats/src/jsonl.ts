import {
  defineComponent,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerOutput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { z } from 'zod';
import { unanswered } from './by-task.js';
import { areEnough, guessColumns, type Columns } from './columns.js';
import { eachRecord, firstRecord } from './json-members.js';
import { idOf, isObject, labelOf, secondsOf } from './json-record.js';
import { parsed, type JsonText } from './lines.js';
import { shortestFloat, shown } from './text.js';

const CHUNK = 1 << 16;

/** One JSON object an answer. */
export const jsonl = defineComponent({
  kind: 'answerFormat',
  name: 'jsonl',
  summary: 'JSON Lines (also reads a JSON array), one object an answer, any usual names of its keys',
  options: z.strictObject({}),
  create: (): AnswerFormat => ({
    extensions: ['.jsonl', '.ndjson'],
    detect: (head) => {
      const first = firstRecord(head);
      if (!first) return 0;
      const columns = guessColumns(Object.keys(first));
      return areEnough(columns) ? (columns.worker >= 0 ? 0.8 : 0.6) : 0.2;
    },
    read: readJsonl,
    write: writeJsonl,
    drops: ({ labels }) => (labels ? ['aggregated labels'] : []),
  }),
});

async function readJsonl(input: AnswerInput, table: AnswerTableBuilder): Promise<void> {
  let keys = '';
  let columns: Columns | null = null;
  /** Of the first record: without workers the labels are the true ones. */
  let hasWorkers: boolean | null = null;
  await eachRecord(input, (line) => {
    const record = parsed(input, line, 'a JSON object on every line');
    if (record === undefined) return;
    if (!isObject(record)) return reject(input, line, 'a JSON object on every line', shown(record));
    const names = Object.keys(record);
    const signature = names.join('\0');
    if (columns === null || signature !== keys) [columns, keys] = [guessColumns(names), signature];
    const known = columns;
    const value = (role: keyof Columns): unknown => (known[role] < 0 ? undefined : record[names[known[role]]!]);
    hasWorkers ??= known.worker >= 0 || known.label < 0;
    const task = idOf(value('task'));
    // A record of another kind is no task that nobody answered.
    if (task === undefined || (known.worker < 0 && known.label < 0 && known.gold < 0)) {
      return reject(input, line, 'an object with a task, a worker and a label', shown(record));
    }
    const gold = value('gold') ?? (hasWorkers ? undefined : value('label'));
    const isGold = labelOf(gold);
    if (isGold === undefined)
      return reject(input, line, 'a gold label that is one string, number or boolean', shown(gold));
    const label = hasWorkers ? labelOf(value('label')) : null;
    if (label === undefined)
      return reject(input, line, 'one label, a string, number or boolean', shown(value('label')));
    const worker = hasWorkers ? (value('worker') ?? null) : null;
    if (worker === null && label !== null) return reject(input, line, 'the id of a worker', 'none');
    const by = worker === null ? undefined : idOf(worker);
    if (worker !== null && by === undefined) return reject(input, line, 'the id of a worker', shown(worker));
    const seconds = secondsOf(value('seconds'));
    if (seconds === null) return reject(input, line, 'seconds', shown(value('seconds')));
    const sure = value('confidence') ?? 1;
    if (typeof sure !== 'number' || !(sure >= 0 && sure <= 1)) {
      return reject(input, line, 'a confidence in 0..1', shown(sure));
    }
    const item = table.task(task);
    if (isGold !== null) {
      const k = table.class(isGold);
      const before = table.goldOf(item);
      if (before >= 0 && before !== k) return reject(input, line, 'one gold label of a task', shown(gold));
      table.setGold(item, k, sure);
    }
    const time = value('time');
    const when = time === undefined || time === null ? '' : (idOf(time) ?? '');
    if (by !== undefined) table.add(item, table.worker(by), label === null ? -1 : table.class(label), seconds, when);
  });
}

function reject(input: AnswerInput, { line, column }: JsonText, expected: string, got: string): void {
  rejectRow(input, { line, column, expected, got });
}

function* writeJsonl({ answers }: AnswerOutput): Generator<string> {
  const { taskIds, workerIds, classes, count, item, worker, label, seconds, time, gold } = answers;
  const tasks = taskIds.map((id) => JSON.stringify(id));
  const workers = workerIds.map((id) => JSON.stringify(id));
  const labels = classes.map((name) => JSON.stringify(name));
  const goldOf = (i: number): string => (gold && gold[i]! >= 0 ? `,"gold":${labels[gold[i]!]}` : '');
  let text = '';
  for (let a = 0; a < count; a++) {
    const i = item[a]!;
    text += `{"task":${tasks[i]},"worker":${workers[worker[a]!]},"label":${labels[label[a]!] ?? 'null'}`;
    if (seconds && !Number.isNaN(seconds[a]!)) text += `,"seconds":${shortestFloat(seconds[a]!)}`;
    if (time && time[a] !== '') text += `,"time":${JSON.stringify(time[a])}`;
    text += `${goldOf(i)}}\n`;
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  // The worker says that this is no file of gold labels.
  for (const i of unanswered(answers)) text += `{"task":${tasks[i]},"worker":null,"label":null${goldOf(i)}}\n`;
  yield text;
}
