import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, describe, expect, it } from 'vitest';
import { answerAll, cleanUp, newFolder, open } from '../crowd.fixture.js';
import { annotationLines } from '../files/export.js';
import { databaseFile } from '../open.js';
import { openDatabase } from './database.js';
import { migrations } from './schema.js';

afterEach(cleanUp);

/** A campaign as version 1 left it: twelve tasks, two people, gold, a skip, a flag, a changed answer, two questions out. */
function version1(): string {
  const folder = newFolder();
  const fixture = join(import.meta.dirname, 'version-1.fixture');
  for (const name of ['campaign.yaml', 'tasks.csv']) copyFileSync(join(fixture, name), join(folder, name));
  const db = new Database(databaseFile(folder));
  db.exec(readFileSync(join(fixture, 'campaign.sql'), 'utf8'));
  db.close();
  return folder;
}

const versionOf = (folder: string): unknown => {
  const db = new Database(databaseFile(folder));
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  db.close();
  return version;
};

describe('a database of version 1', () => {
  it('is brought up to this version with all that it holds, and goes on', async () => {
    const folder = version1();
    const before = [...annotationLines(databaseFile(folder))];
    expect(versionOf(folder)).toBe(1);
    {
      await using campaign = await open(folder);
      const status = await campaign.status();
      expect(status).toMatchObject({ tasks: 12, gold: 1, skips: 1, flags: 1, out: 2, unread: 0, audits: 0 });
      expect(status.workers.map(({ name, answers }) => [name, answers])).toEqual([
        ['ann', 5],
        ['bob', 5],
        ['person-1', 0],
      ]);
      expect([...annotationLines(databaseFile(folder))]).toEqual(before);
      const { questions } = await campaign.next('cem', 2);
      expect(questions).toHaveLength(2);
      await answerAll(campaign, ['ann', 'bob', 'cem', 'dia']);
    }
    expect(versionOf(folder)).toBe(migrations.length);
    // Whoever opens it again finds what was written since.
    await using campaign = await open(folder);
    expect((await campaign.status()).answers).toBeGreaterThan(12);
  });

  it('has the same tables afterwards as a new one', () => {
    const folder = version1();
    openDatabase(databaseFile(folder)).close();
    const fresh = openDatabase(join(newFolder(), 'campaign.db'));
    const upgraded = new Database(databaseFile(folder));
    const tables = (db: typeof upgraded): unknown =>
      db.prepare("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all([]);
    const columns = (db: typeof upgraded): unknown =>
      db
        .prepare('SELECT m.name AS t, p.* FROM sqlite_master m, pragma_table_info(m.name) p ORDER BY m.name, cid')
        .all([]);
    expect(tables(upgraded)).toEqual(tables(fresh));
    expect(columns(upgraded)).toEqual(columns(fresh));
  });

  it('is left as it was where the upgrade fails', () => {
    const folder = version1();
    const db = new Database(databaseFile(folder));
    db.exec('CREATE VIEW broken AS SELECT round FROM audit; ALTER TABLE step ADD COLUMN audit_seq INTEGER');
    db.close();
    expect(() => openDatabase(databaseFile(folder))).toThrow(/RUN_FOLDER.*duplicate column/);
    expect(versionOf(folder)).toBe(1);
  });
});

describe('a database of a later version', () => {
  it('is refused, and not touched', async () => {
    const folder = version1();
    const db = new Database(databaseFile(folder));
    db.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    db.close();
    const { size } = statSync(databaseFile(folder));
    await expect(open(folder)).rejects.toThrow(/written by a later Quorate: update Quorate/);
    expect(versionOf(folder)).toBe(migrations.length + 1);
    expect(statSync(databaseFile(folder)).size).toBe(size);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });
});
