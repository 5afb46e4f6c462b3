import type { WorkerReport } from '@quorate/consensus';
import columnsOf from 'string-width';
import { count, percent, plural, wrap } from './format.js';
import { figure, shown, table, tail } from './answers-text.js';

const heads = ['answers', 'skill', '95 %', 'flag'] as const;

const widest = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, columnsOf(text)), 0);

/** The workers of a file, 80 columns: `most` of them, flagged ones first, then by number of answers. */
export function workerTableLines(workers: readonly WorkerReport[], most: number): string[] {
  const order = [...workers.keys()].sort(
    (a, b) =>
      Number(workers[b]!.flags.length > 0) - Number(workers[a]!.flags.length > 0) ||
      workers[b]!.answers - workers[a]!.answers ||
      a - b,
  );
  const some = order.slice(0, most).map((j) => workers[j]!);
  const facts = some.map((one) => {
    const [flag, ...more] = one.flags;
    const interval = one.skill === null ? '–' : `${figure(one.skillLow, 2)}–${figure(one.skillHigh, 2)}`;
    const flags = flag ? flag.flag + (more.length > 0 ? ` +${more.length}` : '') : '';
    return [count(one.answers), figure(one.skill, 2), interval, flags] as const;
  });
  // What these and the frame leave of the line is for the ids and the names of two classes, with `→` and ` 100%`.
  const left = 80 - 19 - [0, 1, 2, 3].reduce((sum, c) => sum + widest([heads[c]!, ...facts.map((row) => row[c]!)]), 0);
  const ids = Math.min(20, widest(['worker', ...some.map(({ worker }) => worker)]));
  const names = Math.max(6, Math.min(20, Math.floor((left - ids - 6) / 2)));
  const confusions = some.map(({ worstConfusion: worst }) =>
    worst
      ? `${shown(String(worst.from), names)}→${shown(String(worst.to), names)} ${Math.round(100 * worst.share)}%`
      : '–',
  );
  const room = Math.max(6, left - widest(['worst confusion', ...confusions]));
  const rows = some.map(({ worker }, r) => {
    const [answers, skill, interval, flags] = facts[r]!;
    return [shown(worker, Math.min(ids, room)), answers, skill, interval, confusions[r]!, flags];
  });
  const rest = workers.length - rows.length;
  return [
    table(['worker', heads[0], heads[1], heads[2], 'worst confusion', heads[3]], rows, [4, 5]),
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
        wrap(`${shown(worker, 20)} ${flag}: ${evidenceText(evidence)} (p ${tail(p)})`, 76).map((line, n) =>
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

/** With the labels that it names cut, of which some have no blanks. */
function evidenceText(evidence: string): string {
  const words = evidence.split(' ').map((word) => shown(word, 30));
  return shown(words.join(' '), 160);
}

/** How many are how good: mean skill of those with something to compare. */
export function skillLine(workers: readonly WorkerReport[]): string {
  const known = workers.flatMap(({ skill }) => (skill === null ? [] : [skill]));
  if (known.length === 0) return 'no worker can be compared with another';
  const mean = known.reduce((sum, skill) => sum + skill, 0) / known.length;
  return `mean skill ${percent(mean)} over ${plural(known.length, 'worker')}`;
}
