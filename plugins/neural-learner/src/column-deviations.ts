import type { Features } from '@quorate/core';

/** Standard deviation of every column over all rows, length D. One pass for the means, one for the squares. */
export function columnDeviations({ data, columns: D }: Features): Float32Array {
  const rows = data.length / D;
  const means = new Float64Array(D);
  for (let x = 0, d = 0; x < data.length; x++, d = d + 1 === D ? 0 : d + 1) means[d]! += data[x]! / rows;
  const squares = new Float64Array(D);
  for (let x = 0, d = 0; x < data.length; x++, d = d + 1 === D ? 0 : d + 1) squares[d]! += (data[x]! - means[d]!) ** 2;
  return Float32Array.from(squares, (sum) => Math.sqrt(sum / rows));
}
