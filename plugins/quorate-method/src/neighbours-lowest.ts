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
    let most = 0;
    for (let other = from; other < to; other++) if (limit[other]! > most) most = limit[other]!;
    const width = to - from;
    // Nearly all scores end at the comparison of four of them with the highest limit.
    const four = width - (width % 4);
    for (let row = start, first = 0; row < end; row++, first += width) {
      const high = Math.max(most, limit[row]!);
      let x = 0;
      for (; x < four; x += 4) {
        const s = first + x;
        if (!(scores[s]! < high || scores[s + 1]! < high || scores[s + 2]! < high || scores[s + 3]! < high)) continue;
        for (let e = 0; e < 4; e++) this.#offer(row, from + x + e, scores[s + e]!);
      }
      for (; x < width; x++) this.#offer(row, from + x, scores[first + x]!);
    }
  }

  #offer(row: number, other: number, score: number): void {
    if (score < this.#limit[row]!) this.#insert(row, score, other);
    if (score < this.#limit[other]!) this.#insert(other, score, row);
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
