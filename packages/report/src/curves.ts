import type { StepRecord } from '@quorate/engine';
import { spreadOf, spreadWords, type Spread } from './statistics.js';
import type { Study, StudyRun } from './study.js';

export type Figure = (record: StepRecord) => number | null;

export interface CurvePoint extends Spread {
  readonly annotations: number;
}

/** The runs of one series in one panel, on one axis of annotations. */
export interface Curve {
  readonly panel: string;
  readonly series: string;
  readonly runs: number;
  /** What middle and band are. */
  readonly words: string;
  readonly points: readonly CurvePoint[];
  /** Every run by itself. */
  readonly lines: readonly { readonly id: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** Most points of a curve: more cannot be told apart on paper. */
const MOST_POINTS = 120;

/**
 * Curves of a figure of `steps.jsonl` against annotations. Between two steps a run has the figure of the earlier one. A curve ends
 * where the shortest of its runs ends: beyond, its middle would be that of other runs.
 */
export function curvesOf({ panels, series, runs }: Study, figure: Figure): Curve[] {
  return panels.flatMap((panel) =>
    series.flatMap((name): Curve[] => {
      const lines = runs
        .filter((run) => run.panel === panel && run.series === name && run.status === 'done')
        .map((run) => ({ id: run.id, points: pointsOf(run, figure) }))
        .filter(({ points }) => points.length > 0);
      if (lines.length === 0) return [];
      const end = Math.min(...lines.map(({ points }) => points.at(-1)![0]));
      const begin = Math.max(...lines.map(({ points }) => points[0]![0]));
      const axis = [...new Set(lines.flatMap(({ points }) => points.map(([at]) => at)))]
        .filter((at) => at >= begin && at <= end)
        .sort((a, b) => a - b);
      const points = thinned(axis).map((annotations) => ({
        annotations,
        ...spreadOf(lines.map((line) => valueAt(line.points, annotations)!)),
      }));
      const words = spreadWords(lines.length);
      return [
        {
          panel,
          series: name,
          runs: lines.length,
          words,
          points,
          lines: lines.map((line) => ({ ...line, points: thinned(line.points) })),
        },
      ];
    }),
  );
}

export function pointsOf({ steps }: Pick<StudyRun, 'steps'>, figure: Figure): (readonly [number, number])[] {
  return steps.flatMap((record): (readonly [number, number])[] => {
    const value = figure(record);
    return value === null ? [] : [[record.annotations, value]];
  });
}

/** The value of a step function; null before its first point. */
export function valueAt(points: readonly (readonly [number, number])[], annotations: number): number | null {
  let value: number | null = null;
  for (const [at, y] of points) {
    if (at > annotations) break;
    value = y;
  }
  return value;
}

/** Evenly chosen, first and last among them. */
function thinned<T>(points: readonly T[]): T[] {
  if (points.length <= MOST_POINTS) return [...points];
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, n) => points[Math.round(n * step)]!);
}
