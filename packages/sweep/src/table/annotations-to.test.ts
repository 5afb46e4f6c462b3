import type { StepRecord } from '@quorate/engine';
import { expect, it } from 'vitest';
import { annotationsTo } from './annotations-to.js';

const curve = (...points: readonly (readonly [number, number | null])[]): StepRecord[] =>
  points.map(([annotations, top1]) => {
    return { annotations, aggregate: top1 === null ? null : { all: { top1 } } } as unknown as StepRecord;
  });

it('counts from where the curve stays, not from where it first crosses', () => {
  const steps = curve([0, 0.5], [10, 0.91], [20, 0.89], [30, 0.9], [40, 0.95]);
  expect(annotationsTo(steps, 0.9)).toBe(30);
  expect(annotationsTo(steps, 0.5)).toBe(0);
});

it('is censored where the curve never gets there, or falls again, or nothing is known', () => {
  expect(annotationsTo(curve([0, 0.5], [10, 0.91], [20, 0.89]), 0.9)).toBeNull();
  expect(annotationsTo([], 0.9)).toBeNull();
  expect(annotationsTo(curve([0, null]), 0.1)).toBeNull();
});
