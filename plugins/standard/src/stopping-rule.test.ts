import type { StoppingRule } from '@quorate/core';
import { buildComponent, describeStoppingRule, stopRequest } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import { goldenFiles, hasGolden, readGolden, whySkipped } from './golden.fixture.js';
import budget from './stopping-rule-budget.js';
import earlyStop, { EarlyStop } from './stopping-rule-early-stop.js';
import risk from './stopping-rule-risk.js';

describeStoppingRule('risk', buildComponent(risk));
describeStoppingRule('early_stop', buildComponent(earlyStop));
describeStoppingRule('budget', buildComponent(budget, { options: { annotations: 4000, perItem: 2.5 } }));

interface Case {
  readonly hit_size: number;
  readonly n_hits_per_step: number;
  readonly n_data: number;
  readonly num_valid: readonly number[];
  readonly n_annotation: readonly number[];
  readonly stop: readonly boolean[];
}

/** The definition as it stands, over the whole history. */
function byDefinition(valid: readonly number[], annotations: number, items: number, perStep: number): boolean {
  const window = Math.max(Math.floor(5000 / perStep), 5);
  if (valid.length <= window || annotations < items / 2) return false;
  return !valid.slice(-window).includes(Math.max(...valid));
}

const requests = ({ n_data: items, hit_size, n_hits_per_step, num_valid, n_annotation }: Case) =>
  num_valid.map((valid, call) =>
    stopRequest({ valid, items, annotations: n_annotation[call]!, annotationsPerStep: hit_size * n_hits_per_step }),
  );

describe('early_stop', () => {
  it.skipIf(!hasGolden)(`agrees with the reference implementation${whySkipped}`, () => {
    expect(goldenFiles('early_stop')).not.toEqual([]);
    for (const name of goldenFiles('early_stop')) {
      for (const one of readGolden<{ cases: Case[] }>(name).cases) {
        const rule = new EarlyStop();
        expect(requests(one).map((request) => rule.stop(request) !== null)).toEqual(one.stop);
      }
    }
  });

  it('agrees with its definition on ups, downs and plateaus, and goes on the same after a restart', () => {
    for (let seed = 0; seed < 50; seed++) {
      const valid: number[] = [];
      let rule = new EarlyStop();
      for (let call = 0; call < 40; call++) {
        valid.push((seed * 7 + call * (seed % 5) - (call * call * (seed % 3)) / 10) | 0);
        const annotations = call * 600;
        const request = { valid: valid.at(-1)!, items: 6000 + 500 * (seed % 9), annotations, annotationsPerStep: 600 };
        const stops = rule.stop(stopRequest(request)) !== null;
        expect(stops).toBe(byDefinition(valid, annotations, request.items, 600));
        const state = rule.snapshot();
        rule = new EarlyStop();
        rule.restore(state);
      }
    }
  });

  it('says since when the number has not grown', () => {
    const rule = new EarlyStop();
    const ask = (valid: number) =>
      rule.stop(stopRequest({ valid, items: 10, annotations: 10, annotationsPerStep: 5000 }));
    expect(ask(9)).toBeNull();
    for (let call = 0; call < 4; call++) expect(ask(8)).toBeNull();
    expect(ask(8)).toContain('at its maximum, 9, 5 steps ago');
  });
});

describe('budget', () => {
  const says = (options: object, annotations: number): boolean => {
    const parsed = budget.options.parse(options);
    const rule = budget.create?.(parsed) as StoppingRule;
    return rule.stop(stopRequest({ valid: 0, items: 40, annotations, annotationsPerStep: 30 })) !== null;
  };

  it('ends the run at the first step that has the annotations, by number or per task, whichever is less', () => {
    for (const annotations of [0, 30, 59, 60, 90, 99, 100, 150]) {
      expect(says({ annotations: 60 }, annotations)).toBe(annotations >= 60);
      expect(says({ perItem: 2.5 }, annotations)).toBe(annotations >= 100);
      expect(says({ annotations: 60, perItem: 2.5 }, annotations)).toBe(annotations >= 60);
      expect(says({ annotations: 150, perItem: 2.5 }, annotations)).toBe(annotations >= 100);
    }
  });

  it.each([{}, { annotations: 0 }, { perItem: 0 }, { perItem: Number.NaN }, { annotations: 2.5 }])(
    'refuses %j',
    (options) => expect(budget.options.safeParse(options).success).toBe(false),
  );
});
