import type { StepRecord } from '@quorate/engine';
import asciichart from 'asciichart';

const PLOT_COLUMNS = 60;
const MOST_ROWS = 12;

/**
 * The curve that the method is judged by: accuracy of the aggregated labels (or, where the truth is not known, the share
 * of valid tasks) against annotations per task. Empty with fewer than two different points.
 */
export function curveLines(records: readonly StepRecord[]): string[] {
  const known = records.every((record) => typeof record.aggregate?.all.top1 === 'number');
  const points = records.map((record) => ({
    x: record.annotationsPerItem,
    y: 100 * (known ? (record.aggregate?.all.top1 ?? 0) : record.validShare),
  }));
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || last.x <= first.x) return [];

  const series = Array.from({ length: PLOT_COLUMNS }, (_, c) =>
    interpolate(points, first.x + ((last.x - first.x) * c) / (PLOT_COLUMNS - 1)),
  );
  const { min, max, rows } = axisOf(series);
  const plot = asciichart.plot(series, {
    min,
    max,
    height: rows,
    offset: 2,
    format: (y) => `${y.toFixed(0).padStart(5)} `,
  });
  const title = known ? 'accuracy of all labels, %' : 'valid tasks, % (the truth is not known, so no accuracy)';
  return [
    `  ${title}`,
    ...plot.split('\n').map((line) => line.trimEnd()),
    ...ticks(first.x, last.x),
    `${' '.repeat(6)}annotations per task (what it cost)`.trimEnd(),
  ];
}

/** Linear between neighbouring points; x must not leave their range. */
function interpolate(points: readonly { x: number; y: number }[], x: number): number {
  const after = points.findIndex((point) => point.x >= x);
  const b = points[after < 0 ? points.length - 1 : after]!;
  const a = points[after <= 0 ? 0 : after - 1]!;
  return b.x === a.x ? b.y : a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x);
}

/** Round borders around the values, and so many rows that the labels are round numbers too. */
function axisOf(series: readonly number[]): { min: number; max: number; rows: number } {
  const low = Math.min(...series);
  const high = Math.max(...series);
  for (const step of [1, 2, 5, 10]) {
    const min = step * Math.floor(low / step);
    const max = Math.max(step * Math.ceil(high / step), min + 2 * step);
    const rows = (max - min) / step;
    if (rows <= MOST_ROWS) return { min, max, rows };
  }
  return { min: 0, max: 100, rows: 10 };
}

function ticks(from: number, to: number): string[] {
  const at = [0, 1, 2, 3, 4].map((t) => Math.round((t * (PLOT_COLUMNS - 1)) / 4));
  const axis = Array.from({ length: PLOT_COLUMNS }, (_, c) => (at.includes(c) ? '┬' : '─')).join('');
  let labels = '';
  at.forEach((column, t) => {
    labels = labels.padEnd(column) + (from + ((to - from) * t) / 4).toFixed(2);
  });
  return [`${' '.repeat(6)}└${axis}`, `${' '.repeat(7)}${labels}`];
}
