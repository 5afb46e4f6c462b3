import { describe, expect, it } from 'vitest';
import { makeRng, type AuditRequest, type Beliefs } from '@quorate/core';
import { referenceAuditingRule, referenceSimulator } from '@quorate/testkit';
import { asInferred, type DeliveredBeliefs } from '../run/delivered.js';
import { smallRun } from '../run/setting.fixture.js';
import { noAudits } from './audits.js';
import { Auditor } from './auditor.js';
import type { AuditLog } from './log.js';

/** Sure of class 0 for every task but those that are left out. */
function sureOf(wrong: number): DeliveredBeliefs {
  const { truth } = smallRun();
  const posterior = new Float64Array(12);
  truth.classOf.forEach((k, i) => (posterior[2 * i + (i < wrong ? 1 - k : k)] = 1));
  return asInferred({
    posterior,
    risk: new Float64Array(6),
    workers: { probability: new Float64Array(20).fill(0.5) } as unknown as Beliefs['workers'],
    learner: null,
    iterations: 1,
    converged: true,
  });
}

function auditing(seed = 1, calibrated = false, rule = referenceAuditingRule()) {
  const { setting, truth } = smallRun({}, { rng: makeRng(seed) });
  const asked: number[] = [];
  const log = { recorded: () => undefined, append: ({ item }: { item: number }) => asked.push(item) };
  const expert = referenceSimulator(truth, 2, 1, 1);
  const auditor = new Auditor(rule.auditing!, expert, setting, { calibrated, expertRng: () => makeRng(0) });
  const request = { step: 1, look: null, log: log as unknown as AuditLog, signal: undefined };
  return { auditor, asked, request, truth };
}

describe('audits', () => {
  it('look when exactly the share that the rule names is valid, and once', () => {
    const right = referenceAuditingRule();
    const rule = { ...right, auditing: { ...right.auditing!, looks: [0.5, 1] } };
    const { auditor } = auditing(1, false, rule);
    const half = sureOf(0);
    half.risk.set([0.9, 0.9, 0.9]);
    expect([auditor.beginLook(half), auditor.beginLook(half)]).toEqual([1, null]);
    half.risk.fill(0);
    expect(auditor.beginLook(half)).toBe(2);
  });

  it('certify labels of which none is wrong', async () => {
    const { auditor, asked, request } = auditing();
    const { next, verdict } = await auditor.rule(sureOf(0), request);
    expect(next).toBe('end');
    expect(verdict).toMatchObject({ certified: true });
    const { report, review } = auditor.deliver(sureOf(0), verdict);
    expect(report).toMatchObject({ certified: true, audits: asked.length, errors: 0, truth: { error: 0 } });
    expect([...review!.needsReview]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('correct what they find wrong, ask again after a failed round, and vouch for nothing after the last', async () => {
    const { auditor, asked, request, truth } = auditing();
    expect(await auditor.rule(sureOf(6), request)).toMatchObject({ next: 'ask' });
    expect(asked).toHaveLength(1);
    const seen = auditor.disclose(sureOf(6));
    expect(seen.posterior[2 * asked[0]! + truth.classOf[asked[0]!]!]).toBe(1);
    const { next, verdict } = await auditor.rule(sureOf(6), request);
    expect(next).toBe('end');
    const { label, review, report } = auditor.deliver(sureOf(6), verdict);
    expect(report).toMatchObject({ certified: false, audits: 2, errors: 2, needsReview: 4 });
    for (const item of asked) {
      expect(label[item]).toBe(truth.classOf[item]);
      expect([review!.audited[item], review!.needsReview[item]]).toEqual([1, 0]);
    }
  });

  it('say nothing to other parts before there is a verdict', async () => {
    const { auditor, request } = auditing();
    const beliefs = sureOf(6);
    const stopped = new AbortController();
    stopped.abort();
    expect(await auditor.rule(beliefs, { ...request, signal: stopped.signal })).toEqual({ next: 'interrupted' });
    expect(auditor.disclose(beliefs)).toBe(beliefs);
    expect(auditor.deliver(beliefs).report).toBeNull();
  });

  it('go on from a snapshot as if nothing had happened', async () => {
    const [whole, cut] = [auditing(3), auditing(3)];
    await whole.auditor.rule(sureOf(1), whole.request);
    const second = auditing(3);
    await cut.auditor.rule(sureOf(1), cut.request);
    second.auditor.restore(JSON.parse(JSON.stringify(cut.auditor.snapshot())) as never);
    expect(second.auditor.snapshot()).toEqual(whole.auditor.snapshot());
    expect([...second.auditor.correct(sureOf(1)).posterior]).toEqual([...whole.auditor.correct(sureOf(1)).posterior]);
  });

  it('disclose what the expert said once a round is over', async () => {
    const { auditor, asked, request, truth } = auditing();
    expect(auditor.disclosed().item).toHaveLength(0);
    await auditor.rule(sureOf(6), request);
    const { item, label } = auditor.disclosed();
    expect([...item]).toEqual(asked);
    expect([...label]).toEqual(asked.map((i) => truth.classOf[i]));
  });

  it('keep certified labels where the calibration would now change them, and say how sure it is of them', async () => {
    const { auditor, asked, request, truth } = auditing(1, true);
    const { verdict } = await auditor.rule(sureOf(0), request);
    expect(verdict?.certified).toBe(true);
    const { posterior } = sureOf(6);
    const changed = { ...sureOf(0), posterior: posterior.map((p) => 0.2 + 0.6 * p) };
    const { label, beliefs } = auditor.deliver(changed, verdict);
    expect([...label]).toEqual([...truth.classOf]);
    label.forEach((_, i) => expect(beliefs.risk[i]).toBeCloseTo(asked.includes(i) ? 0 : 0.8));
  });

  it('leave the posterior to the calibration, where there is one', async () => {
    const rule = referenceAuditingRule();
    const softening = {
      ...rule.auditing!,
      audit: (request: AuditRequest) => {
        const ruling = rule.auditing!.audit(request);
        return typeof ruling === 'object' && ruling ? { ...ruling, recalibration: { power: 1, mix: 0.2 } } : ruling;
      },
    };
    for (const calibrated of [true, false]) {
      const { auditor, asked, request } = auditing(1, calibrated, { ...rule, auditing: softening });
      const { verdict } = await auditor.rule(sureOf(6), request);
      const { report } = auditor.deliver(sureOf(6), verdict);
      if (report) expect(report.recalibration.mix).toBe(calibrated ? 0 : 0.2);
      const other = [0, 1, 2, 3, 4, 5].find((i) => !asked.includes(i))!;
      const { risk } = auditor.correct(sureOf(6));
      expect(risk[other] === 0).toBe(calibrated);
    }
  });

  it('that only check labels need no review of what calibrated confidence vouches for', async () => {
    const rule = referenceAuditingRule();
    const checking = { ...rule, auditing: { ...rule.auditing!, certifies: false } };
    const { auditor, asked, request } = auditing(1, true, checking);
    await auditor.rule(sureOf(6), request);
    const given = { ...sureOf(6), risk: Float64Array.of(0.05, 0.5, 0.05, 0.5, 0.05, 0.5) };
    const posterior = given.posterior.map((p, x) => (p === 1 ? 1 - given.risk[x >> 1]! : given.risk[x >> 1]!));
    const { review } = auditor.deliver({ ...given, posterior });
    review!.needsReview.forEach((one, i) => expect(one).toBe(i % 2 === 1 && !asked.includes(i) ? 1 : 0));
  });

  it('are none where no rule audits: beliefs are delivered as they are', async () => {
    const beliefs = sureOf(1);
    expect(noAudits.correct(beliefs)).toBe(beliefs);
    expect(noAudits.deliver(beliefs)).toMatchObject({ beliefs, review: null, report: null });
    expect([...noAudits.deliver({ ...beliefs, risk: new Float64Array(6).fill(1) }).label]).toEqual(Array(6).fill(-1));
    expect(await noAudits.rule(beliefs, auditing().request)).toEqual({ next: 'end' });
  });
});
