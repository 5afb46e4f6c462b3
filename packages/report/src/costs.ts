import { annotationsTo } from '@quorate/sweep';
import { median } from './statistics.js';
import type { Study } from './study.js';

/** What it costs to reach an accuracy, over the runs of one condition. */
export interface Cost {
  readonly panel: string;
  readonly series: string;
  readonly target: number;
  readonly runs: number;
  /** Runs that reach it and stay. */
  readonly reached: number;
  /**
   * Median over all runs, those that never reach it being above all others; null where that is no number: then it is more than
   * `moreThan`.
   */
  readonly median: number | null;
  readonly low: number | null;
  /** Null where a run never gets there. */
  readonly high: number | null;
  /** The most that a run which never got there had; null where all do. */
  readonly moreThan: number | null;
}

/** Annotations to each target. A run that never gets there is censored: it is counted, never dropped. */
export function costsOf({ panels, series, runs }: Study, targets: readonly number[]): Cost[] {
  return panels.flatMap((panel) =>
    series.flatMap((name) => {
      const mine = runs.filter((run) => run.panel === panel && run.series === name && run.status === 'done');
      const known = mine.filter(({ steps }) => steps.at(-1)?.aggregate);
      if (known.length === 0) return [];
      return targets.map((target): Cost => {
        const needs = known.map(({ steps }) => annotationsTo(steps, target) ?? Infinity);
        const finite = needs.filter(Number.isFinite);
        const middle = median(needs);
        const ends = known.flatMap(({ steps }, r) => (needs[r] === Infinity ? [steps.at(-1)!.annotations] : []));
        return {
          panel,
          series: name,
          target,
          runs: known.length,
          reached: finite.length,
          median: Number.isFinite(middle) ? middle : null,
          low: finite.length > 0 ? Math.min(...finite) : null,
          high: finite.length === known.length ? Math.max(...finite) : null,
          moreThan: ends.length > 0 ? Math.max(...ends) : null,
        };
      });
    }),
  );
}

/** `1,240 (1,100 – 1,400)`, `> 3,000 (2 of 5 reached)`. */
export function costText({ median: middle, low, high, runs, reached, moreThan }: Cost): string {
  const number = (x: number): string => Math.round(x).toLocaleString('en-US');
  if (middle === null) return `> ${number(moreThan!)} (${reached} of ${runs} reached)`;
  if (runs === 1) return number(middle);
  if (high === null) return `${number(middle)} (${reached} of ${runs} reached)`;
  return `${number(middle)} (${number(low!)} – ${number(high)})`;
}
