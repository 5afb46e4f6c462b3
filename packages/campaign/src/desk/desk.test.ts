import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase, type Connection } from '../journal/database.js';
import { GroupCommit } from '../journal/group-commit.js';
import { Statements } from '../journal/statements.js';
import { Desk, type DeskRules } from './desk.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const usual: DeskRules = { answersPerTask: 2, overlap: 1, budget: Infinity, goldEvery: 0, seed: 1 };

interface Office {
  readonly desk: Desk;
  readonly db: Connection;
  now: number;
  /** Another desk over the same journal, as after a restart. */
  again(): Desk;
}

async function open(rules: Partial<DeskRules> = {}, tasks = 3, workers = 3): Promise<Office> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-desk-'));
  folders.push(folder);
  const db = openDatabase(join(folder, 'campaign.db'));
  for (let k = 0; k < 3; k++) db.prepare('INSERT INTO class VALUES (?, ?)').run(k, `"c${k}"`);
  const write = new Statements(db);
  for (let i = 0; i < tasks; i++) write.insertTask(i, `t${i}`, 'id', '', 0);
  const commit: GroupCommit = new GroupCommit(db, join(folder, 'campaign.db'), () => office.desk.load());
  const make = (): Desk =>
    new Desk({ db, commit, write }, { rules: { ...usual, ...rules }, classes: 3, clock: () => office.now });
  const office: Office = { db, now: 1000, again: make, desk: null as unknown as Desk };
  Object.assign(office, { desk: make() });
  for (let j = 0; j < workers; j++) await office.desk.addWorker(`w${j}`);
  return office;
}

const counted = (desk: Desk): unknown => ({
  live: desk.index.live,
  perItem: [...desk.index.perItem],
  perWorker: [...desk.index.perWorker.subarray(0, desk.index.workers)],
  answers: Array.from({ length: desk.index.items }, (_, i) =>
    desk.workers.map(({ id }) => desk.labelOf(id, i, 'ask')?.label ?? null),
  ),
  leases: desk.workers.map(({ id }) => desk.leases.of(id).map(({ id }) => id)),
  seq: desk.seq,
});

describe('the desk', () => {
  it('stores an answer once: the same again is a repeat, another one a conflict, another worker a stranger', async () => {
    const { desk } = await open();
    const lease = await desk.grant(1, 0, 'ask', { ms: 100 });
    const twice = await Promise.all([0, 1].map(() => desk.submit({ worker: 1, lease: lease.id, label: 2 })));
    expect(twice).toEqual(['stored', 'repeat']);
    expect(await desk.submit({ worker: 1, lease: lease.id, label: 2 })).toBe('repeat');
    expect(await desk.submit({ worker: 1, lease: lease.id, label: 1 })).toBe('conflict');
    expect(await desk.submit({ worker: 2, lease: lease.id, label: 2 })).toBe('foreign');
    expect(await desk.submit({ worker: 2, lease: 99, label: 2 })).toBe('unknown');
    expect(desk.index.live).toBe(1);
  });

  it('keeps a late answer and marks it, and gives the task to others meanwhile', async () => {
    const office = await open({ answersPerTask: 1 });
    const { desk } = office;
    const lease = await desk.grant(1, 0, 'ask', { ms: 100 });
    expect(desk.may(2, 0)).toBe(false);
    office.now += 101;
    desk.expire();
    expect(desk.may(2, 0)).toBe(true);
    const other = await desk.grant(2, 0, 'ask', { ms: 100 });
    expect(await desk.submit({ worker: 1, lease: lease.id, label: 2 })).toBe('stored');
    expect(await desk.submit({ worker: 2, lease: other.id, label: 2 })).toBe('stored');
    const late = office.db.prepare('SELECT worker, late FROM annotation ORDER BY seq').all([]);
    expect(late).toEqual([
      { worker: 1, late: 1 },
      { worker: 2, late: 0 },
    ]);
    expect(desk.may(3, 0)).toBe(false);
  });

  it('changes and takes back answers by later entries, and lets the worker answer again', async () => {
    const { desk, db } = await open();
    const lease = await desk.grant(1, 0, 'ask', { ms: 100 });
    await desk.submit({ worker: 1, lease: lease.id, label: 2 });
    expect(await desk.change({ worker: 1, lease: lease.id, label: 1 })).toBe('stored');
    expect(desk.labelOf(1, 0, 'ask')?.label).toBe(1);
    expect(await desk.change({ worker: 1, lease: lease.id, label: null })).toBe('stored');
    expect(desk.index.live).toBe(0);
    const again = await desk.grant(1, 0, 'ask', { ms: 100 });
    expect(again.id).toBe(lease.id);
    expect(await desk.submit({ worker: 1, lease: lease.id, label: 0 })).toBe('stored');
    expect(db.prepare('SELECT seq, label, supersedes FROM annotation').all([])).toEqual([
      { seq: 1, label: 2, supersedes: null },
      { seq: 2, label: 1, supersedes: 1 },
      { seq: 3, label: null, supersedes: 2 },
      { seq: 4, label: 0, supersedes: 3 },
    ]);
  });

  it('skips for good', async () => {
    const { desk } = await open();
    const lease = await desk.grant(1, 0, 'ask', { ms: 100 });
    expect(await desk.skip(2, lease.id, 'other')).toBe('foreign');
    expect(await desk.skip(1, lease.id, 'broken')).toBe('stored');
    expect(await desk.skip(1, lease.id, 'broken')).toBe('repeat');
    expect(desk.may(1, 0)).toBe(false);
    expect(desk.may(2, 0)).toBe(true);
    expect(desk.leases.count).toBe(0);
  });

  it('asks gold about once in g questions, at an offset of each worker, outside caps and answers', async () => {
    const { desk, db } = await open({ goldEvery: 4 }, 60, 3);
    for (let i = 50; i < 60; i++) db.prepare('INSERT INTO gold VALUES (?, 0)').run(i, 0);
    desk.load();
    const places: number[][] = [];
    for (const worker of desk.workers) {
      const mine: number[] = [];
      let next = 0;
      for (let q = 0; q < 16; q++) {
        const gold = desk.goldDue(worker);
        if (gold !== undefined) mine.push(q);
        while (!desk.may(worker.id, next)) next++;
        const lease = await desk.grant(worker.id, gold ?? next, gold === undefined ? 'ask' : 'gold', { ms: 9 });
        await desk.submit({ worker: worker.id, lease: lease.id, label: 0 });
      }
      places.push(mine);
    }
    for (const mine of places) {
      expect(mine).toHaveLength(4);
      for (let x = 1; x < 4; x++) expect(mine[x]! - mine[x - 1]!).toBe(4);
    }
    expect(desk.index.live).toBe(36);
    expect(desk.isFree(50)).toBe(false);
  });

  it('rejects what could not be written and is as the journal is afterwards', async () => {
    const { desk, db } = await open();
    const lease = await desk.grant(1, 0, 'ask', { ms: 100 });
    db.exec("CREATE TEMP TRIGGER full BEFORE INSERT ON annotation BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    await expect(desk.submit({ worker: 1, lease: lease.id, label: 2 })).rejects.toThrow(/WRITE_FAILED.*disk full/);
    expect(desk.index.live).toBe(0);
    db.exec('DROP TRIGGER full');
    expect(await desk.submit({ worker: 1, lease: lease.id, label: 2 })).toBe('stored');
  });

  it('is the same desk after a restart, whatever was done, and passes no cap', async () => {
    const act = fc.record({
      what: fc.constantFrom('grant', 'submit', 'change', 'back', 'skip', 'record', 'wait'),
      worker: fc.integer({ min: 1, max: 3 }),
      item: fc.nat(3),
      label: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const office = await open({ answersPerTask: 2, overlap: 2 }, 4);
        const { desk } = office;
        const ids = new Map<string, number>();
        let external = 0;
        for (const { what, worker, item, label } of acts) {
          const lease = ids.get(`${worker} ${item}`) ?? 77;
          if (what === 'grant' && desk.may(worker, item)) {
            ids.set(`${worker} ${item}`, (await desk.grant(worker, item, 'ask', { ms: 50 })).id);
          }
          if (what === 'submit') await desk.submit({ worker, lease, label });
          if (what === 'change') await desk.change({ worker, lease, label });
          if (what === 'back') await desk.change({ worker, lease, label: null });
          if (what === 'skip') await desk.skip(worker, lease, 'other');
          if (what === 'record') {
            const { saved } = desk.record({ worker, item, label });
            external++;
            await saved;
          }
          if (what === 'wait') {
            office.now += 30;
            desk.expire();
          }
          // Answers that are late or come from outside are kept whatever the cap says.
          const { n: late } = office.db.prepare('SELECT count(*) AS n FROM annotation WHERE late = 1').get([]) as {
            n: number;
          };
          for (let i = 0; i < 4; i++) {
            expect(desk.index.perItem[i]! + desk.leases.ofItem(i)).toBeLessThanOrEqual(2 + external + late);
            expect(desk.index.perItem[i]!).toBeLessThanOrEqual(3);
          }
        }
        await desk.flag(1, 0, 'a note');
        expect(counted(office.again())).toEqual(counted(desk));
        office.db.close();
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});
