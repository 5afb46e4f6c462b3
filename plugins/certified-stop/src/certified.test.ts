import { type AuditRequest, type Verdict } from '@quorate/core';
import { buildComponent, describePlugin, describeStoppingRule } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import component, { Certified, options } from './certified.js';
import plugin from './index.js';

describePlugin(plugin);
describeStoppingRule('certified', buildComponent(component), { audits: true, runs: 30 });
describeStoppingRule(
  'certified, four rounds',
  buildComponent(component, { options: { rounds: 4, maxError: 0.2, confidence: 0.8, auditBudget: 90 } }),
  { audits: true, runs: 30 },
);

const rule = (given: object = {}): Certified => new Certified(options.parse(given), 2);

/** All labels are class 0; item i is audited as wrong where `wrong` says so. Order 0, 1, 2, ... */
function request(N: number, audited: number, wrong: (item: number) => boolean, more: Partial<AuditRequest> = {}) {
  return {
    look: null,
    round: 1,
    order: Int32Array.from({ length: N }, (_, i) => i),
    label: new Int32Array(N),
    risk: new Float64Array(N),
    riskThreshold: 0.1,
    posterior: Float64Array.from({ length: 2 * N }, (_, x) => 1 - (x % 2)),
    audits: Array.from({ length: audited }, (_, item) => ({
      ...{ item, label: wrong(item) ? 1 : 0, delivered: 0, round: 1, step: 3 },
    })),
    ...more,
  };
}

/** The verdict, and after how many audits. */
function verdictOf(N: number, wrong: (item: number) => boolean, given: object = {}): [number, Verdict] {
  for (let audited = 0; ; audited++) {
    const ruling = rule(given).audit(request(N, audited, wrong))!;
    if (typeof ruling === 'object') return [audited, ruling];
    expect(ruling).toBe(audited);
  }
}

describeStoppingRule('certified, three looks', buildComponent(component, { options: { auditAt: [0.99, 0.5, 0.9] } }), {
  audits: true,
  runs: 30,
});

describe('certified', () => {
  it('spends its confidence over the rounds, the most of it on the first', () => {
    for (const rounds of [1, 2, 3, 20]) {
      let spent = 0;
      for (let round = 1; round <= rounds; round++) {
        const given = request(0, 0, () => false, { round });
        const { confidence } = rule({ rounds }).audit(given) as Verdict;
        spent += 1 - confidence;
        if (rounds === 1) expect(confidence).toBeCloseTo(0.95, 12);
      }
      expect(spent).toBeCloseTo(0.05, 12);
    }
  });

  it('certifies 5,000 right labels with 86 audits, or 93 when a second round is kept in reserve', () => {
    expect(verdictOf(5000, () => false, { rounds: 1 })).toMatchObject([86, { certified: true, goOn: false }]);
    expect(verdictOf(5000, () => false)).toMatchObject([93, { certified: true }]);
  });

  it('asks no expert for what the budget cannot certify any more, and leaves the rest to the next round', () => {
    const [audits, verdict] = verdictOf(5000, (i) => i % 6 === 0);
    expect(verdict).toMatchObject({ certified: false, goOn: true });
    expect(audits).toBeLessThan(150);
    expect(verdictOf(5000, (i) => i % 6 === 0, { rounds: 1 })[1].goOn).toBe(false);
    // Spent to the last audit: another round could prove nothing.
    const [all, last] = verdictOf(5000, (i) => i === 90 || i === 92, { auditBudget: 95 });
    expect([all <= 95, last.certified, last.goOn]).toEqual([true, false, false]);
  });

  it('bounds the share of wrong labels at every verdict, certified or not', () => {
    for (const every of [3, 20, 40, 1000]) {
      const [audits, { bound }] = verdictOf(1000, (i) => i % every === 0);
      expect(bound).toBeGreaterThanOrEqual(Math.ceil(audits / every) / 1000);
      expect(bound).toBeLessThan(1);
    }
  });

  it('covers all labels at first, then those that are valid and were not audited', () => {
    const audits = request(10, 3, () => true).audits;
    const label = Int32Array.from({ length: 10 }, (_, i) => (i === 9 ? -1 : 0));
    const risk = Float64Array.from({ length: 10 }, (_, i) => (i === 5 ? 0.3 : 0.05));
    const given = { label, risk, audits };
    const covered = (round: number, before: AuditRequest['audits']): number[] => {
      const { covers } = rule({ auditBudget: 3, maxError: 0.9 }).audit(
        request(10, 0, () => false, { ...given, round, audits: before }),
      ) as Verdict;
      return [...covers.keys()].filter((i) => covers[i] === 1);
    };
    expect(covered(1, audits)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(covered(2, audits)).toEqual([3, 4, 6, 7, 8]);
  });

  it('ends at once where there is nothing to certify', () => {
    for (const N of [0, 1]) {
      const none = request(N, 0, () => false, { label: new Int32Array(N).fill(-1) });
      expect(rule().audit(none)).toMatchObject({ certified: false, goOn: false, bound: 1 });
    }
  });

  it('has every label audited where there are so few', () => {
    expect(verdictOf(1, () => false)).toMatchObject([1, { certified: true, bound: 0 }]);
    expect(verdictOf(1, () => true)).toMatchObject([1, { certified: false, bound: 1 }]);
    expect(verdictOf(10, () => false)).toMatchObject([10, { certified: true, bound: 0 }]);
  });

  it('in a look certifies all labels, or lets the workers be asked on, with its part of the budget', () => {
    const looking = rule({ auditAt: [0.95], rounds: 1 });
    const at = (look: number | null, audited: number, wrong: (item: number) => boolean, label = new Int32Array(5000)) =>
      looking.audit(request(5000, audited, wrong, { look, label }));
    // One of two tries at half the level.
    expect(at(1, 103, () => false)).toMatchObject({ certified: true, goOn: false, confidence: 0.95 });
    expect(at(1, 50, () => false)).toBe(50);
    const everyTenth = (i: number): boolean => i % 10 === 0;
    expect(at(1, 40, everyTenth)).toBeNull();
    expect(at(null, 40, everyTenth)).toBe(40);
    // The workers have corrected what was wrong: the same audits prove more.
    const corrected = Int32Array.from({ length: 5000 }, (_, i) => (everyTenth(i) ? 1 : 0));
    expect(at(null, 110, everyTenth, corrected)).toMatchObject({ certified: true });
    expect(at(null, 110, everyTenth)).not.toMatchObject({ certified: true });
  });

  it('refuses a budget that could certify nothing, before anybody is asked', () => {
    expect(() => rule({ auditBudget: 92 }).check({ items: 5000 })).toThrow(/CONFIG_INVALID.*at least 93/);
    expect(() => rule({ auditBudget: 93 }).check({ items: 5000 })).not.toThrow();
    expect(() => rule({ maxError: 0.001 }).check({ items: 5000 })).toThrow('CONFIG_INVALID');
    expect(() => rule({ maxError: 0.001 }).check({ items: 400 })).not.toThrow();
  });

  it.each([
    { maxError: 0 },
    { maxError: 1 },
    { maxError: Number.NaN },
    { confidence: 1 },
    { confidence: 0 },
    { auditBudget: 0 },
    { rounds: 0 },
  ])('refuses %j', (given) => expect(options.safeParse(given).success).toBe(false));
});
