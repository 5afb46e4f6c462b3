/** Bins of orientation over 0..180 degrees: an edge from dark to light counts as one from light to dark. */
const BINS = 9;
/** No value of a block of unit length may exceed this before it is scaled again. */
const CLIP = 0.2;

/** An image is size × size pixels, in cells of cell × cell; `size` is a multiple of `cell` and has two cells or more. */
export interface Grid {
  readonly size: number;
  readonly cell: number;
}

/** Values of one image's histogram: 9 for each cell. */
export function histogramValues({ size, cell }: Grid): number {
  return (size / cell) ** 2 * BINS;
}

/**
 * Histogram of oriented gradients of one grey image [DalalTriggs05]. Every pixel votes with the length of its gradient
 * (central differences, one-sided at the border) for the two nearest of 9 unsigned orientations and the four nearest
 * cells, linearly; each block of 2×2 cells is scaled to unit length, clipped at 0.2 and scaled again. A cell's values
 * are the mean over the one, two or four blocks that it is in [Felzenszwalb10].
 *
 * @param pixels Grey values in 0..255, size × size, row by row.
 * @returns (size/cell)² × 9 values in 0..1, cell by cell. All zero for an image of one shade.
 */
export function gradientHistogram(pixels: Uint8Array, grid: Grid): Float32Array {
  const cells = cellHistograms(pixels, grid);
  const side = grid.size / grid.cell;
  const out = new Float32Array(cells.length);
  const block = new Float64Array(4 * BINS);
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      // Two neighbouring cells are neighbours in memory: a block is two runs of 2·BINS values.
      const upper = (row * side + column) * BINS;
      const lower = upper + side * BINS;
      block.set(cells.subarray(upper, upper + 2 * BINS));
      block.set(cells.subarray(lower, lower + 2 * BINS), 2 * BINS);
      scaleToUnitLength(block);
      for (let v = 0; v < block.length; v++) block[v] = Math.min(block[v]!, CLIP);
      scaleToUnitLength(block);
      for (let v = 0; v < 2 * BINS; v++) {
        out[upper + v]! += block[v]! / blocksAround(row, column + Math.floor(v / BINS), side);
        out[lower + v]! += block[2 * BINS + v]! / blocksAround(row + 1, column + Math.floor(v / BINS), side);
      }
    }
  }
  return out;
}

/** In how many blocks of 2×2 a cell is. */
function blocksAround(row: number, column: number, side: number): number {
  const along = (at: number): number => (at > 0 && at < side - 1 ? 2 : 1);
  return along(row) * along(column);
}

/** Votes of all pixels, [row of cells][column of cells][orientation]. */
function cellHistograms(pixels: Uint8Array, { size, cell }: Grid): Float64Array {
  const side = size / cell;
  const cells = new Float64Array(side * side * BINS);
  for (let y = 0; y < size; y++) {
    const above = Math.max(0, y - 1) * size;
    const below = Math.min(size - 1, y + 1) * size;
    const row = (y + 0.5) / cell - 0.5;
    const top = Math.floor(row);
    for (let x = 0; x < size; x++) {
      const dx = pixels[y * size + Math.min(size - 1, x + 1)]! - pixels[y * size + Math.max(0, x - 1)]!;
      const dy = pixels[below + x]! - pixels[above + x]!;
      if (dx === 0 && dy === 0) continue;
      const angle = Math.atan2(dy, dx);
      // -180 and 180 degrees are one direction: the modulus takes both to bin 0.
      const place = ((angle < 0 ? angle + Math.PI : angle) / Math.PI) * BINS - 0.5;
      const bin = Math.floor(place);
      const toNext = place - bin;
      const low = (bin + BINS) % BINS;
      const high = (bin + 1) % BINS;
      const length = Math.sqrt(dx * dx + dy * dy);
      const column = (x + 0.5) / cell - 0.5;
      const left = Math.floor(column);
      for (let r = Math.max(0, top); r <= Math.min(side - 1, top + 1); r++) {
        for (let c = Math.max(0, left); c <= Math.min(side - 1, left + 1); c++) {
          const weight = length * (1 - Math.abs(row - r)) * (1 - Math.abs(column - c));
          cells[(r * side + c) * BINS + low]! += weight * (1 - toNext);
          cells[(r * side + c) * BINS + high]! += weight * toNext;
        }
      }
    }
  }
  return cells;
}

/** The small constant keeps an empty block at zero, and lets single grey levels of noise stay small. */
function scaleToUnitLength(values: Float64Array): void {
  let square = 1;
  for (let v = 0; v < values.length; v++) square += values[v]! * values[v]!;
  const scale = 1 / Math.sqrt(square);
  for (let v = 0; v < values.length; v++) values[v]! *= scale;
}
