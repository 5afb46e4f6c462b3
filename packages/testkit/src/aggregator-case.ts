import { makeRng, type AggregateRequest, type Aggregator } from '@quorate/core';
import { normalizeRows } from '@quorate/core/numbers';
import fc from 'fast-check';
import type { Make } from './setup.js';
import { must, type SuiteOptions } from './law.js';
import { anyWorld, type World, type WorldShape } from './world.js';

export interface AggregatorCapabilities extends SuiteOptions {
  /** The posterior is that of the contract's equation (and not, for instance, vote shares): compared with enumeration. */
  readonly exact?: boolean;
  /** It has `inferred`, or `absorb` too. */
  readonly infers?: boolean;
  readonly absorbs?: boolean;
  /** The only number of classes that it takes (beside 1). */
  readonly classes?: number;
  /** It refuses to work without class probabilities of a learner. */
  readonly needsPrior?: boolean;
  /** Why the order of arrival may change the result: shown in the title of the law that then leaves it out. */
  readonly arrivalMatters?: string;
}

export interface AggregatorSubject {
  readonly make: Make<Aggregator>;
  readonly capabilities: AggregatorCapabilities;
}

export type Prior = 'none' | 'float32' | 'float64';

export interface Case {
  readonly world: World;
  readonly prior: Prior;
}

/** Worlds that the aggregator can work with. */
export function anyCase({ classes, needsPrior }: AggregatorCapabilities, shape: WorldShape = {}): fc.Arbitrary<Case> {
  const K = classes === undefined ? {} : { minClasses: classes, maxClasses: classes };
  return fc.record({
    world: anyWorld({ ...shape, ...K }),
    prior: needsPrior
      ? fc.constantFrom<Prior>('float32', 'float64')
      : fc.constantFrom<Prior>('none', 'float32', 'float64'),
  });
}

/** What a learner might say: rows that sum to 1, a few entries nearly 0. */
export function priorOf({ world, prior }: Case): Float32Array | Float64Array | null {
  if (prior === 'none') return null;
  const { items, classes, seed } = world.plan;
  const rng = makeRng(`prior/${seed}`);
  const rows = Float64Array.from({ length: items * classes }, () => Math.exp(4 * rng.normal()));
  normalizeRows(rows, classes);
  return prior === 'float32' ? Float32Array.from(rows) : rows;
}

export function requestOf(one: Case): AggregateRequest {
  const { items, classes } = one.world.plan;
  const annotations = one.world.annotations();
  const posterior = new Float64Array(items * classes).fill(NaN);
  return { annotations, workers: one.world.confusions(), prior: priorOf(one), rows: 'all', posterior };
}

/** All rows of the posterior, in a fresh array. */
export function posteriorOf(aggregator: Aggregator, request: AggregateRequest): Float64Array {
  aggregator.aggregate(request);
  return request.posterior.slice();
}

export function mustBeRows(posterior: Float64Array, { annotations }: AggregateRequest, emptyRows: boolean): void {
  const { items, classes: K, perItem } = annotations;
  for (let i = 0; i < items; i++) {
    const row = Array.from(posterior.subarray(i * K, (i + 1) * K));
    const sum = row.reduce((a, b) => a + b, 0);
    const legal = row.every((p) => p >= 0 && p <= 1);
    const empty = emptyRows && perItem[i] === 0 && sum === 0;
    must(legal && (empty || Math.abs(sum - 1) <= 1e-9), () => `row ${i} is no distribution: ${row.join(', ')}`);
  }
}

export function mustBeClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number, what: string): void {
  for (let x = 0; x < want.length; x++) {
    const close = Math.abs(got[x]! - want[x]!) <= tolerance;
    must(close, () => `${what}: entry ${x} is ${got[x]}, expected ${want[x]} within ${tolerance}`);
  }
}
