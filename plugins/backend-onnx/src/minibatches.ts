import type { Rows } from '@quorate/core';

/** The rows that some steps of training read, as the training graph takes them. */
export interface Minibatches {
  /** n×D row-major. */
  readonly features: Float32Array;
  /** Rows of `features`, one minibatch after the other. */
  readonly rows: Int32Array;
  /** Class of each; null where the data has targets. */
  readonly labels: Int32Array | null;
}

/** Minibatches of positions in `data.rows`, over the whole feature matrix. */
export function inPlace({ features, rows, labels }: Rows, positions: Int32Array): Minibatches {
  return {
    features,
    rows: positions.map((at) => rows[at]!),
    labels: labels ? positions.map((at) => labels[at]!) : null,
  };
}

/** The same minibatches over a copy of only the rows that occur in them, at the beginning of `scratch`. */
export function packed(data: Rows, positions: Int32Array, scratch: Float32Array): Minibatches {
  const { rows, labels } = inPlace(data, positions);
  const D = data.columns;
  const place = new Map<number, number>();
  for (const row of rows) {
    if (place.has(row)) continue;
    scratch.set(data.features.subarray(row * D, (row + 1) * D), place.size * D);
    place.set(row, place.size);
  }
  return { features: scratch.subarray(0, place.size * D), rows: rows.map((row) => place.get(row)!), labels };
}

/**
 * Rows `start` to `end` of `data`, n×D: a view of the features where they lie one after the other, else a copy at the
 * beginning of `scratch`.
 */
export function block(
  { features, columns: D, rows }: Rows,
  start: number,
  end: number,
  scratch: () => Float32Array,
): Float32Array {
  if (isRange(rows, start, end)) return features.subarray(rows[start]! * D, (rows[end - 1]! + 1) * D);
  const copy = scratch().subarray(0, (end - start) * D);
  for (let at = start; at < end; at++) {
    copy.set(features.subarray(rows[at]! * D, (rows[at]! + 1) * D), (at - start) * D);
  }
  return copy;
}

function isRange(rows: Int32Array, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at++) if (rows[at] !== rows[at - 1]! + 1) return false;
  return true;
}
