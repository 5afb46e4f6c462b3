import { existsSync } from 'node:fs';
import { QuorateError, messageOf } from '@quorate/core';
import Database from 'libsql';
import { migrations } from './schema.js';

export type Connection = Database.Database;

/**
 * Opens a campaign's database and brings an older one up to this version, in one transaction. Every commit is on the
 * disk when it returns (WAL, `synchronous=FULL`); `GroupCommit` waits for the disk in its own way.
 *
 * Throws RUN_FOLDER for a file that is no database of a campaign, or one that a later version wrote.
 */
export function openDatabase(file: string): Connection {
  return guarded(file, () => {
    const db = new Database(file, { timeout: 5000 });
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL');
    db.exec('PRAGMA foreign_keys = ON');
    migrate(db, file);
    return db;
  });
}

/** Closes it; the file is then whole without the one of the write-ahead log beside it. */
export function closeDatabase(db: Connection): void {
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** A second connection, for long reads: it sees what was committed when a read began and holds nobody up. */
export function openReader(file: string): Connection {
  return guarded(file, () => {
    if (!existsSync(file)) throw new Error('no such file');
    const db = new Database(file, { timeout: 5000 });
    db.exec('PRAGMA query_only = ON');
    return db;
  });
}

function guarded(file: string, open: () => Connection): Connection {
  try {
    return open();
  } catch (thrown) {
    if (thrown instanceof QuorateError) throw thrown;
    throw new QuorateError('RUN_FOLDER', {
      where: file,
      expected: 'the database of a campaign',
      got: messageOf(thrown),
      fix: 'Restore it from a backup, or start a campaign in another folder.',
      cause: thrown,
    });
  }
}

function migrate(db: Connection, file: string): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) {
    throw new QuorateError('RUN_FOLDER', {
      where: file,
      expected: `a database of version ${migrations.length} or earlier`,
      got: `version ${version}`,
      fix: 'It was written by a later Quorate: update Quorate.',
    });
  }
  if (version === migrations.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const sql of migrations.slice(version)) db.exec(sql);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec('COMMIT');
  } catch (thrown) {
    db.exec('ROLLBACK');
    throw thrown;
  }
}
