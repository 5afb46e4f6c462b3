/** Columns that are compared together: eight comparisons are written out below. */
const GROUP = 8;

/**
 * The `count` lowest scores that every row has met so far, in rising order; the one met first among equals. Rows meet
 * others in rising order where blocks of rows are searched in rising order, each with the columns that follow.
 */
export class Lowest {
  readonly #score: Float32Array;
  readonly #index: Int32Array;
  /** The greatest of the lowest scores of every row: what a further one has to be below. */
  readonly #limit: Float32Array;

  constructor(
    rows: number,
    private readonly count: number,
  ) {
    this.#score = new Float32Array(rows * count).fill(Infinity);
    this.#index = new Int32Array(rows * count);
    this.#limit = new Float32Array(rows).fill(Infinity);
  }

  of(row: number): Int32Array {
    return this.#index.subarray(row * this.count, (row + 1) * this.count);
  }

  /** @param scores Of the rows `start` to `end` with one another, row-major. */
  searchSquare(scores: Float32Array, start: number, end: number): void {
    let x = 0;
    for (let row = start; row < end; row++) {
      for (let other = start; other < end; other++, x++) {
        if (scores[x]! < this.#limit[row]! && other !== row) this.#insert(row, scores[x]!, other);
      }
    }
  }

  /** @param scores Of the rows `start` to `end` with the rows `from` to `to`, none of them the same, row-major. */
  search(scores: Float32Array, start: number, end: number, from: number, to: number): void {
    const limit = this.#limit;
    const width = to - from;
    const highest = this.#highestLimits(from, to);
    for (let row = start, first = 0; row < end; row++, first += width) {
      let own = limit[row]!;
      for (let x = 0, group = 0; x < width; x += GROUP, group++) {
        const high = Math.max(own, highest[group]!);
        const s = first + x;
        // Nearly all scores end here. At the end of a block these may be scores of the next row, which do no harm.
        if (
          !(scores[s]! < high || scores[s + 1]! < high || scores[s + 2]! < high || scores[s + 3]! < high) &&
          !(scores[s + 4]! < high || scores[s + 5]! < high || scores[s + 6]! < high || scores[s + 7]! < high)
        ) {
          continue;
        }
        for (let other = from + x, e = s, last = Math.min(other + GROUP, to); other < last; other++, e++) {
          const score = scores[e]!;
          if (score < own) {
            this.#insert(row, score, other);
            own = limit[row]!;
          }
          if (score < limit[other]!) this.#insert(other, score, row);
        }
      }
    }
  }

  /** The highest limit of each group of columns. They only fall while a block is searched. */
  #highestLimits(from: number, to: number): Float32Array {
    const highest = new Float32Array(Math.ceil((to - from) / GROUP));
    for (let other = from; other < to; other++) {
      const group = Math.floor((other - from) / GROUP);
      highest[group] = Math.max(highest[group]!, this.#limit[other]!);
    }
    return highest;
  }

  #insert(row: number, score: number, index: number): void {
    const scores = this.#score;
    const indices = this.#index;
    const first = row * this.count;
    const last = first + this.count - 1;
    let to = last;
    for (; to > first && scores[to - 1]! > score; to--) {
      scores[to] = scores[to - 1]!;
      indices[to] = indices[to - 1]!;
    }
    scores[to] = score;
    indices[to] = index;
    this.#limit[row] = scores[last]!;
  }
}
