import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditReport } from '@quorate/engine';
import { contents, lines, quorate, start, workplace } from './cli.js';

const home = workplace();
const small = ['run', 'experiment=synthetic', 'method=ds_model', 'dataset.separation=6', 'stop.use=certified'];

describe('quorate run stop.use=certified', () => {
  it('certifies MNIST, and prints bound, audits, verdict and what it assumes', async () => {
    const { status, stdout, stderr } = await quorate(home, [
      ...['run', 'stop.use=certified', 'stop.maxError=0.05', 'stop.confidence=0.95', 'budget=6000'],
      ...['--out', 'mnist'],
    ]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/Certified: at most 5 % of 9,900 labels\s+are wrong, with 95 % confidence\./);
    expect(stdout).toMatch(/The expert audited \d+ tasks/);
    expect(stdout).toMatch(/at most 5\.0 % were wrong/);
    expect(stdout).toContain('Assumes that the expert (perfect) is right');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines(home, 'mnist', 'labels.csv')[0]).toBe('task,label,confidence,annotations,valid,audited,needs_review');
    expect(lines(home, 'mnist', 'audits.csv')[0]).toBe('task,label,step,round,delivered');
  });

  it('gives all of it with --json', async () => {
    const { status, stdout } = await quorate(home, [...small, 'stop.maxError=0.3', '--out', 'json', '--json']);
    expect(status).toBe(0);
    const end = JSON.parse(stdout.trim().split('\n').at(-1)!) as { audit: AuditReport; last: { annotations: number } };
    expect(end.audit).toMatchObject({ certified: true, maxError: 0.3, confidence: 0.95 });
    expect(end.audit.bound).toBeLessThanOrEqual(0.3);
    expect(lines(home, 'json', 'audits.csv')).toHaveLength(end.audit.audits + 1);
    expect(lines(home, 'json', 'annotations.csv')).toHaveLength(end.last.annotations + 1);
    expect(JSON.parse(lines(home, 'json', 'audit.json').join('\n'))).toEqual(end.audit);
  });

  it.each([
    ['stop.maxError=0', 'stop.maxError'],
    ['stop.confidence=1', 'stop.confidence'],
    ['stop.auditBudget=20', 'stop.auditBudget'],
    ['stop.expert=nobody', 'stop.expert'],
  ])('refuses %s before anything is asked', async (word, where) => {
    const { status, stderr } = await quorate(home, [...small, word, '--out', 'refused']);
    expect(status).toBe(2);
    expect(stderr).toContain('CONFIG_INVALID');
    expect(stderr).toContain(where);
    expect(existsSync(join(home, 'refused'))).toBe(false);
  });
});

describe('kill -9 in the middle of an audit', () => {
  it('loses no audit, asks none twice, and ends in the bytes of a run that was never killed', async () => {
    // A certificate that takes hundreds of audits: time enough to be killed in.
    const words = [...small, 'dataset.itemsPerClass=100', 'stop.maxError=0.2', 'stop.confidence=0.999999999999'];
    const long = [...words, 'stop.auditBudget=1000', 'stop.rounds=1'];
    expect((await quorate(home, [...long, '--out', 'whole'])).status).toBe(0);
    const whole = lines(home, 'whole', 'audits.csv');
    expect(whole.length).toBeGreaterThan(100);
    const audits = join(home, 'killed', 'audits.csv');
    let kills = 0;
    for (const atLeast of [1, 20, 60]) {
      const { child, ended } = start(home, [...long, '--out', 'killed', '--resume']);
      const asked = (): number => (existsSync(audits) ? lines(audits).length : 0);
      while (child.exitCode === null && asked() <= atLeast) await new Promise((resolve) => setTimeout(resolve, 1));
      child.kill('SIGKILL');
      if ((await ended).status === null) kills++;
      expect(whole.slice(0, asked() - 1)).toEqual(lines(audits).slice(0, -1));
    }
    expect(kills).toBeGreaterThan(0);
    expect((await quorate(home, [...long, '--out', 'killed', '--resume'])).status).toBe(0);
    expect(contents(join(home, 'killed'))).toEqual(contents(join(home, 'whole')));
  });
});
