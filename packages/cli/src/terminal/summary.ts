import type { AuditReport, Majority, Score, StepRecord } from '@quorate/engine';
import Table from 'cli-table3';
import { auditLines } from './audit-lines.js';
import { amount, columns, count, duration, percent, plural, shellWord, wrap } from './format.js';
import type { RunFacts } from './progress.js';

/** How a run ended: `RunResult` of the engine. */
export interface Ending {
  readonly stopped: 'done' | 'budget' | 'rule' | 'interrupted';
  readonly why: string;
  readonly last: StepRecord;
  /** Of a stopping rule that audits; null without a verdict. */
  readonly audit?: AuditReport | null;
  /** Of simulated workers: what a majority vote of three answers a task would have come to. */
  readonly majority?: Majority;
  /** Where early stopping would have ended the run, where it was no rule of it. */
  readonly earlyStop?: { readonly step: number; readonly annotations: number };
  /** What was spent in all, where it is counted. */
  readonly money?: NonNullable<StepRecord['money']>;
}

const headline = {
  done: 'Done',
  budget: 'Stopped at the budget',
  rule: 'Stopped early',
} as const;

/** The end of a run in a terminal or a log, 80 columns. */
export function summaryLines(ending: Ending, facts: RunFacts, seconds: number): string[] {
  const { last, audit } = ending;
  return [
    ...wrap(ending.stopped === 'interrupted' ? 'Interrupted.' : `${headline[ending.stopped]}: ${ending.why}.`, 80),
    '',
    scoreTable(last, facts),
    ...wrap(
      `${plural(last.annotations, 'annotation')} of ${plural(facts.workers, 'worker')}, ` +
        `${last.annotationsPerItem.toFixed(3)} per task, in ${plural(last.step, 'step')}; ${duration(seconds)}.`,
      80,
    ),
    ...wrap(moneyLine({ ...last, ...(ending.money ? { money: ending.money } : {}) }, facts), 80),
    ...wrap(calibrationLine(last, facts), 80),
    ...(ending.majority ? wrap(majorityLine(ending.majority, last), 80) : []),
    ...(ending.earlyStop
      ? wrap(
          `earlyStop=true would have ended it at step ${ending.earlyStop.step}, with ${count(ending.earlyStop.annotations)} annotations.`,
          80,
        )
      : []),
    '',
    ...(audit ? [...auditLines(audit), ''] : []),
    `Results in ${facts.folder}`,
    ...columns(
      [
        ['labels.csv', 'one label per task, with its confidence'],
        ...(audit ? [['audit.json', 'what the audits prove'] as const] : []),
        ...(audit && audit.audits > 0 ? [['audits.csv', "the expert's answers, in order"] as const] : []),
        ['workers.csv', 'how much each worker answered, and how well'],
        ['annotations.csv', 'every answer, in order'],
        ...(last.modelAnswers === undefined
          ? []
          : [
              ['models.csv', 'what each model answered, and how far it is believed'] as const,
              ['model-answers.csv', 'every answer of a model, in order'] as const,
            ]),
        ['steps.jsonl', 'the figures of every step'],
      ],
      80,
      2,
    ),
  ];
}

/** What models have answered, and what all answers cost; empty where neither is counted. */
function moneyLine({ modelAnswers, money }: StepRecord, { currency }: RunFacts): string {
  const answered = modelAnswers === undefined ? '' : `${plural(modelAnswers, 'answer')} of models. `;
  if (!money) return answered.trim();
  const parts = [
    `${amount(money.people, currency)} for people`,
    ...(money.models === undefined ? [] : [`${amount(money.models, currency)} for models`]),
    ...(money.audits === undefined ? [] : [`${amount(money.audits, currency)} for audits`]),
  ];
  return `${answered}Spent ${amount(money.total, currency)}: ${parts.join(', ')}.`;
}

/** What confidence means, and what is known of it. */
function calibrationLine({ calibration, audits }: StepRecord, facts: RunFacts): string {
  if (!calibration)
    return 'Confidence is not calibrated: it is right where workers err independently, as simulated ones do.';
  const { known, prototypeAnswers, accuracy, givenUp } = calibration;
  const sources = [
    ...(known > 0 ? [plural(known, 'audit')] : []),
    ...(prototypeAnswers > 0 ? [`${plural(prototypeAnswers, 'answer')} about prototypes`] : []),
  ];
  const based = sources.length > 0 ? `, fitted to ${sources.join(' and ')}` : '';
  const expected = accuracy
    ? ` Expected accuracy ${percent(accuracy.mean)} (90 % interval ${percent(accuracy.low)} to ${percent(accuracy.high)}).`
    : '';
  const given =
    givenUp > 0 ? ` ${plural(givenUp, 'task')} that further answers would not settle: an expert is needed.` : '';
  const advice =
    sources.length === 0 && audits === undefined
      ? ' Without audits it is honest on average over projects, not for this one: have an expert check 100 tasks (a run: stop.use=audits; a replay: --gold FILE --audits 100).'
      : '';
  return `Confidence is ${facts.calibration ?? 'calibrated'}${based}.${expected}${given}${advice}`;
}

/** What the usual way would have cost, beside what the run did; the accuracies are of the same workers. */
function majorityLine({ annotationsPerItem, accuracy, items }: Majority, last: StepRecord): string {
  const times = last.annotationsPerItem > 0 ? annotationsPerItem / last.annotationsPerItem : 1;
  const more = times >= 1.05 ? `, ${times.toFixed(times < 10 ? 1 : 0)} times as many` : '';
  return (
    `Majority vote of ${annotationsPerItem} answers of the same workers: ${annotationsPerItem.toFixed(3)} per task${more}, ` +
    `accuracy ${percent(accuracy)} (measured on ${plural(items, 'task')}).`
  );
}

function scoreTable({ aggregate, learner, valid }: StepRecord, { items, riskThreshold }: RunFacts): string {
  const rows: [string, number, Score | null][] = [
    ['all', items, aggregate?.all ?? null],
    [`valid (risk ≤ ${riskThreshold})`, valid, aggregate?.valid ?? null],
    ['open', items - valid, aggregate?.open ?? null],
  ];
  for (const group of ['targets', 'distractors'] as const) {
    const score = aggregate?.[group]?.all;
    if (score) rows.push([group, score.correct + score.incorrect, score]);
  }
  if (learner) rows.push(['all, by the learner', items, learner.all]);
  const known = aggregate !== null;
  const table = new Table({
    head: known ? ['tasks', 'number', 'accuracy', 'in top 5', 'in top 10', 'ECE'] : ['tasks', 'number', 'share'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const [name, number, score] of rows) {
    const cells = known
      ? [score?.top1 ?? null, score?.top5 ?? null, score?.top10 ?? null].map(percent)
      : [percent(items > 0 ? number / items : null)];
    if (known) cells.push(typeof score?.ece === 'number' ? score.ece.toFixed(3) : '–');
    table.push([name, count(number), ...cells]);
  }
  return table.toString();
}

/** The command that resumes the run in `folder`. */
export function resumeCommand(folder: string): string {
  return `quorate run --out ${shellWord(folder)} --resume`;
}
