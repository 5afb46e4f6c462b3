import type { AnswerOutput, AnswerTable } from '@quorate/core';
import { grouped } from './by-task.js';
import type { CsvOptions } from './csv-options.js';
import { shortestFloat } from './text.js';

/** Characters of one chunk. */
const CHUNK = 1 << 16;

/** A field so that every reader of CSV takes it for one: quoted where it could be taken for something else. */
export function field(text: string, delimiter: string): string {
  const plain = !/["\r\n]|^\s|\s$/.test(text) && !text.includes(delimiter);
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}

/** The delimiter of the options, else the one that the name asks for. */
export function delimiterFor(name: string, given: string | null): string {
  return given ?? (/\.(tsv|tab)$/i.test(name) ? '\t' : ',');
}

export function* writeCsv({ answers, name }: AnswerOutput, options: CsvOptions): Generator<string> {
  const { taskIds, workerIds, classes, count, item, worker, label, seconds, time, gold } = answers;
  const delimiter = delimiterFor(name, options.delimiter);
  const quoted = (text: string): string => field(text, delimiter);
  const tasks = taskIds.map(quoted);
  const workers = workerIds.map(quoted);
  const labels = classes.map((text) => quoted(String(text)));
  const header = ['task', 'worker', 'label'];
  if (seconds) header.push('seconds');
  if (time) header.push('time');
  if (gold) header.push('gold');
  let text = `${header.join(delimiter)}\n`;
  const goldOf = (i: number): string => (gold ? delimiter + (labels[gold[i]!] ?? '') : '');
  for (let a = 0; a < count; a++) {
    const i = item[a]!;
    text += tasks[i]! + delimiter + workers[worker[a]!]! + delimiter + (labels[label[a]!] ?? '');
    if (seconds) text += delimiter + (Number.isNaN(seconds[a]!) ? '' : shortestFloat(seconds[a]!));
    if (time) text += delimiter + quoted(time[a]!);
    text += `${goldOf(i)}\n`;
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  for (const i of unanswered(answers)) {
    text += tasks[i]! + delimiter.repeat(2 + Number(seconds !== null) + Number(time !== null)) + `${goldOf(i)}\n`;
  }
  yield text;
}

export function* unanswered(answers: AnswerTable): Generator<number> {
  const { start } = grouped(answers, 'item');
  for (let i = 0; i < answers.taskIds.length; i++) if (start[i] === start[i + 1]) yield i;
}

export function csvDrops({ answers, labels }: AnswerOutput): string[] {
  return [...emptyNames(answers), ...(labels ? ['aggregated labels'] : [])];
}

/** An empty field is a skip, a task alone or no gold label: an id or a label that is the empty text is lost. */
export function emptyNames({ taskIds, workerIds, classes }: AnswerTable): string[] {
  const lost: string[] = [];
  if (taskIds.includes('')) lost.push('the task whose id is empty');
  if (workerIds.includes('')) lost.push('answers of the worker whose id is empty');
  if (classes.some((name) => name === '')) lost.push('the label that is empty (read again it is a skip)');
  return lost;
}
