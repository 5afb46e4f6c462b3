import type { StepRecord } from '@quorate/engine';
import { amount, bar, clip, count, duration, percent, plural, type Paint } from './format.js';

/** What is said about a run before its first step. */
export interface RunFacts {
  readonly title: string;
  /** As people read it: relative where it lies below the working directory. */
  readonly folder: string;
  readonly items: number;
  readonly classes: number;
  readonly workers: number;
  readonly budget: number | null;
  /** The most that answers may cost, or null, and in which currency; '' where that was not said. */
  readonly moneyBudget: number | null;
  readonly currency: string;
  readonly riskThreshold: number;
  readonly resumedFrom: number | null;
  /** Where the learner computes, and whether that was left to `auto`; null without a learner. */
  readonly backend: { readonly name: string; readonly auto: boolean } | null;
  /** What confidence means here; null where it is delivered as inferred. */
  readonly calibration: string | null;
}

/** Where a run stood at one moment. `seconds` since the first step of this process. */
export interface Moment {
  readonly seconds: number;
  readonly annotations: number;
  readonly valid: number;
}

export function headerLines(facts: RunFacts, description: string, paint: Paint, width: number): string[] {
  const size = [plural(facts.items, 'task'), `${count(facts.classes)} classes`, plural(facts.workers, 'worker')];
  if (facts.budget !== null) size.push(`budget of ${plural(facts.budget, 'annotation')}`);
  if (facts.moneyBudget !== null) size.push(`budget of ${amount(facts.moneyBudget, facts.currency)}`);
  const lines = [paint.bold(clip(facts.title, width)), clip(description, width), clip(size.join(', '), width)];
  const { backend } = facts;
  if (backend) lines.push(`learner on ${backend.name}${backend.auto ? ', the fastest backend that starts here' : ''}`);
  lines.push(clip(`confidence ${facts.calibration ?? 'not calibrated: right where workers err independently'}`, width));
  if (facts.resumedFrom !== null) lines.push(`resumed at step ${facts.resumedFrom}`);
  return lines;
}

/**
 * Seconds until all tasks are valid or the budget is spent, whichever comes first, at the pace of the later half of the
 * moments. Null while there is too little to go by.
 */
export function secondsLeft(moments: readonly Moment[], items: number, budget: number | null): number | null {
  const last = moments.at(-1);
  const from = moments[Math.floor((moments.length - 1) / 2)];
  if (!last || !from || moments.length < 4) return null;
  const seconds = last.seconds - from.seconds;
  if (seconds <= 0.5) return null;
  const left = (remaining: number, done: number): number =>
    done > 0 ? (Math.max(0, remaining) * seconds) / done : Infinity;
  const byValid = left(items - last.valid, last.valid - from.valid);
  const byBudget = left((budget ?? Infinity) - last.annotations, last.annotations - from.annotations);
  const best = Math.min(byValid, byBudget);
  return Number.isFinite(best) ? best : null;
}

/** The live view of a terminal: a few lines that are drawn again in place. */
export function liveLines(
  record: StepRecord,
  facts: RunFacts,
  moments: readonly Moment[],
  state: { readonly seconds: number; readonly stopping: boolean; readonly phase: string | null },
  paint: Paint,
  width: number,
): string[] {
  const gauge = Math.max(10, Math.min(30, width - 50));
  const row = (name: string, share: number, rest: string): string =>
    clip(`${name.padEnd(9)}${bar(share, gauge)} ${percent(share).padStart(7)}  ${rest}`, width).trimEnd();
  const lines = [
    clip(
      `step ${count(record.step)} · ${plural(record.annotations, 'annotation')} · ${record.annotationsPerItem.toFixed(2)} per task · ${spent(record, facts)}${duration(state.seconds)}${state.phase === null ? '' : ` · ${state.phase}`}`,
      width,
    ),
    row('valid', record.validShare, `${count(record.valid)} of ${count(facts.items)} tasks`),
  ];
  const accuracy = record.aggregate?.all.top1;
  if (accuracy !== undefined && accuracy !== null) lines.push(row('accuracy', accuracy, ''));
  const left = secondsLeft(moments, facts.items, facts.budget);
  const hint = state.stopping
    ? 'stopping after this step; Ctrl-C again stops at once'
    : `${left === null ? 'time left not known yet' : `about ${duration(Math.round(left))} left`} · Ctrl-C saves and stops`;
  lines.push(paint.dim(clip(hint, width)));
  return lines;
}

function spent({ money }: StepRecord, { currency }: RunFacts): string {
  return money ? `${amount(money.total, currency)} · ` : '';
}

/** One step on one line, for pipes and logs. */
export function plainLine(record: StepRecord): string {
  const parts = [
    `step ${String(record.step).padStart(4)}`,
    `annotations ${count(record.annotations).padStart(9)}`,
    `per task ${record.annotationsPerItem.toFixed(2).padStart(4)}`,
  ];
  if (record.modelAnswers !== undefined) parts.push(`of models ${count(record.modelAnswers).padStart(9)}`);
  if (record.money) parts.push(`spent ${amount(record.money.total, '').padStart(9)}`);
  const accuracy = record.aggregate?.all.top1;
  if (accuracy !== undefined && accuracy !== null) parts.push(`accuracy ${percent(accuracy).padStart(7)}`);
  parts.push(`valid ${percent(record.validShare).padStart(7)}`);
  return parts.join('  ');
}

/** Every step at first, then rarer and rarer, so that a log of a long run stays readable. */
export function isPrinted(step: number): boolean {
  const every = step <= 20 ? 1 : step <= 100 ? 5 : step <= 500 ? 25 : 100;
  return step % every === 0;
}
