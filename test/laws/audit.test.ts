import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openRun, type AuditReport, type RunResult } from '@quorate/engine';
import { prepare } from '@quorate/host';
import { builtins, contents, run, temporaryFolder } from './run.js';
import { root } from './sources.js';

const runs = temporaryFolder();
const without = [
  'experiment=synthetic',
  'method=ds_model',
  'dataset.itemsPerClass=60',
  'dataset.classes=6',
  'sampler.hitSize=10',
  'sampler.hitsPerStep=4',
  'sampler.maxAnnotationsPerItem=7',
  'workers.use=uniform',
  'workers.reliability=0.8',
  // Every answer is believed: the posterior is far too sure.
  'workerModel.prior=predefined_homegeneous',
  'workerModel.posCount=30',
  'workerModel.negCount=0.5',
];
/** A round that fails, more annotations of what is open again, and a round that certifies. */
const words = [...without, 'stop.use=certified', 'stop.maxError=0.1', 'stop.rounds=4', 'stop.auditBudget=250'];
const whole = join(runs, 'whole');
let report: AuditReport;

const rows = (folder: string, name: string): string[][] =>
  readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

/** Runs until `phases` phases of that name have begun, and is gone then, as a process that is killed. */
async function die(
  folder: string,
  phase: string,
  phases: number,
  { resume = false, overrides = words }: { resume?: boolean; overrides?: readonly string[] } = {},
): Promise<void> {
  const cwd = temporaryFolder();
  const prepared = await prepare({ cwd, env: process.env, overrides, builtins });
  let left = phases;
  const onPhase = (name: string): void => {
    if (name === phase && left-- === 0) throw new Error('killed');
  };
  const opened = await openRun({ prepared, folder, resume, cwd, env: process.env, clock: () => 0, onPhase });
  try {
    const steps = opened.steps();
    while (!(await steps.next()).done);
  } catch (thrown) {
    expect(thrown).toMatchObject({ message: 'killed' });
  } finally {
    await opened.dispose();
  }
}

beforeAll(async () => {
  const { result } = await run(words, whole);
  report = (result as RunResult).audit!;
});

describe('a run with audits', () => {
  it('goes back to annotation after a round that failed, and certifies then', () => {
    expect(report.rounds.map(({ certified }) => certified)).toEqual([false, true]);
    expect(report.rounds[1]!.step).toBeGreaterThan(report.rounds[0]!.step + 3);
    expect(report.truth!.coveredError).toBeLessThan(0.1);
    expect(report.truth!.eceAfter).toBeLessThan(report.truth!.eceBefore! + 0.02);
    expect(JSON.parse(readFileSync(join(whole, 'audit.json'), 'utf8'))).toEqual(report);
  });

  it('counts audits apart, corrects what they found, and marks what nothing vouches for', () => {
    const audits = rows(whole, 'audits.csv');
    const truth = new Map(audits.map(([task, label]) => [task, label]));
    expect(truth.size).toBe(report.audits);
    expect(audits).toHaveLength(report.audits);
    expect(audits.filter(([, label, , , delivered]) => label !== delivered)).toHaveLength(report.errors);
    const steps = readFileSync(join(whole, 'steps.jsonl'), 'utf8').trim().split('\n');
    const last = JSON.parse(steps.at(-1)!) as { annotations: number; audits: number };
    expect(last).toMatchObject({
      annotations: rows(whole, 'annotations.csv').length,
      audits: report.rounds[0]!.audits,
    });

    const labels = rows(whole, 'labels.csv');
    for (const [task, label, confidence, , , audited, review] of labels) {
      expect(audited).toBe(String(truth.has(task)));
      if (truth.has(task)) expect([label, confidence, review]).toEqual([truth.get(task), '1', 'false']);
    }
    expect(labels.filter((row) => row[6] === 'true')).toHaveLength(report.needsReview);
  });

  it('audits nobody twice, and asks nobody about what the expert has seen', () => {
    const seen = new Map(rows(whole, 'audits.csv').map(([task, , step]) => [task, Number(step)]));
    for (const [task, , , step] of rows(whole, 'annotations.csv')) {
      expect(Number(step)).toBeLessThanOrEqual(seen.get(task) ?? Infinity);
    }
  });

  it('does not touch the annotation before it: the same answers and steps as without', async () => {
    const plain = join(runs, 'plain');
    const { records } = await run(without, plain);
    const asked = contents(plain)['annotations.csv']!;
    expect(contents(whole)['annotations.csv']!.startsWith(asked)).toBe(true);
    expect(report.rounds[0]!.step).toBe(records.at(-1)!.step);
    expect(contents(plain)['labels.csv']!.split('\n')[0]).toBe('task,label,confidence,annotations,valid');
  });

  it('asks for the same audits whatever the truth is, until the answers differ', async () => {
    const file = join(temporaryFolder(), 'quorate.config.json');
    writeFileSync(file, JSON.stringify({ plugins: [join(root, 'test/laws/replay-plugin.ts')] }));
    const blobs = ['dataset.use=blobs', 'method=ds_model', 'sampler.hitSize=5', 'sampler.hitsPerStep=3'];
    const certified = ['workerModel.prior=predefined_homegeneous', 'stop.use=certified', 'stop.maxError=0.9'];
    const seen = join(runs, 'seen');
    await run([...blobs, ...certified, 'workers.use=uniform', 'workers.workers=12'], seen, { file });
    const replay = [
      'workers.use=replayed',
      'honesty.use=none',
      `workers.file=${join(seen, 'annotations.csv')}`,
      'dataset.shuffleTruth=true',
    ];
    const blind = join(runs, 'blind');
    await run([...blobs, ...certified, ...replay], blind, { file });
    expect(contents(blind)['annotations.csv']).toBe(contents(seen)['annotations.csv']);
    const first = (folder: string): unknown[] => rows(folder, 'audits.csv').map(([task]) => task);
    const both = Math.min(first(seen).length, first(blind).length);
    expect(both).toBeGreaterThan(0);
    expect(first(blind).slice(0, both)).toEqual(first(seen).slice(0, both));
    expect(rows(blind, 'audits.csv')).not.toEqual(rows(seen, 'audits.csv'));
  });
});

describe('a run whose labels are looked at before its end', () => {
  const looking = [...without, 'stop.use=certified', 'stop.maxError=0.3', 'stop.auditAt=[0.1,0.9]'];
  const looked = join(runs, 'looked');
  let found: RunResult;
  beforeAll(async () => {
    found = (await run(looking, looked)).result as RunResult;
  });

  it('ends as soon as all labels are certified, those open among them', () => {
    expect(found.stopped).toBe('rule');
    expect(found.audit).toMatchObject({ certified: true, needsReview: 0, labels: found.audit!.rounds[0]!.labels });
    expect(found.audit!.truth!.error).toBeLessThan(0.3);
    const steps = new Set(rows(looked, 'audits.csv').map(([, , step]) => step));
    expect(steps.size).toBe(2);
  });

  it('asks until then what it would ask without, whatever the audits found', () => {
    const asked = contents(looked)['annotations.csv']!;
    expect(contents(whole)['annotations.csv']!.startsWith(asked)).toBe(true);
    expect(asked.length).toBeLessThan(contents(whole)['annotations.csv']!.length);
    const corrected = rows(looked, 'audits.csv').filter(([, label, , , delivered]) => label !== delivered);
    expect(corrected.length).toBeGreaterThan(0);
  });

  it.each([3, 30])('is killed at audit %i and resumed, and ends in the same bytes', async (time) => {
    const folder = join(runs, `looked-${time}`);
    await die(folder, 'audit', time, { overrides: looking });
    await run(looking, folder, { resume: true });
    expect(contents(folder)).toEqual(contents(looked));
  });
});

describe('killed in the middle of an audit and resumed, it ends as one that was not', () => {
  it.each([
    ['audit', 0],
    ['audit', 1],
    ['audit', 50],
    ['audit', 107],
    ['choose', 14],
    ['audit', 109],
    ['audit', 130],
  ])('in phase %s, time %i', async (phase, time) => {
    const folder = join(runs, `killed-${phase}-${time}`);
    await die(folder, phase, time);
    expect(contents(folder)['labels.csv']).toBeUndefined();
    const asked = phase === 'audit' && time > 0 ? rows(folder, 'audits.csv') : [];
    await run(words, folder, { resume: true });
    expect(rows(folder, 'audits.csv').slice(0, asked.length)).toEqual(asked);
    expect(contents(folder)).toEqual(contents(whole));
  });

  it('again and again, without asking the expert anything twice', async () => {
    const folder = join(runs, 'often');
    await die(folder, 'audit', 20);
    for (let time = 0; time < 4; time++) await die(folder, 'audit', 45 + 10 * time, { resume: true });
    await run(words, folder, { resume: true });
    expect(contents(folder)).toEqual(contents(whole));
  });

  it('with the file of audits cut at any byte', async () => {
    const bytes = readFileSync(join(whole, 'audits.csv')).length;
    for (const cut of [0, 5, 33, 34, 60, Math.floor(bytes / 2), bytes - 40, bytes - 1]) {
      const folder = join(runs, `cut-${cut}`);
      cpSync(whole, folder, { recursive: true });
      rmSync(join(folder, 'audit.json'));
      truncateSync(join(folder, 'audits.csv'), cut);
      await run(words, folder, { resume: true });
      expect(contents(folder)).toEqual(contents(whole));
    }
  });

  it('also when it had ended', async () => {
    const folder = join(runs, 'ended');
    cpSync(whole, folder, { recursive: true });
    await run(words, folder, { resume: true });
    expect(contents(folder)).toEqual(contents(whole));
  });

  it.each([
    ['of the checkpoint', 3],
    ['behind it', 140],
  ])('but refuses audits that it did not ask for, %s', async (where, line) => {
    const folder = join(runs, `tampered ${where}`);
    cpSync(whole, folder, { recursive: true });
    const lines = readFileSync(join(folder, 'audits.csv'), 'utf8').split('\n');
    lines[line] = 'task-00000,class-0,1,1,class-0';
    writeFileSync(join(folder, 'audits.csv'), lines.join('\n'));
    await expect(run(words, folder, { resume: true })).rejects.toMatchObject({ code: 'RUN_FOLDER' });
    expect(readFileSync(join(folder, 'audits.csv'), 'utf8')).toBe(lines.join('\n'));
  });
});

describe('a run that is interrupted in the audit', () => {
  it('saves what the expert said, vouches for nothing else, and goes on from there', async () => {
    const cwd = temporaryFolder();
    const folder = join(runs, 'interrupted');
    const prepared = await prepare({ cwd, env: process.env, overrides: words, builtins });
    const abort = new AbortController();
    let audits = 0;
    const onPhase = (phase: string): void => {
      if (phase === 'audit' && ++audits === 10) abort.abort();
    };
    const opened = await openRun({ prepared, folder, resume: false, cwd, env: process.env, clock: () => 0, onPhase });
    const steps = opened.steps(abort.signal);
    let next = await steps.next();
    while (!next.done) next = await steps.next();
    await opened.dispose();
    expect(next.value).toMatchObject({ stopped: 'interrupted', audit: null });
    expect(rows(folder, 'audits.csv')).toHaveLength(10);
    expect(rows(folder, 'labels.csv').filter((row) => row[6] === 'false')).toHaveLength(10);
    await run(words, folder, { resume: true });
    expect(contents(folder)).toEqual(contents(whole));
  });
});

it('an expert who remembers, or whom nobody knows, is refused before anything is written', async () => {
  const folder = join(runs, 'nobody');
  await expect(run([...words, 'stop.expert=nobody'], folder)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect(() => contents(folder)).toThrow();
});
