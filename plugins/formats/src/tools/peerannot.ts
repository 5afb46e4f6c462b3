import {
  defineComponent,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerOutput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { z } from 'zod';
import { grouped, losses } from '../table/by-task.js';
import { isText } from '../rows/delimiter.js';
import { eachMember, firstRecords } from '../json/json-members.js';
import { isObject, labelOf } from '../json/json-record.js';
import { parsed } from '../json/lines.js';
import { shown } from '../text.js';
import { isNamed, workerWords } from '../layout/words.js';

/** peerannot's `answers.json`. */
export const peerannot = defineComponent({
  kind: 'answerFormat',
  name: 'peerannot',
  summary: 'peerannot answers.json: {task: {worker: label}}',
  options: z.strictObject({}),
  create: (): AnswerFormat => ({ detect, read, write, drops }),
});

function detect(head: Uint8Array): number {
  if (!isText(head)) return 0;
  const text = Buffer.from(head).toString();
  // Several records are JSON Lines.
  if (firstRecords(head, 2).length > 1) return 0;
  // The first task has labels of workers, and nothing else, or none.
  const [, flat] = /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{((?:[^{}[\]"]|"(?:[^"\\]|\\.)*")*)(?:\}|$)/.exec(text) ?? [];
  const isEmpty = /^\s*\{\s*\}\s*$/.test(text);
  return isEmpty || (flat !== undefined && /^\s*($|"(?:[^"\\]|\\.)*"\s*:\s*["\d\-tf])/.test(flat)) ? 0.85 : 0;
}

async function read(input: AnswerInput, table: AnswerTableBuilder): Promise<void> {
  let swapped: boolean | null = null;
  await eachMember(input, '{', ({ text, line, column }) => {
    const at = { line, column };
    const member = parsed(input, { text: `{${text}}`, line, column: column - 1 }, 'a task with its answers');
    if (member === undefined) return;
    const [entry, ...more] = Object.entries(member as object) as [string, unknown][];
    if (!entry || more.length > 0 || entry[0] === '' || !isObject(entry[1])) {
      return rejectRow(input, { ...at, expected: '"task": {"worker": label, ...}', got: shown(member) });
    }
    const inner = Object.keys(entry[1]);
    // {worker: {task: label}}, by the names.
    swapped ??= inner.length > 0 && isWorker(entry[0]) && !inner.some(isWorker);
    const item = swapped ? -1 : table.task(entry[0]);
    for (const [worker, value] of Object.entries(entry[1])) {
      table.rows++;
      const label = labelOf(value);
      if (worker !== '' && swapped && label !== undefined && !Array.isArray(value)) {
        table.add(table.task(worker), table.worker(entry[0]), label === null ? -1 : table.class(label));
      } else if (worker === '' || label === undefined || Array.isArray(value)) {
        rejectRow(input, { ...at, expected: 'one label of a worker', got: shown({ [worker]: value }) });
      } else table.add(item, table.worker(worker), label === null ? -1 : table.class(label));
    }
  });
  if (swapped === true) table.note('The outer keys are named like workers, and are read as workers.');
  const [task, by] = swapped === true ? ['inner keys', 'outer keys'] : ['outer keys', 'inner keys'];
  table.took({ task: task, worker: by, label: 'their values' });
}

/** `rater1`, `annotator_2`, `ann@example.org`: no name of a task. */
const isWorker = (name: string): boolean =>
  (isNamed(name, workerWords, 0) && /\p{L}{5,}.*\d$/u.test(name)) || /^[^\s@/]+@[^\s@/]+\.\p{L}{2,}$/u.test(name);

function* write({ answers }: AnswerOutput): Generator<string> {
  const { taskIds, workerIds, classes, worker, label } = answers;
  const workers = workerIds.map((id) => JSON.stringify(id));
  const names = classes.map((name) => JSON.stringify(name));
  const { start, order } = grouped(answers, 'item');
  const answered = new Int32Array(workerIds.length).fill(-1);
  yield '{';
  for (let i = 0; i < taskIds.length; i++) {
    const said: string[] = [];
    for (let x = start[i]!; x < start[i + 1]!; x++) {
      const a = order[x]!;
      if (label[a]! < 0 || answered[worker[a]!] === i) continue;
      answered[worker[a]!] = i;
      said.push(`${workers[worker[a]!]}: ${names[label[a]!]}`);
    }
    yield `${i === 0 ? '\n' : ',\n'}${JSON.stringify(taskIds[i])}: {${said.join(', ')}}`;
  }
  yield '\n}\n';
}

function drops({ answers, labels }: AnswerOutput): string[] {
  const lost = losses(answers, ['skips', 'repeats', 'seconds', 'times', 'gold']);
  return labels ? [...lost, 'aggregated labels'] : lost;
}
