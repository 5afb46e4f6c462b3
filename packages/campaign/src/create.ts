import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { QuorateError } from '@quorate/core';
import { Inputs, Lock, makeFolder, replaceFile } from '@quorate/host';
import { closeDatabase, openDatabase, openReader, type Connection } from './journal/database.js';
import { Statements, type TaskRow } from './journal/statements.js';
import { databaseFile } from './open.js';
import { isCampaign, parseSettings, settingsFile, settingsText, type Settings } from './settings.js';

export type NewTask = Omit<TaskRow, 'item'>;

export interface CreateCampaignRequest {
  /** Made where it is not there; must hold no other campaign. */
  readonly folder: string;
  /** What differs from the defaults; `run` is the configuration of the run. */
  readonly settings: Partial<Settings> & Pick<Settings, 'run'>;
  /** How tasks are shown. Those of the data that are not named here are shown by their id. */
  readonly tasks?: Iterable<NewTask>;
  /** Known labels hidden among the questions: number of the class in `run.classes`, by task id. */
  readonly gold?: ReadonlyMap<string, number>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Makes a campaign: `campaign.yaml` and an empty journal. Nothing of the data is read. */
export function createCampaign({ folder, settings, tasks = [], gold = new Map(), now }: CreateCampaignRequest): void {
  if (isCampaign(folder)) {
    throw new QuorateError('OUTPUT_TAKEN', {
      where: folder,
      expected: 'a folder without a campaign',
      got: 'one that has a campaign',
      fix: 'Go on with it (quorate campaign next, quorate serve), or name another --out.',
    });
  }
  const foreign = existsSync(folder)
    ? readdirSync(folder).filter((name) => /^(run\.json|checkpoint|campaign\.db)/.test(name))
    : [];
  if (foreign.length > 0) {
    throw new QuorateError('OUTPUT_TAKEN', {
      where: folder,
      expected: 'a folder that holds neither a run nor a part of a campaign',
      got: foreign.join(', '),
      fix: 'Name another --out.',
    });
  }
  const text = settingsText(settings);
  parseSettings(settings, settingsFile(folder));
  makeFolder(folder);
  const db = openDatabase(databaseFile(folder));
  try {
    const write = new Statements(db);
    db.exec('BEGIN IMMEDIATE');
    const classes = Array.isArray(settings.run['classes']) ? (settings.run['classes'] as unknown[]) : [];
    classes.forEach((label, k) => db.prepare('INSERT INTO class(k, name) VALUES (?, ?)').run(k, JSON.stringify(label)));
    addTasks(write, tasks, 0, now);
    const insert = db.prepare('INSERT INTO gold(item, label) SELECT item, ? FROM task WHERE id = ?');
    for (const [id, label] of gold) insert.run(label, id);
    db.exec('COMMIT');
  } finally {
    closeDatabase(db);
  }
  // The last file: a folder without it is no campaign.
  replaceFile(settingsFile(folder), text, new Inputs());
}

/** Throws DATA_INVALID unless all tasks of the campaign are among these. */
export function checkAllThere(folder: string, ids: ReadonlySet<string>): void {
  const db = openReader(databaseFile(folder));
  try {
    checkTasks(db, folder, ids);
  } finally {
    db.close();
  }
}

function checkTasks(db: Connection, folder: string, ids: ReadonlySet<string>): readonly string[] {
  const known = (db.prepare('SELECT id FROM task ORDER BY item').all([]) as { id: string }[]).map(({ id }) => id);
  const gone = known.find((id) => !ids.has(id));
  if (gone === undefined) return known;
  throw new QuorateError('DATA_INVALID', {
    where: folder,
    expected: 'all tasks of the campaign, and new ones',
    got: `none with the id "${gone}"`,
    fix: 'Tasks may be added to a campaign but not taken away: bring it back.',
  });
}

/**
 * Adds the tasks that a campaign does not have yet, at the end. The campaign must not be open.
 * @returns how many are new. Throws DATA_INVALID where tasks of the campaign are not among `tasks`, which are all of them.
 */
export function addToCampaign(folder: string, tasks: readonly NewTask[], now: number): number {
  const request = { where: folder, what: 'a campaign', onNote: () => undefined };
  const lock = Lock.take(join(folder, 'lock'), request);
  const db = openDatabase(databaseFile(folder));
  try {
    const known = checkTasks(db, folder, new Set(tasks.map(({ id }) => id)));
    const there = new Set(known);
    const fresh = tasks.filter(({ id }) => !there.has(id));
    db.exec('BEGIN IMMEDIATE');
    addTasks(new Statements(db), fresh, known.length, now);
    db.exec('COMMIT');
    return fresh.length;
  } finally {
    closeDatabase(db);
    lock.release();
  }
}

function addTasks(write: Statements, tasks: Iterable<NewTask>, first: number, now: number): void {
  let item = first;
  for (const { id, kind, content } of tasks) write.insertTask(item++, id, kind, content, now);
}
