import { describe, expect, it } from 'vitest';
import type { Beliefs } from '@quorate/core';
import { infer } from './infer.js';
import { smallRun } from './setting.fixture.js';
import { countValid } from './valid.js';

const believing = (change: Partial<Beliefs>) => ({
  optimizer: {
    step: () => ({
      posterior: Float64Array.from({ length: 12 }, (_, x) => (x % 2 === 0 ? 0.9 : 0.1)),
      risk: new Float64Array(6).fill(0.1),
      workers: { probability: new Float64Array(20).fill(0.5) } as unknown as Beliefs['workers'],
      learner: null,
      iterations: 1,
      converged: true,
      ...change,
    }),
  },
});
const inferred = (change: Partial<Beliefs>) => {
  const { parts, setting, journal } = smallRun(believing(change));
  return infer(parts, setting, journal, 3);
};

describe('infer', () => {
  it('measures what would be delivered', async () => {
    const { record } = await inferred({});
    expect(record).toMatchObject({ step: 3, annotations: 0, annotationsPerItem: 0, labelled: 0, learner: null });
    expect(record.aggregate).toMatchObject({ all: { top1: 0.5, correct: 3, incorrect: 3 } });
    expect(record).not.toHaveProperty('audits');
    expect(record).not.toHaveProperty('declined');
  });

  it('a task is valid at the threshold itself', async () => {
    expect((await inferred({})).record).toMatchObject({ valid: 6, validShare: 1 });
    expect(countValid(Float64Array.of(0, 0.1, 0.1 + 1e-15, 1), 0.1)).toBe(2);
  });

  it('does not measure against a truth that nobody knows', async () => {
    const { parts, setting, journal } = smallRun(believing({}), { truth: null });
    expect((await infer(parts, setting, journal, 0)).record.aggregate).toBeNull();
  });

  it.each<[string, Partial<Beliefs>]>([
    ['a posterior that is too short', { posterior: new Float64Array(10) }],
    ['a posterior with NaN', { posterior: new Float64Array(12).fill(Number.NaN) }],
    ['a posterior whose rows sum to 1.1', { posterior: new Float64Array(12).fill(0.55) }],
    ['a negative probability', { posterior: Float64Array.from({ length: 12 }, (_, x) => (x % 2 ? 1.1 : -0.1)) }],
    ['a risk that is no probability', { risk: new Float64Array(6).fill(1.5) }],
    [
      'a learner whose rows sum to 1.1',
      { learner: { probability: new Float32Array(12).fill(0.55), includesOwnAnswers: false } },
    ],
  ])('refuses %s', async (_, change) => {
    await expect(inferred(change)).rejects.toMatchObject({ code: 'PART_FAILED' });
  });

  it('refuses a metric that is no number, by its name', async () => {
    const odd = smallRun({ ...believing({}), metrics: new Map([['odd', { measure: () => Number.NaN }]]) });
    await expect(infer(odd.parts, odd.setting, odd.journal, 0)).rejects.toMatchObject({
      code: 'PART_FAILED',
      detail: { where: expect.stringContaining('metric "odd"') as string },
    });
  });
});
