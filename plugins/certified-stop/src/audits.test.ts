import { buildComponent, describeStoppingRule } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import { makeRng, type Audit, type AuditRequest } from '@quorate/core';
import audits, { Audits } from './audits.js';

describeStoppingRule('audits', buildComponent(audits, { options: { audits: 6, rounds: 3 } }), {
  audits: true,
  runs: 30,
});

const N = 20;
function request(round: number, given: readonly Audit[]): AuditRequest {
  const risk = new Float64Array(N).fill(0.5);
  const label = new Int32Array(N);
  label[7] = -1;
  const order = makeRng(1).permutation(N);
  const posterior = new Float64Array(2 * N).fill(0.5);
  return { look: null, round, order, label, risk, riskThreshold: 0.1, posterior, audits: given };
}

describe('audits', () => {
  const rule = new Audits({ audits: 10, rounds: 4, expert: 'perfect' }, 2);

  it('asks for a part of its audits in each round, in the order, and never for a task without a label', () => {
    const given: Audit[] = [];
    const perRound: number[] = [];
    for (let round = 1; round <= 4; round++) {
      let asked = 0;
      for (;;) {
        const ruling = rule.audit(request(round, given));
        if (typeof ruling === 'object') {
          expect(ruling).toMatchObject({ certified: false, goOn: round < 4 });
          expect(ruling.covers.reduce((a, b) => a + b)).toBe(asked);
          break;
        }
        expect(ruling).not.toBe(7);
        asked++;
        given.push({ item: ruling, label: 1, delivered: 0, round, step: 1 });
      }
      perRound.push(asked);
    }
    expect(perRound).toEqual([3, 2, 3, 2]);
    const { order } = request(1, []);
    expect(given.map(({ item }) => item)).toEqual([...order].filter((i) => i !== 7).slice(0, 10));
  });

  it('ends where no task is left', () => {
    const all = Array.from({ length: N }, (_, item): Audit => ({ item, label: 0, delivered: 0, round: 1, step: 1 }));
    expect(rule.audit(request(1, all))).toMatchObject({ goOn: false });
  });
});
