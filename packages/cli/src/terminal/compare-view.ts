import type { Comparison } from '../answers/compare-methods.js';
import { columns, percent, plural, wrap } from './format.js';
import { figure, table } from './answers-text.js';

/** What `quorate compare` says, 80 columns. */
export function compareLines(title: string, comparison: Comparison): string[] {
  const { notRun, notes } = comparison;
  return [
    ...wrap(title, 80),
    '',
    ...accuracyLines(comparison),
    ...agreementTable(comparison),
    ...columns(
      notes.map(({ name, note }) => [name, note]),
      80,
      2,
    ),
    ...(notRun.length > 0 ? ['', 'not run here', ...columns(notRun.map(({ name, why }) => [name, why]), 80, 2)] : []),
  ];
}

function accuracyLines({ accuracy, gold }: Comparison): string[] {
  if (!gold) return ['without --gold nothing is known of accuracy; this is how far the aggregators agree', ''];
  if (!accuracy) return ['no gold task has an answer: nothing can be held against gold', ''];
  const order = [...accuracy].sort((a, b) => b.accuracy - a.accuracy);
  const best = accuracy.find(({ difference }) => difference.low === 0 && difference.high === 0 && difference.mean === 0);
  const rows = order.map((one) => [
    one.name,
    figure(one.accuracy),
    `${figure(one.low)}–${figure(one.high)}`,
    one === best
      ? 'best'
      : one.noDifference
        ? `no difference (${signed(one.difference.mean)})`
        : `${signed(one.difference.mean)} (${signed(one.difference.low)} to ${signed(one.difference.high)})`,
  ]);
  const left = [
    gold.withoutAnswers > 0 ? `${gold.withoutAnswers} have no answer` : '',
    gold.elsewhere > 0 ? `${gold.elsewhere} have no row here` : '',
    gold.unheard > 0 ? `the class of ${gold.unheard} is named by nobody (counted as wrong)` : '',
  ].filter((text) => text !== '');
  return [
    table(['aggregator', 'accuracy', '95 %', 'to the best (paired)'], rows, [3]),
    ...wrap(
      `accuracy on ${plural(gold.tasks, 'gold task')} that no aggregator was shown, in expectation over ties` +
        `${left.length > 0 ? `; of the others ${left.join(', ')}` : ''}`,
      80,
    ),
    '',
  ];
}

/** Share of tasks labelled alike, in hundredths; as many columns as 80 characters hold. */
function agreementTable({ methods, agreement }: Comparison): string[] {
  if (!agreement) return ['no task has an answer: nothing to label'];
  const n = methods.length;
  const widest = Math.max(...methods.map((name) => name.length)) + 5;
  const most = Math.max(1, Math.floor((80 - widest) / 7));
  const lines: string[] = [];
  for (let from = 0; from < n; from += most) {
    const shown = methods.slice(from, from + most);
    const head = ['labelled alike, %', ...shown.map((_, m) => String(from + m + 1))];
    const rows = methods.map((name, m) => [
      `${m + 1} ${name}`,
      ...shown.map((_, other) => percent(agreement[m * n + from + other]!).replace(' %', '')),
    ]);
    lines.push(table(head, rows), '');
  }
  return lines;
}

function signed(x: number): string {
  return `${x > 0 ? '+' : ''}${x.toFixed(3)}`;
}
