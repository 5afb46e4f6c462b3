import { makeRng, type Rng } from '@quorate/core';
import { auditProject, type Project, type Round } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import { AuditTest, tooManyErrors } from './audit-test.js';
import { Certified, options } from './certified.js';

const K = 5;
const TARGET = 0.05;

/** Which labels are wrong first: any; those of hard items, which are finished late; two classes, swapped. */
const kinds = ['overconfident', 'item difficulty', 'two swapped classes'] as const;

/**
 * A project with exactly `errors` wrong labels and a posterior that is far too sure of them: as sure as of the right ones,
 * or nearly so where the items are hard.
 */
function project(kind: (typeof kinds)[number], N: number, errors: number, rng: Rng, seed: number): Project {
  const truth = Array.from({ length: N }, () => rng.int(K));
  const hard = truth.map(() => rng.uniform());
  const last = (i: number): number => {
    if (kind === 'item difficulty') return hard[i]! + 0.1 * rng.uniform();
    return (kind === 'two swapped classes' && truth[i]! < 2 ? 1 : 0) + rng.uniform();
  };
  const keys = truth.map((_, i) => last(i));
  const byError = truth.map((_, i) => i).sort((a, b) => keys[b]! - keys[a]!);
  const wrong = new Set(byError.slice(0, errors));
  const label = truth.map((k, i) => (wrong.has(i) ? (k < 2 ? 1 - k : (k + 1) % K) : k));
  const difficult = kind === 'item difficulty';
  const finished = hard.map((h) => (difficult && h > 0.8 ? 2 : 1));
  const risk = hard.map((h) => (difficult ? 0.12 * h : 0.001));
  // At a look before the end as many are wrong, others.
  const early = truth.map((k, i) => (wrong.has((i + errors) % N) ? (k + 1) % K : k));
  return { truth, label, early, finished, risk, corrected: difficult ? 0.3 : 0, seed };
}

function audit(errorsOf: (N: number, rng: Rng) => number, runs: number, N: number, given: object = {}): Round[][] {
  const rule = new Certified(options.parse(given), K);
  return Array.from({ length: runs }, (_, run) => {
    const rng = makeRng(`certified/${run}`);
    return auditProject(rule, project(kinds[run % kinds.length]!, N, errorsOf(N, rng), rng, run), K);
  });
}

const limit = (runs: number): number => 0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs);
const certifies = (rounds: Round[]): boolean => rounds.at(-1)!.verdict.certified;
const falsely = (rounds: Round[]): boolean => rounds.some(({ falselyCertified }) => falselyCertified);

/** Did a bound of some round miss the share of labels that were wrong before the round? */
function missed(rounds: Round[], truth: readonly number[]): boolean {
  return rounds.some(({ verdict: { covers, bound }, request: { label } }) => {
    const about = [...covers.keys()].filter((i) => covers[i] === 1);
    return about.filter((i) => label[i] !== truth[i]).length > bound * about.length + 1e-9;
  });
}

describe('1,000 simulated runs', () => {
  it('where one label too many is wrong, at most 5 % certify, whatever the posterior and the order of finishing', () => {
    const runs = audit((N) => tooManyErrors(N, TARGET), 1000, 600, { auditBudget: 400 });
    expect(runs.filter(falsely).length / 1000).toBeLessThanOrEqual(limit(1000));
    // Nor is it merely shy.
    expect(runs.filter(falsely).length).toBeGreaterThan(5);
  });

  it('so too where the labels are looked at before the end, and the audits kept for the looks that follow', () => {
    const given = { auditBudget: 400, auditAt: [0.5, 0.9, 0.95] };
    const runs = audit((N) => tooManyErrors(N, TARGET), 400, 600, given);
    expect(runs.filter(falsely).length / 400).toBeLessThanOrEqual(limit(400));
  });

  it('of those that certify, at most 5 % are worse than the target; the bound covers in 95 %', () => {
    const errors = (N: number, rng: Rng): number => Math.round(N * 0.1 * rng.uniform());
    const truths = Array.from({ length: 1000 }, (_, run) => {
      const rng = makeRng(`certified/${run}`);
      return project(kinds[run % 3]!, 600, errors(600, rng), rng, run).truth;
    });
    const runs = audit(errors, 1000, 600, { auditBudget: 300 });
    const certified = runs.filter(certifies);
    expect(certified.length).toBeGreaterThan(200);
    expect(certified.filter(falsely).length / certified.length).toBeLessThanOrEqual(limit(certified.length));
    const misses = runs.filter((rounds, run) => missed(rounds, truths[run]!)).length;
    expect(misses / 1000).toBeLessThanOrEqual(limit(1000));
  });
});

describe('what a certificate of 5 % at 95 % costs', () => {
  it.each([
    [0, 100],
    [0.01, 150],
    [0.02, 260],
  ])('N = 5,000, true error %d: a median of at most %i audits', (share, most) => {
    const audits = audit((N) => Math.round(share * N), 101, 5000)
      .map((rounds) => (certifies(rounds) ? rounds.reduce((sum, { asked }) => sum + asked.length, 0) : Infinity))
      .sort((a, b) => a - b);
    expect(audits[50]).toBeLessThanOrEqual(most);
  });
});

describe('pooling what is newly finished, step by step', () => {
  it('certifies falsely nearly always; auditing in an order drawn beforehand does not', () => {
    const [N, steps, perStep, runs] = [1000, 10, 30, 200];
    const wave = N / steps;
    const m = tooManyErrors(N, TARGET);
    const test = new AuditTest(N);
    let pooled = 0;
    for (let run = 0; run < runs; run++) {
      const rng = makeRng(`pooled/${run}`);
      // The easy items are finished first: the errors are among the last three tenths.
      let [S, t] = [0, 0];
      let certified = false;
      for (let step = 0; step < steps && !certified; step++) {
        const wrong = step < steps - 3 ? 0 : m / 3;
        for (const item of rng.choose(wave, perStep)) {
          t++;
          if (item < wrong) S++;
          certified ||= test.logEvidence(m, S, t) >= Math.log(20);
        }
      }
      if (certified) pooled++;
    }
    expect(pooled / runs).toBeGreaterThan(0.9);

    const late = (run: number): Project => {
      const label = Array.from({ length: N }, (_, i) => (i >= N - m ? 1 : 0));
      const finished = label.map((_, i) => 1 + Math.floor(i / wave));
      return {
        truth: label.map(() => 0),
        label,
        early: label,
        finished,
        risk: label.map(() => 0),
        corrected: 0,
        seed: run,
      };
    };
    const rule = new Certified(options.parse({ rounds: 10, auditBudget: 300 }), K);
    const ours = Array.from({ length: runs }, (_, run) => auditProject(rule, late(run), K));
    expect(ours.filter(falsely).length / runs).toBeLessThanOrEqual(limit(runs));
  });
});
