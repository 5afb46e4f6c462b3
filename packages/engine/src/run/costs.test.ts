import { expect, it } from 'vitest';
import { Costs } from './costs.js';
import { smallRun } from './setting.fixture.js';

const answers = (worker: readonly number[]) => ({
  count: worker.length,
  item: Int32Array.from(worker, (_, a) => a),
  worker: Int32Array.from(worker),
  label: new Int32Array(worker.length),
});

it('counts answers by the price of whoever gave them, and audits', () => {
  const { parts, journal } = smallRun();
  const costs = new Costs({ answer: 0.1, audit: 2, currency: 'EUR', workers: { w01: 0.5, toString: 9 } }, 10);
  expect(costs.spent(parts, journal)).toEqual({ total: 0, people: 0 });
  journal.collect(answers([0, 1, 1, 2]), 1);
  expect(costs.spent(parts, journal)).toEqual({ total: 1.2, people: 1.2 });
  expect(costs.spent({ audits: { ...parts.audits, count: 3 } }, journal)).toEqual({
    total: 7.2,
    people: 1.2,
    audits: 6,
  });
  expect([costs.budget, costs.currency, new Costs(null, null).budget]).toEqual([10, 'EUR', Infinity]);
});
