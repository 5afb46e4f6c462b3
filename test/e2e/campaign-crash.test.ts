import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCampaign, databaseFile } from '@quorate/campaign';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { root, workplace } from './cli.js';

const TASKS = 400;
/** How often the process is killed; CAMPAIGN_KILLS=50 for a long look. */
const KILLS = Number(process.env['CAMPAIGN_KILLS'] ?? 3);

/** Runs twenty people until the process is killed after `ms`, or they are done. @returns what was acknowledged. */
async function work(folder: string, seed: number, ms: number): Promise<readonly string[]> {
  const script = join(root, 'test/e2e/campaign-crash.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder, String(seed)], { cwd: root });
  let [out, errors] = ['', ''];
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    // From the first answer on: before that there is nothing to lose.
    timer ??= setTimeout(() => child.kill('SIGKILL'), ms);
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await new Promise((done) => child.on('close', done));
  clearTimeout(timer);
  expect(errors).toBe('');
  return out.split('\n').slice(0, -1);
}

describe('a campaign that is killed again and again', () => {
  it('loses no answer that was acknowledged, counts none twice and keeps its caps', { timeout: 600_000 }, async () => {
    const folder = workplace();
    const ids = Array.from({ length: TASKS }, (_, i) => `t${i}`);
    writeFileSync(join(folder, 'tasks.csv'), `id\n${ids.join('\n')}\n`);
    const dataset = { use: 'files', labels: 'tasks.csv' };
    const run = { classes: ['a', 'b', 'c'], dataset, method: 'quorate', learner: { use: 'none' } };
    const tasks = ids.map((id) => ({ id, kind: 'id' as const, content: '' }));
    createCampaign({ folder, settings: { run, answersPerTask: 3, overlap: 2 }, tasks, now: 0 });
    const acknowledged: string[] = [];
    for (let kill = 0; kill < KILLS; kill++)
      acknowledged.push(...(await work(folder, kill, 20 + ((kill * 137) % 300))));
    const db = new Database(databaseFile(folder));
    const all = <R>(sql: string): R[] => db.prepare(sql).all([]) as R[];
    const rows = all<{ lease: number; item: number; name: string; class: string }>(
      `SELECT lease, item, worker.name AS name, class.name AS class FROM annotation
       JOIN worker ON worker.id = worker JOIN class ON class.k = label`,
    );
    const stored = new Set(rows.map((row) => `stored ${row.lease} ${row.item} ${row.name} ${JSON.parse(row.class)}`));
    const said = acknowledged.filter((line) => line.startsWith('stored'));
    expect(said.length).toBeGreaterThan(KILLS);
    expect(said.filter((line) => !stored.has(line))).toEqual([]);
    expect(new Set(said).size).toBe(said.length);
    expect(stored.size).toBe(rows.length);
    expect(all('SELECT item, worker FROM annotation GROUP BY item, worker HAVING count(*) > 1')).toEqual([]);
    const most = all<{ n: number }>(
      `SELECT count(*) AS n FROM (
         SELECT item, worker FROM annotation UNION SELECT item, worker FROM lease WHERE state = 'open') GROUP BY item`,
    );
    expect(Math.max(...most.map(({ n }) => n))).toBeLessThanOrEqual(3);
    const strange = all(
      `SELECT * FROM lease LEFT JOIN annotation ON annotation.lease = lease.id
       WHERE (state = 'answered') <> (annotation.seq IS NOT NULL)`,
    );
    expect(strange).toEqual([]);
    expect(all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    db.close();
  });
});
