import type { Agreement, Consensus, Labels, WorkerReport } from '@quorate/consensus';
import { columns, count, percent, plural, wrap } from './format.js';
import { figure, shown, table } from './answers-text.js';
import { flagLines } from './workers-view.js';

export interface AggregateFacts {
  /** As people read it: the files, or the state. */
  readonly title: string;
  readonly consensus: Consensus;
  readonly labels: Labels;
  readonly workers: readonly WorkerReport[];
  readonly agreement: Agreement;
  readonly aggregator: string;
  readonly reviewBelow: number;
  readonly badRows: number;
  readonly notes: readonly string[];
  /** How far confidence is to be believed. */
  readonly honesty: readonly string[];
  /** Name and what it is, of each file that was written. */
  readonly files: readonly (readonly [string, string])[];
}

/** Classes that the summary lists, those of most tasks. */
const MOST_CLASSES = 12;

/** What `quorate aggregate` says at the end, 80 columns. */
export function aggregateLines(facts: AggregateFacts): string[] {
  const { consensus, labels, workers, agreement, reviewBelow, badRows } = facts;
  const { answers, inferred } = consensus;
  const size = [
    plural(answers.index.count, 'answer'),
    `of ${plural(answers.workerIds.length, 'worker')}`,
    `to ${plural(answers.taskIds.length, 'task')}, ${plural(answers.classes.length, 'class').replace('classs', 'classes')}`,
  ];
  const skipped = answers.skipped;
  if (skipped > 0) size.push(`(and ${plural(skipped, 'skip')})`);
  const how = inferred && inferred.iterations > 0 ? `, ${plural(inferred.iterations, 'iteration')}` : '';
  return [
    ...wrap(`${facts.title}: ${size.join(' ')}`, 80),
    ...(badRows > 0
      ? [`${plural(badRows, 'row')} could not be read and ${badRows === 1 ? 'was' : 'were'} skipped`]
      : []),
    `aggregator ${facts.aggregator}${how}`,
    ...facts.notes.flatMap((note) => columns([['note', note]], 80, 2)),
    '',
    classTable(consensus, labels),
    ...facts.honesty.flatMap((line) => wrap(line, 80)),
    ...reviewLines(labels, reviewBelow),
    ...agreementLine(agreement),
    ...flagLines(workers, 8),
    ...(facts.files.length > 0 ? ['', ...columns(facts.files, 80)] : []),
  ];
}

function classTable({ answers }: Consensus, { label, confidence }: Labels): string {
  const K = answers.classes.length;
  const tasks = new Int32Array(K + 1);
  const sum = new Float64Array(K + 1);
  for (let i = 0; i < label.length; i++) {
    const k = label[i]! < 0 ? K : label[i]!;
    tasks[k]!++;
    sum[k]! += confidence[i]!;
  }
  const order = Array.from({ length: K }, (_, k) => k).sort((a, b) => tasks[b]! - tasks[a]! || a - b);
  const row = (name: string, n: number, total: number): string[] => [
    name,
    count(n),
    percent(label.length > 0 ? n / label.length : null),
    figure(n > 0 ? total / n : null),
  ];
  const rows = order.slice(0, MOST_CLASSES).map((k) => row(shown(String(answers.classes[k]), 36), tasks[k]!, sum[k]!));
  const rest = order.slice(MOST_CLASSES);
  if (rest.length > 0) {
    const add = (values: ArrayLike<number>): number => rest.reduce((total, k) => total + values[k]!, 0);
    rows.push(row(`${count(rest.length)} other classes`, add(tasks), add(sum)));
  }
  if (tasks[K]! > 0) rows.push([`(no label)`, count(tasks[K]!), percent(tasks[K]! / label.length), '–']);
  return table(['label', 'tasks', 'share', 'mean confidence'], rows);
}

function reviewLines({ needsReview, label }: Labels, reviewBelow: number): string[] {
  const review = needsReview.reduce((sum, flag) => sum + flag, 0);
  const share = label.length > 0 ? ` (${percent(review / label.length)})` : '';
  return wrap(
    `${plural(review, 'task')}${share} to review: no label, two best level, or confidence below ${reviewBelow}`,
    80,
  );
}

function agreementLine({ alpha, percent: share, repeats }: Agreement): string[] {
  const again =
    repeats > 0
      ? wrap(
          `repeats: ${plural(repeats, 'further answer')} of a worker to the same task; labels count all, agreement the first`,
          80,
        )
      : [];
  if (share === null) return [...again, 'no task has two answers of different workers: nothing to compare'];
  return [...again, `answers to one task agree in ${percent(share)}, Krippendorff's alpha ${figure(alpha)}`];
}
