import { createHash } from 'node:crypto';
import { QuorateError, nearest, type AnswerTable } from '@quorate/core';
import type { Campaign } from '../campaign.js';
import type { WorkerRow } from '../journal/statements.js';

export interface AddRequest {
  readonly table: AnswerTable;
  /** As the user named the file, and the SHA-256 of its bytes. */
  readonly name: string;
  readonly hash: string;
  /** Leave out answers about tasks and labels that the campaign does not have, instead of refusing the file. */
  readonly skipUnknown: boolean;
  /** Whoever answered is an auditor. Answers of those who are known as auditors are audits in any case. */
  readonly audits?: boolean;
}

/** What became of a file. */
export interface Added {
  readonly name: string;
  /** ISO time at which the same file was added before; null for a new one. */
  readonly before: string | null;
  readonly answers: number;
  /** Answers that are new, audits among them, that replace an earlier one of the same worker, and that were there already. */
  readonly added: number;
  readonly audits: number;
  readonly changed: number;
  readonly repeated: number;
  /** Answers that are older than the one that counts. */
  readonly older: number;
  readonly skips: number;
  readonly unknown: number;
  readonly newWorkers: number;
}

/**
 * Takes the answers of a file into the journal: all of them or, where anything is wrong, none. Of several answers of one
 * worker to one task the last one counts. The same file again, or a longer one that holds it, adds only what is new.
 *
 * Throws ANSWERS_INVALID for answers about tasks or with labels that the campaign does not have, unless `skipUnknown`.
 */
export async function addAnswers(campaign: Campaign, request: AddRequest): Promise<Added> {
  const { table, name, hash } = request;
  const known = campaign.db.prepare('SELECT at FROM file WHERE hash = ?').get([hash]) as { at: number } | undefined;
  const nothing = {
    name,
    answers: 0,
    added: 0,
    audits: 0,
    changed: 0,
    repeated: 0,
    older: 0,
    skips: 0,
    unknown: 0,
    newWorkers: 0,
  };
  if (known) return { ...nothing, before: isoOf(known.at) };
  const { items, labels, unknown } = translate(campaign, request);
  const workersBefore = campaign.desk.workers.length;
  const file = nextFile(campaign);
  const tally = { added: 0, audits: 0, changed: 0, repeated: 0, older: 0, skips: 0 };
  const joined: WorkerRow[] = [];
  let answers = 0;
  // From here on nothing waits: everything is in one transaction.
  const saved: Promise<unknown>[] = [
    campaign.commit(() =>
      campaign.db
        .prepare('INSERT INTO file(id, hash, name, at, answers, added) VALUES (?, ?, ?, ?, ?, 0)')
        .run(file, hash, name, campaign.clock(), table.count),
    ),
  ];
  const workerOf = (j: number): WorkerRow => {
    if (joined[j]) return joined[j];
    const id = table.workerIds[j]!;
    if (!campaign.desk.worker(id)) saved.push(campaign.desk.addWorker(id, request.audits ? 'auditor' : 'worker'));
    return (joined[j] = campaign.desk.worker(id)!);
  };
  for (let a = 0; a < table.count; a++) {
    const item = items[table.item[a]!]!;
    const given = table.label[a]!;
    const label = given < 0 ? -1 : labels[given]!;
    if (item < 0 || (given >= 0 && label < 0)) continue;
    answers++;
    const { id: worker, role } = workerOf(table.worker[a]!);
    const audit = request.audits === true || role === 'auditor';
    if (label < 0) {
      const { fresh, saved: skipped } = campaign.desk.recordSkip(worker, item, 'skipped');
      if (fresh) tally.skips++;
      saved.push(skipped);
      continue;
    }
    const at = timeOf(table.time?.[a]);
    if (at !== undefined && isOlder(campaign, worker, item, audit, at)) {
      tally.older++;
      continue;
    }
    const seconds = table.seconds?.[a] ?? NaN;
    const ms = Number.isFinite(seconds) ? Math.round(1000 * seconds) : null;
    const { outcome, saved: stored } = campaign.desk.record({
      worker,
      item,
      label,
      ms,
      file,
      audit,
      ...(at ? { at } : {}),
    });
    if (audit && outcome === 'stored') tally.audits++;
    tally[outcome === 'stored' ? 'added' : outcome === 'changed' ? 'changed' : 'repeated']++;
    saved.push(stored);
  }
  const fresh = tally.added + tally.changed;
  saved.push(campaign.commit(() => campaign.db.prepare('UPDATE file SET added = ? WHERE id = ?').run(fresh, file)));
  await Promise.all(saved);
  campaign.noteAnswers(fresh);
  const newWorkers = campaign.desk.workers.length - workersBefore;
  return { name, before: null, answers, ...tally, unknown, newWorkers };
}

/** Items and classes of the campaign for those of the table, -1 for unknown ones, which are counted in answers. */
function translate(campaign: Campaign, { table, name, skipUnknown }: AddRequest) {
  const { itemOf } = campaign.desk;
  const classOf = new Map(campaign.classes.map((label, k) => [String(label), k]));
  const ids = idsOf(table);
  const items = Int32Array.from(ids, (id) => itemOf.get(id) ?? -1);
  const labels = Int32Array.from(table.classes, (label) => classOf.get(String(label)) ?? -1);
  let unknown = 0;
  let task: string | undefined;
  let label: string | undefined;
  for (let a = 0; a < table.count; a++) {
    const noTask = items[table.item[a]!]! < 0;
    const noLabel = table.label[a]! >= 0 && labels[table.label[a]!]! < 0;
    if (noTask) task ??= ids[table.item[a]!]!;
    if (noLabel) label ??= String(table.classes[table.label[a]!]!);
    if (noTask || noLabel) unknown++;
  }
  if (unknown > 0 && !skipUnknown) {
    const what = task === undefined ? 'label' : 'task';
    const got = (task ?? label)!;
    const all = task === undefined ? classOf.keys() : itemOf.keys();
    // The nearest of 200,000 ids is not worth the wait.
    const near = task === undefined || itemOf.size < 20_000 ? nearest(got, all) : undefined;
    throw new QuorateError('ANSWERS_INVALID', {
      where: name,
      expected: `answers about the ${what}s of this campaign`,
      got: `the ${what} "${got}"${unknown > 1 ? ` (${unknown} answers are of that kind)` : ''}`,
      fix: `${near === undefined ? '' : `Did you mean "${near}"? `}Nothing was stored; --skip-unknown leaves such answers out.`,
    });
  }
  return { items, labels, unknown };
}

/** Ids of the tasks as the campaign knows them: a tool with ids of its own has ours in the data of its tasks. */
function idsOf({ taskIds, origin }: AnswerTable): readonly string[] {
  const data = (origin?.context as { data?: unknown } | null | undefined)?.data;
  if (!(data instanceof Map)) return taskIds;
  return taskIds.map((id) => {
    const ours = (data.get(id) as { quorate_task?: unknown } | undefined)?.quorate_task;
    return typeof ours === 'string' ? ours : id;
  });
}

/** SHA-256 of what a table says: the same rows have it in any format. */
export function fingerprint({ taskIds, workerIds, classes, count, item, worker, label, time }: AnswerTable): string {
  const hash = createHash('sha256').update(JSON.stringify([taskIds, workerIds, classes, time]));
  for (const column of [item, worker, label]) hash.update(new Uint8Array(column.slice(0, count).buffer));
  return hash.digest('hex');
}

function isOlder({ desk, db }: Campaign, worker: number, item: number, audit: boolean, at: number): boolean {
  const now = desk.labelOf(worker, item, desk.kindOf(item, audit));
  if (!now) return false;
  const row = db.prepare('SELECT at FROM annotation WHERE seq = ?').get([now.seq]) as { at: number } | undefined;
  return row !== undefined && row.at > at;
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const at = Date.parse(text);
  return Number.isFinite(at) && at > 0 ? at : undefined;
}

function nextFile({ db }: Campaign): number {
  return (db.prepare('SELECT coalesce(max(id), 0) + 1 AS id FROM file').get([]) as { id: number }).id;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
