import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { QuorateError, messageOf } from '@quorate/core';
import { Inputs, giveName, makeFolder, removeFiles, replaceFile } from '@quorate/host';
import Database from 'libsql';
import { closeDatabase, openDatabase, openReader } from './journal/database.js';
import { databaseFile } from './open.js';
import { parseSettings, readSettings, settingsFile } from './settings.js';
import { parse } from 'yaml';

/** What a campaign makes again by itself, or has no use for elsewhere. */
const LEFT_OUT = /^(campaign\.db|checkpoint|lock|making\.)/;
/** Larger files are data that is somewhere else already. */
const LARGEST = 256 * 2 ** 20;
const TABLE = 'backup_file';

const COUNTING = `SELECT count(*) AS answers FROM annotation
  WHERE label IS NOT NULL AND seq NOT IN (SELECT supersedes FROM annotation WHERE supersedes IS NOT NULL)`;

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  /** Files of the campaign that are in the backup, and those that are too large for it: keep these yourself. */
  readonly files: readonly string[];
  readonly leftOut: readonly string[];
}

/**
 * Writes the journal as it is at this moment, with the settings and data files beside it, into one file: an SQLite database. The
 * campaign may be open elsewhere meanwhile; nobody waits. A file of that name is replaced once the backup is whole.
 */
export function backUpCampaign(folder: string, file: string): BackupReport {
  readSettings(folder);
  const making = `${file}.making`;
  removeFiles(making, `${making}-journal`);
  const db = openReader(databaseFile(folder));
  db.exec('PRAGMA query_only = OFF');
  try {
    db.prepare('VACUUM INTO ?').run(making);
  } catch (cause) {
    throw failed(file, cause);
  } finally {
    db.close();
  }
  const [files, leftOut]: [string[], string[]] = [[], []];
  const copy = new Database(making);
  try {
    copy.exec(`CREATE TABLE ${TABLE}(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT`);
    const insert = copy.prepare(`INSERT INTO ${TABLE} VALUES (?, ?)`);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isFile() || LEFT_OUT.test(entry.name)) continue;
      const path = join(folder, entry.name);
      if (statSync(path).size > LARGEST) leftOut.push(entry.name);
      else {
        insert.run(entry.name, readFileSync(path));
        files.push(entry.name);
      }
    }
  } catch (cause) {
    throw failed(file, cause);
  } finally {
    copy.close();
  }
  giveName(making, file, new Inputs());
  return { file, bytes: statSync(file).size, files: files.sort(), leftOut: leftOut.sort() };
}

/**
 * Makes a campaign's folder out of a backup. Throws OUTPUT_TAKEN for a folder with anything in it, DATA_INVALID for a file that
 * is no whole backup, RUN_FOLDER for one that a later version wrote.
 */
export function restoreCampaign(
  file: string,
  folder: string,
): { readonly files: readonly string[]; readonly answers: number } {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new QuorateError('OUTPUT_TAKEN', {
      where: folder,
      expected: 'a folder that is empty, or not there yet',
      got: 'one with files in it',
      fix: 'Name another --out.',
    });
  }
  const rows = filesOf(file);
  makeFolder(folder);
  const backup = new Database(file);
  try {
    backup.prepare('VACUUM INTO ?').run(databaseFile(folder));
  } finally {
    backup.close();
  }
  const db = openDatabase(databaseFile(folder));
  const { answers } = db.prepare(COUNTING).get([]) as {
    answers: number;
  };
  db.exec(`DROP TABLE ${TABLE}`);
  closeDatabase(db);
  // The settings are last: a folder without them is no campaign.
  const last = settingsFile('');
  const inOrder = rows.toSorted((a, b) => Number(a.name === last) - Number(b.name === last));
  for (const { name, bytes } of inOrder) replaceFile(join(folder, name), new Uint8Array(bytes), new Inputs());
  return { files: rows.map(({ name }) => name).sort(), answers };
}

function filesOf(file: string): readonly { readonly name: string; readonly bytes: ArrayBuffer }[] {
  const settings = settingsFile('');
  try {
    if (!existsSync(file)) throw new Error('no such file');
    const db = openReader(file);
    try {
      const [check] = db.prepare('PRAGMA quick_check').all([]) as { quick_check: string }[];
      if (check?.quick_check !== 'ok') throw new Error(check?.quick_check ?? 'damage');
      const rows = db.prepare(`SELECT name, bytes FROM ${TABLE}`).all([]) as { name: string; bytes: ArrayBuffer }[];
      const odd = rows.find(({ name }) => /[/\\]|^\.+$/.test(name) || LEFT_OUT.test(name));
      if (odd) throw new Error(`a file called "${odd.name}"`);
      const text = rows.find(({ name }) => name === settings);
      if (!text) throw new Error(`no ${settings} in it`);
      parseSettings(parse(new TextDecoder().decode(text.bytes)), `${settings} in ${file}`);
      return rows;
    } finally {
      db.close();
    }
  } catch (thrown) {
    if (thrown instanceof QuorateError && thrown.code === 'CONFIG_INVALID') throw thrown;
    throw new QuorateError('DATA_INVALID', {
      where: file,
      expected: 'a backup that "quorate campaign backup" wrote',
      got: messageOf(thrown),
      fix: 'Name the backup, or an older one.',
      cause: thrown,
    });
  }
}

function failed(file: string, cause: unknown): QuorateError {
  return new QuorateError('WRITE_FAILED', {
    where: file,
    expected: 'to write the backup',
    got: messageOf(cause),
    fix: 'The campaign is as it was. Make room, or name another --out.',
    cause,
  });
}
