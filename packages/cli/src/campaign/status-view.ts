import type { Added, Status, WorkerStatus } from '@quorate/campaign';
import { columns, count, percent, plural } from '../terminal/format.js';
import { table } from '../terminal/answers-text.js';

/** What became of a file that was added. */
export function addedLines(added: Added): string[] {
  if (added.before !== null)
    return [`${added.name}: the same answers were added on ${added.before.slice(0, 16).replace('T', ' ')}`];
  const parts = [
    ...(added.added > added.audits || added.audits === 0 ? [plural(added.added - added.audits, 'new answer')] : []),
    ...(added.audits > 0 ? [plural(added.audits, 'new audit')] : []),
    ...(added.changed > 0 ? [`${count(added.changed)} changed`] : []),
    ...(added.repeated > 0 ? [`${count(added.repeated)} known already`] : []),
    ...(added.older > 0 ? [`${count(added.older)} older than the one that counts`] : []),
    ...(added.skips > 0 ? [plural(added.skips, 'skip')] : []),
    ...(added.unknown > 0 ? [`${count(added.unknown)} left out, of other tasks or labels`] : []),
    ...(added.newWorkers > 0 ? [plural(added.newWorkers, 'new worker')] : []),
  ];
  return [`${added.name}: ${parts.join(', ')}`];
}

/** What a campaign knows, 80 columns. */
export function statusLines(status: Status): string[] {
  const { step, left, money, tasks } = status;
  const paid = money.spent > 0 || money.left.high > 0;
  const cost = (amount: number): string => `${amount.toFixed(2)} ${money.currency}`.trim();
  const range = (least: string, likely: string, most: string): string =>
    least === most ? most : `${likely} (${least} to ${most})`;
  const rows: (readonly [string, string])[] = [
    ['tasks', `${count(tasks)}, of which ${count(step?.valid ?? 0)} valid (${percent(status.validShare)})`],
    ['expected error', step === null ? '–' : `${percent(step.error)} ± ${(100 * step.deviation).toFixed(1)} points`],
    ['confidence', status.calibration ?? 'not calibrated: as if people erred independently'],
    ['answers', `${count(status.answers)}${status.out > 0 ? `, and ${count(status.out)} out` : ''}`],
    ['answers left', range(count(left.low), `about ${count(left.likely)}`, count(left.high))],
    ...(paid
      ? ([
          [
            'cost',
            `${cost(money.spent)}, about ${range(cost(money.left.low), cost(money.left.likely), cost(money.left.high))} more`,
          ],
        ] as const)
      : []),
    ...auditRows(status),
    ...(status.setAside > 0
      ? ([['set aside', `${plural(status.setAside, 'answer')} that came after the audit began`]] as const)
      : []),
    ...(status.skips + status.flags > 0
      ? ([['skipped, flagged', `${count(status.skips)}, ${count(status.flags)}`]] as const)
      : []),
    ['state', stateOf(status)],
  ];
  return [
    ...columns(rows),
    ...(status.answers > 0
      ? ['', ...workersTable(status.workers.filter(({ answers }) => answers > 0).slice(0, 12))]
      : []),
  ];
}

function auditRows({ audit }: Status): (readonly [string, string])[] {
  if (!audit) return [];
  const { audits, errors, left, bound, confidence, maxError } = audit;
  const more = left.low > 0 ? `, ${count(left.low)} to ${count(left.high)} to come` : '';
  const found = audits > 0 ? `${plural(audits, 'label')} looked at, ${count(errors)} wrong` : 'none yet';
  const proven = (): string => `at most ${percent(bound)} wrong with ${percent(confidence)} confidence`;
  return [
    ['audits', `${found}${more}`],
    ...(bound !== null && audits > 0 ? [['proven', `${proven()} (wanted: ${percent(maxError)})`] as const] : []),
  ];
}

function stateOf({ state, step, audit }: Status): string {
  if (audit?.phase === 'audit' && state === 'open')
    return `audit, round ${audit.round} of ${audit.rounds}: ${audit.why}`;
  if (audit?.phase === 'end' && audit.certified !== null)
    return `done, ${audit.certified ? 'certified' : 'not certified'}: ${step?.stop}`;
  return step?.stop ? `done: ${step.stop}` : state;
}

export function workersTable(workers: readonly WorkerStatus[]): string[] {
  if (workers.length === 0) return ['Nobody has answered yet.'];
  const head = ['worker', 'answers', 'skill', 'interval', 'gold', 'seconds', 'skips'];
  const rows = workers.map((worker) => [
    worker.name,
    count(worker.answers),
    percent(worker.skill),
    worker.skillInterval === null ? '' : `${percent(worker.skillInterval[0])} – ${percent(worker.skillInterval[1])}`,
    worker.gold[1] > 0 ? `${worker.gold[0]} of ${worker.gold[1]}` : '',
    worker.seconds === null ? '' : worker.seconds.toFixed(1),
    worker.skips > 0 ? count(worker.skips) : '',
  ]);
  return [table(head, rows)];
}
