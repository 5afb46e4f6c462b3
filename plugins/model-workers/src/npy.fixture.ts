/** A float32 matrix as `numpy.save` writes it. */
export function npy(rows: number, columns: number, values: ArrayLike<number>): Buffer {
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const text = head.padEnd(128 - 10 - 1) + '\n';
  const magic = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length, 0]);
  return Buffer.concat([magic, Buffer.from(text, 'latin1'), Buffer.from(Float32Array.from(values).buffer)]);
}
