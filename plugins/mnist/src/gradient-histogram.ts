/** Side of a digit's image in pixels. */
export const SIDE = 28;
/** Pixels of a digit. */
export const PIXELS = SIDE * SIDE;

/** Cells per side; a cell is CELL × CELL pixels. */
const CELLS = 7;
const CELL = SIDE / CELLS;
/** Bins of orientation over 0..180 degrees: an edge from dark to light counts as one from light to dark. */
const BINS = 9;
/** Blocks of 2×2 cells per side; they overlap, each starts a cell after the one before. */
const BLOCKS = CELLS - 1;
/** No value of a block of unit length may exceed this before it is scaled again. */
const CLIP = 0.2;

/** Values of one image's histogram of oriented gradients. */
export const HISTOGRAM_VALUES = CELLS * CELLS * BINS;

/**
 * Histogram of oriented gradients of one image [DalalTriggs05]: central differences; every pixel votes with its
 * gradient's length for the two nearest of 9 unsigned orientations and the four nearest of 7×7 cells (linearly); each
 * block of 2×2 cells is scaled to unit length, clipped at 0.2 and scaled again. A cell's value is the sum over the one,
 * two or four blocks that it is in, which keeps 441 values instead of 1,296 [Felzenszwalb10].
 *
 * @param pixels Grey values in 0..1; the image is PIXELS values from `start`, row by row.
 * @param out HISTOGRAM_VALUES entries from `outStart` are overwritten; values in 0..4.
 */
export function gradientHistogram(
  pixels: ArrayLike<number>,
  start: number,
  out: Float32Array | Float64Array,
  outStart: number,
): void {
  cells.fill(0);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const at = start + y * SIDE + x;
      const dx = (x < SIDE - 1 ? pixels[at + 1]! : 0) - (x > 0 ? pixels[at - 1]! : 0);
      const dy = (y < SIDE - 1 ? pixels[at + SIDE]! : 0) - (y > 0 ? pixels[at - SIDE]! : 0);
      if (dx !== 0 || dy !== 0) vote(x, y, dx, dy);
    }
  }
  out.fill(0, outStart, outStart + HISTOGRAM_VALUES);
  for (let row = 0; row < BLOCKS; row++) {
    for (let column = 0; column < BLOCKS; column++) {
      const corner = (row * CELLS + column) * BINS;
      // Two neighbouring cells are neighbours in memory: a block is two runs of 2·BINS values.
      block.set(cells.subarray(corner, corner + 2 * BINS));
      block.set(cells.subarray(corner + CELLS * BINS, corner + (CELLS + 2) * BINS), 2 * BINS);
      scaleToUnitLength(block);
      for (let v = 0; v < block.length; v++) block[v] = Math.min(block[v]!, CLIP);
      scaleToUnitLength(block);
      for (let v = 0; v < 2 * BINS; v++) {
        out[outStart + corner + v]! += block[v]!;
        out[outStart + corner + CELLS * BINS + v]! += block[2 * BINS + v]!;
      }
    }
  }
}

// Scratch of one image.
const cells = new Float64Array(CELLS * CELLS * BINS);
const block = new Float64Array(4 * BINS);

/** Adds one pixel's gradient to the cells and bins around it. */
function vote(x: number, y: number, dx: number, dy: number): void {
  const length = Math.sqrt(dx * dx + dy * dy);
  const angle = Math.atan2(dy, dx);
  const place = ((angle < 0 ? angle + Math.PI : angle) / Math.PI) * BINS - 0.5;
  const low = Math.floor(place);
  const toHigh = place - low;
  const bin = (low + BINS) % BINS;
  const next = (low + 1) % BINS;
  const column = (x + 0.5) / CELL - 0.5;
  const row = (y + 0.5) / CELL - 0.5;
  const left = Math.floor(column);
  const top = Math.floor(row);
  for (let r = top; r <= top + 1; r++) {
    if (r < 0 || r >= CELLS) continue;
    for (let c = left; c <= left + 1; c++) {
      if (c < 0 || c >= CELLS) continue;
      const weight = length * (1 - Math.abs(row - r)) * (1 - Math.abs(column - c));
      const cell = (r * CELLS + c) * BINS;
      cells[cell + bin]! += weight * (1 - toHigh);
      cells[cell + next]! += weight * toHigh;
    }
  }
}

/** The small constant keeps an empty block at zero. */
function scaleToUnitLength(values: Float64Array): void {
  let square = 1e-4;
  for (let v = 0; v < values.length; v++) square += values[v]! * values[v]!;
  const scale = 1 / Math.sqrt(square);
  for (let v = 0; v < values.length; v++) values[v]! *= scale;
}
