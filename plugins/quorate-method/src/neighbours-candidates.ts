/** Candidates beyond those asked for: rounding in a candidate's score may misplace it by as many ranks. */
export const SPARE = 8;

/** Numbers of one row to be sorted: allocated once for all rows. */
export class Candidates {
  readonly #distance: Float32Array;
  readonly #index: Int32Array;

  /**
   * @param points rows×columns row-major.
   * @param most Most candidates of one row.
   */
  constructor(
    private readonly points: Float32Array,
    private readonly columns: number,
    most: number,
  ) {
    this.#distance = new Float32Array(most);
    this.#index = new Int32Array(most);
  }

  /**
   * Writes the k nearest of some candidates of a row, with squared distances summed in float64, at the row's place:
   * nearest first, the lowest index first among equals.
   *
   * @param candidates At least k distinct rows, without the row itself.
   */
  nearest(row: number, candidates: ArrayLike<number>, count: number, k: number, into: Neighbours): void {
    const distances = this.#distance;
    const indices = this.#index;
    for (let c = 0; c < count; c++) {
      const index = candidates[c]!;
      const distance = Math.fround(this.#squaredDistance(row, index));
      let to = c;
      for (; to > 0; to--) {
        const before = distances[to - 1]!;
        if (before < distance || (before === distance && indices[to - 1]! < index)) break;
        distances[to] = before;
        indices[to] = indices[to - 1]!;
      }
      distances[to] = distance;
      indices[to] = index;
    }
    into.index.set(indices.subarray(0, k), row * k);
    into.distance.set(distances.subarray(0, k), row * k);
  }

  #squaredDistance(a: number, b: number): number {
    const { points, columns } = this;
    let sum = 0;
    for (let x = a * columns, y = b * columns, end = x + columns; x < end; x++, y++) {
      const difference = points[x]! - points[y]!;
      sum += difference * difference;
    }
    return sum;
  }
}

/** The k nearest rows of each row. */
export interface Neighbours {
  /** rows×k, nearest first; never the row itself. */
  readonly index: Int32Array;
  /** rows×k, squared Euclidean, >= 0. */
  readonly distance: Float32Array;
}
