import {
  defineComponent,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerOutput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { peekBytes } from '@quorate/core/bytes';
import { z } from 'zod';
import { isLayout, layoutOf } from '../layout/layout.js';
import { usualRoleOf, type Role } from '../layout/roles.js';
import { CellRow, cellText } from '../rows/row.js';
import { unanswered } from '../table/by-task.js';
import { columnsGiven, columnsOption } from '../table/csv-options.js';
import { goldName, lostLabels } from '../table/csv-write.js';
import type { OpenTable } from '../table/open-table.js';
import { readTable } from '../table/read-table.js';
import { shortestFloat, shown } from '../text.js';
import { eachRecord, firstRecords } from './json-members.js';
import { isObject, type JsonObject } from './json-record.js';
import { parsed } from './lines.js';
import { answersIn, nestingOf, type Nesting } from './nested.js';
import { flat, keysOf } from './records.js';

const CHUNK = 1 << 16;
const HEAD = 1 << 16;
/** Keys that a record has only where it has a value for them. */
const OPTIONAL = ['seconds', 'time', 'gold'];

const options = z.strictObject({ columns: columnsOption });
type Options = z.output<typeof options>;

/** One JSON object an answer, or a row of any table. */
export const jsonl = defineComponent({
  kind: 'answerFormat',
  name: 'jsonl',
  summary:
    'JSON Lines (also reads a JSON array) of objects, one an answer or a row of any table, any usual names of its keys',
  options,
  create: (own): AnswerFormat => ({
    extensions: ['.jsonl', '.ndjson'],
    detect: (head) => {
      const records = firstRecords(head, 200);
      if (records.length === 0) return 0;
      // Objects by their ids are no row.
      if (records.length === 1 && Object.keys(records[0]!).length > 1 && Object.values(records[0]!).every(isObject))
        return 0.2;
      const layout = layoutOf(sampleOf(records, false).sample, columnsGiven(own), null, {});
      if (!isLayout(layout)) return 0.2;
      return layout.shape !== 'long' ? 0.55 : layout.columns.worker >= 0 ? 0.8 : 0.6;
    },
    read: (input, table) => readJsonl(input, table, own),
    write: writeJsonl,
    drops: ({ answers, labels }) => [...lostLabels(answers), ...(labels ? ['aggregated labels'] : [])],
  }),
});

/** Which column of a table each key of the records is; keys that mean the same, of different records, are one. */
class Keys {
  readonly names: string[] = [];
  readonly #column = new Map<string, number>();
  readonly #ofRole = new Map<Role, number>();
  /** Keys that no record of the sample has. */
  readonly further = new Set<string>();

  constructor(records: readonly ReadonlyMap<string, unknown>[]) {
    const all = keysOf(records);
    const own = all.filter((key) => usualRoleOf(key) !== undefined);
    for (const key of all) {
      const role = usualRoleOf(key);
      const twin =
        role === undefined
          ? undefined
          : own.find((other) => other !== key && usualRoleOf(other) === role && this.#column.has(other));
      const together = twin !== undefined && records.some((record) => record.has(key) && record.has(twin));
      if (twin !== undefined && !together) this.#column.set(key, this.#column.get(twin)!);
      else this.#add(key, role);
    }
    // A key that later records alone have is looked for too.
    if (all.includes('task')) {
      for (const key of OPTIONAL) if (!this.#ofRole.has(usualRoleOf(key)!)) this.#add(key, usualRoleOf(key));
    }
  }

  cells(record: ReadonlyMap<string, unknown>): unknown[] {
    const cells = new Array<unknown>(this.names.length).fill(null);
    for (const [key, value] of record) {
      const column = this.#column.get(key) ?? this.#ofRole.get(usualRoleOf(key) as Role);
      if (column === undefined) this.further.add(key);
      else cells[column] ??= value;
    }
    return cells;
  }

  #add(key: string, role: Role | undefined): void {
    this.#column.set(key, this.names.length);
    if (role !== undefined && !this.#ofRole.has(role)) this.#ofRole.set(role, this.names.length);
    this.names.push(key);
  }
}

function sampleOf(
  records: readonly JsonObject[],
  whole: boolean,
): { readonly keys: Keys; readonly nesting: Nesting | null; readonly sample: OpenTable['sample'] } {
  const nesting = nestingOf(records);
  const all = records.flatMap((record) => readable(answersIn(record, nesting))).map(flat);
  const keys = new Keys(all);
  return {
    keys,
    nesting,
    sample: { rows: [keys.names, ...all.map((record) => keys.cells(record).map(cellText))], whole },
  };
}

const readable = (answers: ReturnType<typeof answersIn>): readonly JsonObject[] =>
  typeof answers === 'string' ? [] : answers;

async function readJsonl(input: AnswerInput, table: AnswerTableBuilder, own: Options): Promise<void> {
  const { head, bytes } = await peekBytes(input.bytes, HEAD);
  const { keys, nesting, sample } = sampleOf(firstRecords(head, 200), head.length < HEAD);
  const row = new CellRow();
  const rows: OpenTable['rows'] = async (reader) => {
    row.set(keys.names, 1);
    reader.row(row);
    await eachRecord({ ...input, bytes }, (text) => {
      const record = parsed(input, text, 'a JSON object on every line');
      if (record === undefined || !isObject(record)) table.rows++;
      if (record === undefined) return;
      if (!isObject(record)) {
        const at = { line: text.line, column: text.column };
        return rejectRow(input, { ...at, expected: 'a JSON object on every line', got: shown(record) });
      }
      const answers = answersIn(record, nesting);
      if (typeof answers === 'string') {
        table.rows++;
        const at = { line: text.line, column: text.column };
        return rejectRow(input, { ...at, expected: 'lists of one length', got: answers });
      }
      for (const answer of answers) {
        row.set(keys.cells(flat(answer)), text.line, text.column);
        reader.row(row);
      }
    });
  };
  await readTable(input, table, { sample, rows }, { given: columnsGiven(own), shape: null });
  if (keys.further.size > 0)
    table.note(`Keys that only later records have were not read: ${[...keys.further].slice(0, 5).join(', ')}.`);
}

function* writeJsonl({ answers }: AnswerOutput): Generator<string> {
  const { taskIds, workerIds, classes, count, item, worker, label, seconds, time, gold } = answers;
  const tasks = taskIds.map((id) => JSON.stringify(id));
  const workers = workerIds.map((id) => JSON.stringify(id));
  const labels = classes.map((name) => JSON.stringify(name));
  const goldKey = goldName(answers);
  const goldOf = (i: number): string => (gold && gold[i]! >= 0 ? `,"${goldKey}":${labels[gold[i]!]}` : '');
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
