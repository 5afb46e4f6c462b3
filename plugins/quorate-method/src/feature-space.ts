import type { Features, LearnerBackend, Matrix, Rng } from '@quorate/core';
import { nearestNeighbours } from './neighbours.js';
import { principalComponents } from './principal-components.js';

/** Neighbours are looked for among so many leading components: more of them say little and cost as much. */
const NEIGHBOUR_COLUMNS = 64;

/** Components where nobody says how many: so many rows for each, within these limits. */
const ROWS_OF_ONE = 3;
const [FEWEST, MOST] = [128, 512];
/** n D², what a fit costs, that more than the fewest components may take. */
const MOST_WORK = 4e9;

/** Items and prototypes as the learner sees them; computed once a run. Row i < N is item i, row N + p prototype p. */
export interface FeatureSpace {
  /** n = N + P. */
  readonly rows: number;
  /** D, at most as many as asked for. */
  readonly columns: number;
  /** Share of the features' variance that these columns hold. */
  readonly share: number;
  /** n×D row-major: centred, turned to the principal axes, in units in which the mean variance of a column is 1. */
  readonly points: Float32Array;
  /** S_T = (1/n) Σ x x', D×D. */
  readonly scatter: Float64Array;
  /** Null where no row has another one beside it, or none is asked for. */
  readonly graph: NeighbourGraph | null;
}

/** The k nearest other rows of every row. */
export interface NeighbourGraph {
  readonly degree: number;
  /** n×k. */
  readonly index: Int32Array;
  /** n×k, w_ij = exp(-d²_ij / mean_j d²_ij) in 0..1. */
  readonly weight: Float32Array;
}

export async function prepareSpace(
  backend: LearnerBackend,
  features: Features,
  rows: number,
  { components, neighbours }: { readonly components: number | 'auto'; readonly neighbours: number },
  rng: Rng,
): Promise<FeatureSpace> {
  const data = { data: features.data, rows, columns: features.columns };
  const {
    projected: points,
    columns: D,
    share,
  } = await principalComponents(
    backend,
    data,
    components === 'auto' ? componentsFor(rows) : components,
    rng.fork('axes'),
  );
  const products = new Float32Array(D * D);
  const matrix = { data: points, rows, columns: D };
  await backend.product(matrix, matrix, products, { left: true });
  const scatter = Float64Array.from(products, (sum) => sum / rows);
  const degree = Math.min(neighbours, rows - 1);
  const graph = degree > 0 ? await neighbourGraph(backend, matrix, degree, rng.fork('neighbours')) : null;
  return { rows, columns: D, share, points, scatter, graph };
}

/**
 * As many components as the rows can tell the covariance of, whatever their variances: what tells classes apart may be in the
 * smallest. min(512, n/3, √(4e9 / n)), at least 128.
 */
export function componentsFor(rows: number): number {
  return Math.max(FEWEST, Math.floor(Math.min(MOST, rows / ROWS_OF_ONE, Math.sqrt(MOST_WORK / rows))));
}

async function neighbourGraph(
  backend: LearnerBackend,
  points: Matrix,
  degree: number,
  rng: Rng,
): Promise<NeighbourGraph> {
  const few = Math.min(points.columns, NEIGHBOUR_COLUMNS);
  const { index, distance } = await nearestNeighbours(backend, leadingColumns(points, few), degree, rng);
  const weight = new Float32Array(distance.length);
  for (let start = 0; start < distance.length; start += degree) {
    let mean = 0;
    for (let x = start; x < start + degree; x++) mean += distance[x]! / degree;
    // All neighbours in the same place count alike.
    for (let x = start; x < start + degree; x++) weight[x] = mean > 0 ? Math.exp(-distance[x]! / mean) : 1;
  }
  return { degree, index, weight };
}

function leadingColumns(points: Matrix, few: number): Matrix {
  const { data, rows, columns } = points;
  if (few === columns) return points;
  const out = new Float32Array(rows * few);
  for (let i = 0; i < rows; i++) out.set(data.subarray(i * columns, i * columns + few), i * few);
  return { data: out, rows, columns: few };
}

export function trace(matrix: Float64Array, n: number): number {
  let sum = 0;
  for (let d = 0; d < n; d++) sum += matrix[d * n + d]!;
  return sum;
}
