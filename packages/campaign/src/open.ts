import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { QuorateError, type ClassLabel, type Plugin } from '@quorate/core';
import { Lock, type PrepareRequest } from '@quorate/host';
import { Campaign } from './campaign.js';
import { Desk } from './desk/desk.js';
import { LocalInference } from './inference/local.js';
import type { InferenceService, InferenceSetup } from './inference/service.js';
import { openDatabase, type Connection } from './journal/database.js';
import { GroupCommit } from './journal/group-commit.js';
import { Statements } from './journal/statements.js';
import { readSettings, runConfig, type Settings } from './settings.js';
import { Steps } from './steps.js';

export interface OpenCampaignOptions {
  /** Plugins that the program has imported. */
  readonly plugins?: readonly Plugin[];
  /** Plugins that come with the caller, by name. */
  readonly builtins?: PrepareRequest['builtins'];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly onNote?: (message: string) => void;
  /** Closes the campaign when it aborts. */
  readonly signal?: AbortSignal;
  /** Where inference runs: by default in this thread. */
  readonly openInference?: (setup: InferenceSetup, note: (message: string) => void) => Promise<InferenceService>;
}

const NOT_CALIBRATED =
  'Confidence is not calibrated: it is as high as if people erred independently, which they do not. ' +
  'Load @quorate/plugin-real-crowds, and leave out honesty.use=none.';

/** The file of a campaign's journal. */
export function databaseFile(folder: string): string {
  return join(folder, 'campaign.db');
}

/**
 * Opens the campaign in a folder: loads its data and parts, reads its journal and goes to where it was. Throws RUN_FOLDER
 * where there is no campaign, or another process has it open, and what `prepare` and `openParts` throw.
 */
export async function openCampaign(folder: string, options: OpenCampaignOptions = {}): Promise<Campaign> {
  const place = resolve(folder);
  const settings = readSettings(place);
  const note = options.onNote ?? (() => undefined);
  const clock = options.clock ?? (() => Date.now());
  const env = options.env ?? process.env;
  const lock = Lock.take(join(place, 'lock'), { where: place, what: 'a campaign', onNote: note });
  const database = databaseFile(place);
  let db: Connection | undefined;
  let inference: InferenceService | undefined;
  try {
    db = openDatabase(database);
    const { tasks } = db.prepare('SELECT count(*) AS tasks FROM task').get([]) as { tasks: number };
    const config = runConfig(settings, tasks);
    const { plugins: modules = [] } = options;
    const prepare = { cwd: place, env, overrides: [], builtins: options.builtins ?? [], modules, config };
    const setup = { folder: place, database, answersPerTask: settings.answersPerTask, prepare, env };
    inference = await (options.openInference ?? LocalInference.open)(setup, note);
    if (inference.facts.calibration === null) note(NOT_CALIBRATED);
    return await assemble({ place, settings, db, lock, inference, clock, signal: options.signal });
  } catch (thrown) {
    await inference?.dispose();
    db?.close();
    lock.release();
    throw thrown;
  }
}

async function assemble(given: {
  place: string;
  settings: Settings;
  db: Connection;
  lock: Lock;
  inference: InferenceService;
  clock: () => number;
  signal: AbortSignal | undefined;
}): Promise<Campaign> {
  const { place: folder, settings, db, lock, inference, clock, signal } = given;
  const statements = new Statements(db);
  const commit: GroupCommit = new GroupCommit(db, databaseFile(folder), () => desk.load());
  const { classes, taskIds, budget, seed } = inference.facts;
  await matchClasses(db, commit, classes);
  await matchTasks(db, commit, statements, taskIds, clock());
  const rules = {
    answersPerTask: settings.answersPerTask,
    overlap: settings.overlap,
    budget: budget ?? Infinity,
    goldEvery: settings.goldEvery,
    seed,
  };
  const desk: Desk = new Desk({ db, commit, write: statements }, { rules, classes: classes.length, clock });
  const steps = new Steps({ db, commit, write: statements, inference, clock });
  const campaign = new Campaign({ folder, settings, db, lock, commit, desk, steps, inference, clock });
  await steps.resume(campaign.size);
  campaign.noteAnswers(campaign.unread);
  signal?.addEventListener('abort', () => void campaign.dispose(), { once: true });
  return campaign;
}

/** The classes of the journal are those of the configuration, in the same order; new ones may follow. */
async function matchClasses(db: Connection, commit: GroupCommit, classes: readonly ClassLabel[]): Promise<void> {
  const rows = db.prepare('SELECT name FROM class ORDER BY k').all([]) as { name: string }[];
  const names = classes.map((label) => JSON.stringify(label));
  const odd = rows.findIndex(({ name }, k) => name !== names[k]);
  if (odd >= 0) {
    throw new QuorateError('RUN_FOLDER', {
      where: 'run.classes',
      expected: `${rows[odd]!.name} as class ${odd + 1}: answers in the journal refer to it`,
      got: names[odd] ?? 'fewer classes',
      fix: 'Keep the classes that are there, in their order; new ones may follow at the end.',
    });
  }
  const insert = db.prepare('INSERT INTO class(k, name) VALUES (?, ?)');
  await commit.commit(() => names.slice(rows.length).forEach((name, x) => insert.run(rows.length + x, name)));
}

/** Every task of the journal is in the data. Tasks that are new in the data are added at the end. */
async function matchTasks(
  db: Connection,
  commit: GroupCommit,
  statements: Statements,
  taskIds: readonly string[],
  now: number,
): Promise<void> {
  const rows = db.prepare('SELECT id FROM task ORDER BY item').all([]) as { id: string }[];
  const inData = new Set(taskIds);
  const missing = rows.find(({ id }) => !inData.has(id));
  if (missing) {
    throw new QuorateError('DATA_INVALID', {
      where: 'run.dataset',
      expected: 'all tasks of the campaign',
      got: `none with the id "${missing.id}"`,
      fix: 'Tasks may be added to a campaign but not taken away: bring the data back.',
    });
  }
  const known = new Set(rows.map(({ id }) => id));
  const fresh = taskIds.filter((id) => !known.has(id));
  await commit.commit(() => {
    fresh.forEach((id, x) => statements.insertTask(rows.length + x, id, 'id', '', now));
  });
}

/** A name for what goes out together. */
export function newBatch(): string {
  return randomUUID().slice(0, 8);
}
