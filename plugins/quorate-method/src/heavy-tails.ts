import type { Matrix } from '@quorate/core';

/** Rows that a column is judged by; of more, so many at equal distances. */
const MOST_ROWS = 4096;
/** Kurtosis above which a column has heavy tails; that of a normal one is 3. */
const HEAVY = 8;

/** Columns with heavy tails, and what each of them is turned into: s sign(z) ln(1 + |z| / m), z = x - median. */
export interface HeavyTails {
  readonly columns: Int32Array;
  readonly median: Float64Array;
  /** m = mean |z|. */
  readonly spread: Float64Array;
  /** s, so that the column's standard deviation stays what it was. */
  readonly scale: Float64Array;
}

/**
 * Finds the columns whose kurtosis is above 8: counts, prices, frequencies, of which a few rows would decide a mean or a
 * covariance. No labels are needed. @param features Finite.
 */
export function heavyTails({ data, rows, columns: D }: Matrix): HeavyTails {
  const count = Math.min(rows, MOST_ROWS);
  const values = new Float64Array(count);
  const found: { d: number; median: number; spread: number; scale: number }[] = [];
  for (let d = 0; d < D; d++) {
    for (let r = 0; r < count; r++) values[r] = data[Math.floor((r * rows) / count) * D + d]!;
    const before = moments(values);
    if (!(before.kurtosis > HEAVY)) continue;
    values.sort();
    const median = values[count >> 1]!;
    let spread = 0;
    for (const x of values) spread += Math.abs(x - median) / count;
    if (!(spread > 0)) continue;
    const { deviation } = moments(values.map((x) => compressed(x - median, spread)));
    found.push({ d, median, spread, scale: before.deviation / deviation });
  }
  return {
    columns: Int32Array.from(found, ({ d }) => d),
    median: Float64Array.from(found, ({ median }) => median),
    spread: Float64Array.from(found, ({ spread }) => spread),
    scale: Float64Array.from(found, ({ scale }) => scale),
  };
}

/** What the f-th column with heavy tails makes of x. */
export function tamed({ median, spread, scale }: HeavyTails, f: number, x: number): number {
  return scale[f]! * compressed(x - median[f]!, spread[f]!);
}

function compressed(z: number, spread: number): number {
  return z < 0 ? -Math.log(1 - z / spread) : Math.log(1 + z / spread);
}

function moments(values: Float64Array): { readonly deviation: number; readonly kurtosis: number } {
  const n = values.length;
  let mean = 0;
  for (const x of values) mean += x / n;
  let [second, fourth] = [0, 0];
  for (const x of values) {
    const square = (x - mean) ** 2;
    second += square / n;
    fourth += square ** 2 / n;
  }
  return { deviation: Math.sqrt(second), kurtosis: second > 0 ? fourth / second ** 2 : 0 };
}
