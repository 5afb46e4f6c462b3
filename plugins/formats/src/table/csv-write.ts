import type { AnswerOutput, AnswerTable } from '@quorate/core';
import { unanswered } from './by-task.js';
import { isFlag } from '../layout/gold.js';
import { readsAsMissing } from '../layout/missing.js';
import type { CsvOptions } from './csv-options.js';
import { shortestFloat } from '../text.js';

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
  if (gold) header.push(goldName(answers));
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

export function csvDrops({ answers, labels }: AnswerOutput): string[] {
  return [...lostLabels(answers), ...(labels ? ['aggregated labels'] : [])];
}

/** `gold`; where its values could be taken for a flag that says which tasks are gold, `gold_label`. */
export function goldName({ gold, classes }: AnswerTable): string {
  const named = new Set<string>();
  for (const k of gold ?? []) if (k >= 0) named.add(String(classes[k]));
  return isFlag(named) ? 'gold_label' : 'gold';
}

/** Labels that a table of texts reads as no label: the empty text, and the words that stand for a missing value. */
export function lostLabels({ classes }: AnswerTable): string[] {
  return classes.filter(readsAsMissing).map((label) => {
    const text = String(label);
    if (text === '') return 'the label that is empty (it becomes a skip)';
    return `the label ${JSON.stringify(text)}, unless it is read with --keep=${text} (it becomes a skip)`;
  });
}
