import { setImmediate } from 'node:timers/promises';
import { symmetricEigen } from '@quorate/core/numbers';
import { heavyTails, tamed, type HeavyTails } from './heavy-tails.js';
import { type LearnerBackend, type Matrix, type Rng } from '@quorate/core';

export { symmetricEigen } from '@quorate/core/numbers';

type Products = Pick<LearnerBackend, 'product'>;

export interface PrincipalComponents {
  /** rows×columns row-major. */
  readonly projected: Float32Array;
  /** D', 1 <= D' <= count; 1, all zeros, where no feature varies. */
  readonly columns: number;
  /** Share of the features' variance that they hold, 0..1; 1 where no feature varies. */
  readonly share: number;
}

/** Most features whose covariance is diagonalised whole. */
const MOST_EXACT = 512;
/** Directions that the randomised subspace has beyond those asked for, and how often it is multiplied by the covariance. */
const OVERSAMPLING = 16;
const PASSES = 3;
/** Numbers of a block of centred rows: 16 MB. */
const BLOCK_NUMBERS = 2 ** 22;
/** A component with less than this share of the greatest variance is rounding. */
const NEGLIGIBLE = 1e-10;

/**
 * Rotates features onto their first principal components and scales all by one number:
 *
 *     (x - mean) V / sqrt(mean of the kept eigenvalues),   V = the eigenvectors of the covariance, by falling eigenvalue
 *
 * x are the features with heavy tails taken in (`heavyTails`). This is no whitening: the components keep the proportions of their variances. D' = min(count, rank).
 *
 * Up to 512 features V is exact. Beyond, it is that of a subspace of count + 16 directions: a random one, three times
 * multiplied by the covariance and orthonormalised [HalkoMartinssonTropp11, algorithm 4.4 with two power iterations, on the
 * side of the columns], with the covariance within it diagonalised. The features are read in blocks and never copied
 * whole: beside them and the result there are some 20 MB.
 *
 * The greatest entry of each column of V is positive.
 *
 * @param features Finite. @param count Most components, >= 1. @param rng Used beyond 512 features.
 */
export async function principalComponents(
  backend: Products,
  features: Matrix,
  count: number,
  rng: Rng,
): Promise<PrincipalComponents> {
  const data = await centre(features);
  const size = count + OVERSAMPLING;
  const { columns: D } = features;
  const basis = D > MOST_EXACT && size < D ? await randomisedBasis(backend, data, size, rng) : null;
  const components = await leading(backend, data, basis, count);
  const { projected, squares } = await project(backend, data, components);
  return scaled(projected, components.rows, features.rows, squares);
}

/** Features with what turns them into centred ones of magnitude at most 2. */
interface Centred {
  readonly features: Matrix;
  readonly tails: HeavyTails;
  /** Mean of each column, length D. */
  readonly mean: Float64Array;
  /** Greatest |x|, or 1. */
  readonly unit: number;
}

async function centre(features: Matrix): Promise<Centred> {
  const { data, rows, columns: D } = features;
  const tails = heavyTails(features);
  const mean = new Float64Array(D);
  const tamedSum = new Float64Array(tails.columns.length);
  let unit = 0;
  for (const { start, end } of blocks(features)) {
    await setImmediate();
    for (let r = start; r < end; r++) {
      for (let d = 0, x = r * D; d < D; d++, x++) {
        const value = data[x]!;
        mean[d] = mean[d]! + value;
        if (value > unit) unit = value;
        else if (-value > unit) unit = -value;
      }
      for (let f = 0; f < tamedSum.length; f++) tamedSum[f]! += tamed(tails, f, data[r * D + tails.columns[f]!]!);
    }
  }
  tails.columns.forEach((d, f) => (mean[d] = tamedSum[f]!));
  for (let d = 0; d < D; d++) mean[d]! /= rows;
  return { features, tails, mean, unit: unit || 1 };
}

function* blocks({ rows, columns }: Matrix): Generator<{ start: number; end: number }> {
  const step = Math.max(1, Math.floor(BLOCK_NUMBERS / columns));
  for (let start = 0; start < rows; start += step) yield { start, end: Math.min(rows, start + step) };
}

/** The centred rows, block by block, each in the memory of the one before. */
function* centredBlocks(data: Centred): Generator<{ start: number; block: Matrix }> {
  const { columns } = data.features;
  let memory: Float32Array | undefined;
  for (const { start, end } of blocks(data.features)) {
    memory ??= new Float32Array((end - start) * columns);
    centreRows(data, start, end, memory);
    yield { start, block: { data: memory, rows: end - start, columns } };
  }
}

function centreRows({ features, tails, mean, unit }: Centred, start: number, end: number, out: Float32Array): void {
  const { data, columns: D } = features;
  const inverse = 1 / unit;
  for (let r = start, to = 0; r < end; r++, to += D) {
    const from = r * D;
    for (let d = 0; d < D; d++) out[to + d] = (data[from + d]! - mean[d]!) * inverse;
    for (let f = 0; f < tails.columns.length; f++) {
      const d = tails.columns[f]!;
      out[to + d] = (tamed(tails, f, data[from + d]!) - mean[d]!) * inverse;
    }
  }
}

/** Directions, as rows. */
async function randomisedBasis(backend: Products, data: Centred, size: number, rng: Rng): Promise<Matrix> {
  const D = data.features.columns;
  const random = Float64Array.from({ length: size * D }, () => rng.normal());
  let basis = orthonormalRows(random, size, D);
  for (let pass = 0; pass < PASSES; pass++) {
    const sum = new Float64Array(size * D);
    const part = new Float32Array(size * D);
    for (const { block } of centredBlocks(data)) {
      const inBasis = await coordinates(backend, block, basis);
      await backend.product(inBasis, block, part, { left: true });
      for (let x = 0; x < sum.length; x++) sum[x] = sum[x]! + part[x]!;
    }
    basis = orthonormalRows(sum, size, D);
  }
  return basis;
}

async function coordinates(backend: Products, block: Matrix, basis: Matrix): Promise<Matrix> {
  const out = new Float32Array(block.rows * basis.rows);
  await backend.product(block, basis, out, { right: true });
  return { data: out, rows: block.rows, columns: basis.rows };
}

/** Gram and Schmidt, modified, in place; a row that depends on those before it becomes zero. */
function orthonormalRows(rows: Float64Array, n: number, D: number): Matrix {
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * D, (i + 1) * D);
    const before = normOf(row);
    for (let j = 0; j < i; j++) {
      const other = rows.subarray(j * D, (j + 1) * D);
      let dot = 0;
      for (let d = 0; d < D; d++) dot += row[d]! * other[d]!;
      for (let d = 0; d < D; d++) row[d] = row[d]! - dot * other[d]!;
    }
    const after = normOf(row);
    const factor = after > NEGLIGIBLE * before ? 1 / after : 0;
    for (let d = 0; d < D; d++) row[d]! *= factor;
  }
  return { data: Float32Array.from(rows), rows: n, columns: D };
}

function normOf(row: Float64Array): number {
  let square = 0;
  for (const x of row) square += x * x;
  return Math.sqrt(square);
}

/** The first principal components, as rows, within the span of `basis`; without one, within all features. */
async function leading(backend: Products, data: Centred, basis: Matrix | null, count: number): Promise<Matrix> {
  const D = data.features.columns;
  const size = basis?.rows ?? D;
  const scatter = new Float64Array(size * size);
  const part = new Float32Array(size * size);
  for (const { block } of centredBlocks(data)) {
    const points = basis ? await coordinates(backend, block, basis) : block;
    await backend.product(points, points, part, { left: true });
    for (let x = 0; x < part.length; x++) scatter[x] = scatter[x]! + part[x]!;
  }
  const kept = Math.min(count, size);
  const vectors = Float32Array.from(symmetricEigen(scatter, size).vectors.subarray(0, kept * size));
  const components: Matrix = { data: vectors, rows: kept, columns: size };
  if (!basis) return components;
  const inFeatures = new Float32Array(kept * D);
  await backend.product(components, basis, inFeatures);
  for (let j = 0; j < kept; j++) pointUp(inFeatures.subarray(j * D, (j + 1) * D));
  return { data: inFeatures, rows: kept, columns: D };
}

/** Turns a vector so that its greatest entry, the first of equals, is positive. */
function pointUp(vector: Float32Array): void {
  let greatest = 0;
  for (let d = 1; d < vector.length; d++) if (Math.abs(vector[d]!) > Math.abs(vector[greatest]!)) greatest = d;
  if (vector[greatest]! < 0) for (let d = 0; d < vector.length; d++) vector[d] = -vector[d]!;
}

/** The components of all rows, and the sum of the squares of all centred features. */
async function project(backend: Products, data: Centred, components: Matrix) {
  const columns = components.rows;
  const projected = new Float32Array(data.features.rows * columns);
  let squares = 0;
  for (const { start, block } of centredBlocks(data)) {
    const out = projected.subarray(start * columns, (start + block.rows) * columns);
    await backend.product(block, components, out, { right: true });
    for (let x = 0; x < block.rows * block.columns; x++) squares += block.data[x]! * block.data[x]!;
  }
  return { projected, squares };
}

/**
 * Leaves out the columns that are rounding and divides by the root of the mean variance of the others. The variances are
 * those of the columns, not the eigenvalues: far below the greatest these are float32 rounding.
 */
function scaled(projected: Float32Array, columns: number, rows: number, squares: number): PrincipalComponents {
  const variance = new Float64Array(columns);
  for (let x = 0, r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, x++) variance[c] = variance[c]! + projected[x]! ** 2 / rows;
  }
  const greatest = Math.max(...variance);
  const kept = [...variance.keys()].filter((c) => variance[c]! > NEGLIGIBLE * greatest);
  if (kept.length === 0) return { projected: new Float32Array(rows), columns: 1, share: 1 };
  const total = kept.reduce((sum, c) => sum + variance[c]!, 0);
  const mean = total / kept.length;
  const factor = 1 / Math.sqrt(mean);
  // Column `to` of the result never lies behind what is read next.
  let to = 0;
  for (let r = 0; r < rows; r++) for (const c of kept) projected[to++] = projected[r * columns + c]! * factor;
  return { projected: projected.subarray(0, to), columns: kept.length, share: (total * rows) / squares };
}
