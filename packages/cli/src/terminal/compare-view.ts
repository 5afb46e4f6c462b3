import type { Comparison } from '../answers/compare-methods.js';
import { columns, plural, wrap } from './format.js';
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
    ...(notRun.length > 0
      ? [
          '',
          'not run here',
          ...columns(
            notRun.map(({ name, why }) => [name, why]),
            80,
            2,
          ),
        ]
      : []),
  ];
}

function accuracyLines({ accuracy, gold }: Comparison): string[] {
  if (!gold) return ['without --gold nothing is known of accuracy; so much do the aggregators agree:', ''];
  if (!accuracy) return ['no gold task has an answer: nothing can be held against gold', ''];
  const order = [...accuracy].sort((a, b) => b.accuracy - a.accuracy);
  const best = accuracy.find(
    ({ difference }) => difference.low === 0 && difference.high === 0 && difference.mean === 0,
  );
  const rows = order.map((one) => [
    one.name,
    figure(one.accuracy),
    `${figure(one.low)}–${figure(one.high)}`,
    figure(one.ece),
    one === best
      ? 'best'
      : one.noDifference
        ? `no difference (${signed(one.difference.mean)})`
        : `${signed(one.difference.mean)} [${signed(one.difference.low)}, ${signed(one.difference.high)}]`,
  ]);
  const left = [
    gold.withoutAnswers > 0 ? `${gold.withoutAnswers} have no answer` : '',
    gold.elsewhere > 0 ? `${gold.elsewhere} have no row here` : '',
    gold.unheard > 0 ? `the class of ${gold.unheard} is named by nobody (counted as wrong)` : '',
  ].filter((text) => text !== '');
  return [
    table(['aggregator', 'accuracy', '95 %', 'ECE', 'to the best (paired)'], rows, [4]),
    ...wrap(
      `accuracy on ${plural(gold.tasks, 'gold task')} that no aggregator was shown, in expectation over ties` +
        `${left.length > 0 ? `; of the others ${left.join(', ')}` : ''}`,
      80,
    ),
    '',
  ];
}

/** Share of tasks labelled alike in whole percent, below the diagonal; in parts where 80 characters do not hold it. */
function agreementTable({ methods, agreement }: Comparison): string[] {
  if (!agreement) return ['no task has an answer: nothing to label'];
  const n = methods.length;
  const title = 'labelled alike, %';
  const names = methods.map((name, m) => `${String(m + 1).padStart(2)} ${name}`);
  const wide = Math.max(title.length, ...names.map((name) => name.length)) + 1;
  const most = Math.max(1, Math.floor((80 - wide) / 4));
  const lines: string[] = [];
  for (let from = 0; from < n - 1; from += most) {
    const to = Math.min(n - 1, from + most);
    const cells = (of: (m: number) => string): string =>
      Array.from({ length: to - from }, (_, m) => of(from + m).padStart(4)).join('');
    lines.push(title.padEnd(wide) + cells((m) => String(m + 1)));
    for (let m = from; m < n; m++) {
      const row = cells((other) => (other < m ? String(Math.round(100 * agreement[m * n + other]!)) : ''));
      lines.push((names[m]!.padEnd(wide) + row).trimEnd());
    }
    lines.push('');
  }
  return lines;
}

function signed(x: number): string {
  return `${x > 0 ? '+' : ''}${x.toFixed(3)}`;
}
