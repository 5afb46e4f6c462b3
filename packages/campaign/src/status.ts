import type { Desk } from './desk/desk.js';
import type { AuditProgress, StepOutcome } from './inference/contract.js';
import type { InferenceService } from './inference/service.js';
import type { Connection } from './journal/database.js';
import type { Settings } from './settings.js';
import type { Steps } from './steps.js';

export type CampaignState = 'open' | 'paused' | 'closed';

/** What the status is taken from. */
export interface StatusSource {
  readonly desk: Desk;
  readonly steps: Steps;
  readonly db: Connection;
  readonly settings: Settings;
  readonly inference: InferenceService;
  readonly state: CampaignState;
  readonly unread: number;
}

export interface WorkerStatus {
  readonly name: string;
  readonly role: string;
  readonly answers: number;
  readonly skips: number;
  readonly flags: number;
  readonly open: number;
  /** Mean over classes of P(names k | truth is k), with a 95 % interval; null before the first answer. */
  readonly skill: number | null;
  readonly skillInterval: readonly [number, number] | null;
  /** Gold questions answered, and how many rightly. */
  readonly gold: readonly [right: number, of: number];
  /** 95 % interval of their share of right answers to gold; null without any. */
  readonly goldInterval: readonly [number, number] | null;
  readonly audits: number;
  /** Median seconds of an answer, null where unknown. */
  readonly seconds: number | null;
}

export interface Status {
  readonly state: CampaignState;
  readonly tasks: number;
  readonly gold: number;
  readonly classes: number;
  /** Answers that count, and those that no step has looked at yet. */
  readonly answers: number;
  /** Answers of models beside them, where any answers. */
  readonly modelAnswers?: number;
  readonly unread: number;
  readonly out: number;
  readonly skips: number;
  readonly flags: number;
  /** Answers that came after labels had come to stand still for an audit: kept, but no label rests on them. */
  readonly setAside: number;
  /** Audits that were answered. */
  readonly audits: number;
  /** What the audits prove so far, and how many are yet needed: at least, if they find nothing wrong, and at most. */
  readonly audit: (AuditProgress & { readonly left: { readonly low: number; readonly high: number } }) | null;
  /** The last step. */
  readonly step: StepOutcome | null;
  readonly validShare: number;
  /** What confidence means; null where it is not calibrated. */
  readonly calibration: string | null;
  /** Answers that are expected to be needed yet: least, likely, most. */
  readonly left: { readonly low: number; readonly likely: number; readonly high: number };
  /** Answers an hour, over the last thousand at most, pauses of more than ten minutes left out; null before there are two. */
  readonly pace: { readonly perHour: number } | null;
  readonly money: {
    readonly currency: string;
    /** In all, and of that for models, where any answers. */
    readonly spent: number;
    readonly models?: number;
    readonly left: { readonly low: number; readonly likely: number; readonly high: number };
  };
  readonly workers: readonly WorkerStatus[];
}

/** Audits of a rule that has no limit of its own. */
const MANY = 1000;

/** What an admin wants to know. Costs a few queries over the journal. */
export async function statusOf(campaign: StatusSource): Promise<Status> {
  const { desk, steps, db, settings, inference } = campaign;
  const { label, risk, skill, models } = await inference.labels();
  const count = (table: string): number =>
    (db.prepare(`SELECT count(*) AS n FROM ${table}`).get([]) as { n: number }).n;
  const open: number[] = [];
  for (let i = 0; i < risk.length; i++) {
    const most = settings.answersPerTask - desk.index.perItem[i]!;
    if (risk[i]! > inference.facts.riskThreshold && most > 0 && !desk.gold.has(i)) open.push(most);
  }
  const left = leftOf(campaign, open);
  const { answers } = desk;
  const { prices } = settings;
  const ofWorkers = prices.workers ?? {};
  const people = desk.workers.reduce((sum, { id, name }) => {
    const price = Object.hasOwn(ofWorkers, name) ? ofWorkers[name]! : prices.answer;
    return sum + price * desk.index.perWorker[id - 1]!;
  }, answers.gold * prices.answer);
  const spent = people + (models?.spent ?? 0) + answers.audits.count * prices.audit;
  const step = steps.outcome;
  const audit = step?.audit ? await auditOf(step.audit, inference) : null;
  const least = (audit?.left.low ?? 0) * prices.audit;
  return {
    state: campaign.state,
    tasks: desk.tasks.length,
    gold: desk.gold.size,
    classes: inference.facts.classes.length,
    answers: desk.index.live,
    ...(models ? { modelAnswers: models.answers } : {}),
    unread: campaign.unread,
    out: desk.leases.count,
    skips: count('skip'),
    flags: count('flag'),
    setAside: steps.frozen ? desk.seq - steps.upto - answers.audits.since(steps.upto) : 0,
    audits: answers.audits.count,
    audit,
    step,
    validShare: step ? step.valid / Math.max(1, label.length) : 0,
    calibration: inference.facts.calibration,
    left,
    pace: paceOf(db),
    money: {
      currency: prices.currency,
      spent,
      ...(models ? { models: models.spent } : {}),
      left: {
        low: left.low * prices.answer + least,
        likely: left.likely * prices.answer + least,
        high: left.high * prices.answer + (audit?.left.high ?? 0) * prices.audit,
      },
    },
    workers: workersOf(campaign, skill, label),
  };
}

async function auditOf(progress: AuditProgress, inference: InferenceService): Promise<NonNullable<Status['audit']>> {
  const { length: low } = progress.phase === 'end' ? [] : await inference.audits(progress.most ?? MANY);
  return { ...progress, left: { low, high: Math.max(low, progress.most ?? low) } };
}

/**
 * How many answers are still needed. At least one for each open task, at most all that the cap allows; what is likely
 * goes by how many answers a task took so far to become valid.
 */
function leftOf({ steps, desk, db }: StatusSource, open: readonly number[]): Status['left'] {
  if (steps.outcome?.stop != null || steps.outcome?.audit?.phase === 'end') return { low: 0, likely: 0, high: 0 };
  const budget = desk.rules.budget - desk.index.live;
  const high = Math.min(
    budget,
    open.reduce((sum, most) => sum + most, 0),
  );
  const low = Math.min(high, open.length);
  const first = db.prepare('SELECT annotations, valid FROM outcome ORDER BY n LIMIT 1').get([]) as
    { annotations: number; valid: number } | undefined;
  const gained = (steps.outcome?.valid ?? 0) - (first?.valid ?? 0);
  const perTask = gained > 0 ? (desk.index.live - (first?.annotations ?? 0)) / gained : high / Math.max(1, low);
  // Auditors look first: what they find decides whether more is asked.
  if (steps.frozen) return { low: 0, likely: 0, high };
  return { low, likely: Math.round(Math.min(high, Math.max(low, perTask * open.length))), high };
}

const PAUSE_MS = 600_000;

function paceOf(db: Connection): Status['pace'] {
  const rows = db.prepare('SELECT at FROM annotation ORDER BY seq DESC LIMIT 1000').all([]) as { at: number }[];
  let ms = 0;
  let steps = 0;
  for (let x = 1; x < rows.length; x++) {
    const gap = rows[x - 1]!.at - rows[x]!.at;
    if (gap < 0 || gap > PAUSE_MS) continue;
    ms += gap;
    steps++;
  }
  return ms > 0 ? { perHour: (steps * 3_600_000) / ms } : null;
}

function workersOf({ desk, db }: StatusSource, skill: Float64Array, label: Int32Array): WorkerStatus[] {
  const by = (sql: string): Map<number, number> => {
    const rows = db.prepare(sql).all([]) as { worker: number; n: number }[];
    return new Map(rows.map(({ worker, n }) => [worker, n]));
  };
  const skips = by('SELECT worker, count(*) AS n FROM skip GROUP BY worker');
  const flags = by('SELECT worker, count(*) AS n FROM flag GROUP BY worker');
  const audits = by("SELECT worker, count(DISTINCT item) AS n FROM annotation WHERE kind = 'audit' GROUP BY worker");
  return desk.workers.map(({ id, name, role }) => {
    const answers = desk.index.perWorker[id - 1]!;
    const times = db
      .prepare('SELECT ms FROM annotation WHERE worker = ? AND ms IS NOT NULL ORDER BY seq DESC LIMIT 100')
      .all([id]) as { ms: number }[];
    const gold = goldOf(desk, id);
    const p = answers + gold[1] > 0 ? (skill[id] ?? null) : null;
    return {
      name,
      role,
      answers,
      skips: skips.get(id) ?? 0,
      flags: flags.get(id) ?? 0,
      open: desk.leases.of(id).length,
      skill: p,
      skillInterval: p === null ? null : wilson(p, judged(desk, id, label) + gold[1]),
      gold,
      goldInterval: gold[1] > 0 ? wilson(gold[0] / gold[1], gold[1]) : null,
      audits: audits.get(id) ?? 0,
      seconds: median(times.map(({ ms }) => ms / 1000)),
    };
  });
}

/** Answers of a worker to tasks that have a label: what their skill rests on. */
function judged({ index }: Desk, worker: number, label: Int32Array): number {
  let n = 0;
  for (let a = index.firstOfWorker[worker - 1]!; a >= 0; a = index.nextOfWorker[a]!) {
    if (label[index.item[a]!]! >= 0) n++;
  }
  return n;
}

function goldOf(desk: Desk, worker: number): readonly [number, number] {
  let right = 0;
  let of = 0;
  for (const [item, k] of desk.gold) {
    const answer = desk.labelOf(worker, item, 'gold');
    if (!answer) continue;
    of++;
    if (answer.label === k) right++;
  }
  return [right, of];
}

/** 95 % interval of a share p of n [Wilson 1927]. */
function wilson(p: number, n: number): readonly [number, number] | null {
  if (n === 0) return null;
  const z = 1.96;
  const middle = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

function median(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
