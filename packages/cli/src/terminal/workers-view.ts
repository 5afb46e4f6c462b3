import type { WorkerReport } from '@quorate/consensus';
import { count, percent, plural, wrap } from './format.js';
import { figure, shown, table, tail } from './answers-text.js';

/** The workers of a file, 80 columns: `most` of them, flagged ones first, then by number of answers. */
export function workerTableLines(workers: readonly WorkerReport[], most: number): string[] {
  const order = [...workers.keys()].sort(
    (a, b) =>
      Number(workers[b]!.flags.length > 0) - Number(workers[a]!.flags.length > 0) ||
      workers[b]!.answers - workers[a]!.answers ||
      a - b,
  );
  const rows = order.slice(0, most).map((j) => {
    const one = workers[j]!;
    const worst = one.worstConfusion;
    const interval = one.skill === null ? '–' : `${figure(one.skillLow, 2)}–${figure(one.skillHigh, 2)}`;
    return [
      shown(one.worker, 14),
      count(one.answers),
      figure(one.skill, 2),
      interval,
      worst ? `${shown(String(worst.from), 7)}→${shown(String(worst.to), 7)} ${Math.round(100 * worst.share)}%` : '–',
      one.flags.map(({ flag }) => flag).join(' ') || '',
    ];
  });
  const rest = workers.length - rows.length;
  return [
    table(['worker', 'answers', 'skill', '95 %', 'worst confusion', 'flag'], rows, [4, 5]),
    ...(rest > 0 ? [`and ${plural(rest, 'other worker')}: --all shows them, --out and --json have them all`] : []),
  ];
}

/** The workers with a flag, with the evidence; `most` of them. */
export function flagLines(workers: readonly WorkerReport[], most: number): string[] {
  const flagged = workers.filter(({ flags }) => flags.length > 0);
  if (flagged.length === 0) return ['no worker is flagged'];
  const lines = flagged
    .slice(0, most)
    .flatMap(({ worker, flags }) =>
      flags.flatMap(({ flag, evidence, p }) =>
        wrap(`${shown(worker, 20)} ${flag}: ${shown(evidence, 160)} (p ${tail(p)})`, 78).map((line, n) =>
          n === 0 ? `  ${line}` : `    ${line}`,
        ),
      ),
    );
  const rest = flagged.length - most;
  return [
    `${plural(flagged.length, 'worker')} flagged`,
    ...lines,
    ...(rest > 0 ? [`  and ${plural(rest, 'other')}`] : []),
  ];
}

/** How many are how good: mean skill of those with something to compare. */
export function skillLine(workers: readonly WorkerReport[]): string {
  const known = workers.flatMap(({ skill }) => (skill === null ? [] : [skill]));
  if (known.length === 0) return 'no worker can be compared with another';
  const mean = known.reduce((sum, skill) => sum + skill, 0) / known.length;
  return `mean skill ${percent(mean)} over ${plural(known.length, 'worker')}`;
}
