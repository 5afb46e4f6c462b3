import { QuorateError, type FeatureSubject } from '@quorate/core';
import type { Tensor } from 'onnxruntime-common';

export type Pool = 'mean' | 'cls' | 'flatten';

export interface PoolRequest {
  /** Model and output, for errors. */
  readonly where: string;
  readonly pool: Pool;
  /** Where the channels of an output of rank 4 are. */
  readonly layout: 'nchw' | 'nhwc';
  /** Rows that were fed in, of which the first `wanted` are asked for. */
  readonly rows: number;
  readonly wanted: number;
  /** Rows × tokens, 1 for a token that counts; null: all of them. */
  readonly mask: Uint8Array | null;
}

/**
 * One vector out of whatever a model gives for a subject: `[rows, D]` as it is; `[rows, tokens, D]` and
 * `[rows, D, height, width]` (or `[rows, height, width, D]`) by their mean over tokens that count or over places; by the
 * first token (`cls`); or as all values in a row (`flatten`).
 *
 * @returns wanted × D, row-major. @throws QuorateError CONFIG_INVALID where the output fits neither.
 */
export function pooled({ type, dims, data }: Pick<Tensor, 'type' | 'dims' | 'data'>, request: PoolRequest) {
  const { pool, rows, wanted, mask } = request;
  if (type !== 'float32' && type !== 'float64')
    throw unfit(request, 'an output of float32 or float64', `one of ${type}`);
  if (dims.length === 0 || dims[0] !== rows) {
    throw unfit(request, `an output with one row for each of ${rows} subjects`, `one of shape [${dims.join(', ')}]`);
  }
  const values = data as Float32Array | Float64Array;
  const perRow = values.length / rows;
  if (dims.length <= 2 || pool === 'flatten') return Float32Array.from(values.subarray(0, wanted * perRow));
  const channelsFirst = dims.length === 4 && request.layout === 'nchw';
  const columns = dims[channelsFirst ? 1 : dims.length - 1]!;
  const places = perRow / columns;
  if (pool === 'cls') {
    if (dims.length !== 3) throw unfit(request, 'an output with tokens for features.pool=cls', shape(dims));
    const out = new Float32Array(wanted * columns);
    for (let i = 0; i < wanted; i++) out.set(values.subarray(i * perRow, i * perRow + columns), i * columns);
    return out;
  }
  if (dims.length > 4 || (mask !== null && mask.length !== rows * places)) {
    throw unfit(request, 'an output of rank 2 to 4 with as many tokens as went in', shape(dims));
  }
  const out = new Float32Array(wanted * columns);
  for (let i = 0; i < wanted; i++) {
    const sum = new Float64Array(columns);
    let counted = 0;
    for (let t = 0; t < places; t++) {
      if (mask !== null && mask[i * places + t] === 0) continue;
      counted++;
      const from = channelsFirst ? i * perRow + t : (i * places + t) * columns;
      const step = channelsFirst ? places : 1;
      for (let d = 0; d < columns; d++) sum[d]! += values[from + d * step]!;
    }
    for (let d = 0; d < columns; d++) out[i * columns + d] = sum[d]! / Math.max(1, counted);
  }
  return out;
}

const shape = (dims: readonly number[]): string => `one of shape [${dims.join(', ')}]`;

function unfit({ where }: PoolRequest, expected: string, got: string): QuorateError {
  const fix = 'Set features.output to another output or features.pool to another way.';
  return new QuorateError('CONFIG_INVALID', { where, expected, got, fix });
}

/** @throws QuorateError DATA_INVALID that names the first subject whose row is not finite. */
export function checkFinite(rows: Float32Array, batch: readonly FeatureSubject[], where: string): void {
  const at = rows.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new QuorateError('DATA_INVALID', {
    where: batch[Math.floor((at * batch.length) / rows.length)]!.id,
    expected: `finite features out of ${where}`,
    got: String(rows[at]),
    fix: 'Replace or remove it, or leave such subjects out with --skip-bad.',
  });
}
