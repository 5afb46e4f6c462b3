import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ids, gold and standardised features of a folder like `examples/recorded-answers`. */
export async function readSet(folder) {
  const rows = readFileSync(join(folder, 'features.csv'), 'utf8').trim().split('\n').slice(1);
  const ids = rows.map((row) => row.slice(0, row.lastIndexOf(',')));
  const labels = rows.map((row) => row.slice(row.lastIndexOf(',') + 1));
  const classes = [...new Set(labels)].sort();
  const bytes = readFileSync(join(folder, 'features.npy'));
  const head = bytes.toString('latin1', 10, 10 + bytes.readUInt16LE(8));
  const columns = Number(/\((\d+), (\d+)\)/.exec(head)[2]);
  const start = 10 + bytes.readUInt16LE(8);
  const x = Float64Array.from({ length: ids.length * columns }, (_, at) => bytes.readFloatLE(start + 4 * at));
  for (let d = 0; d < columns; d++) {
    const column = ids.map((_, i) => x[i * columns + d]);
    const mean = column.reduce((sum, v) => sum + v, 0) / column.length;
    const deviation = Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length) || 1;
    column.forEach((v, i) => (x[i * columns + d] = (v - mean) / deviation));
  }
  return { ids, classes, columns, x, truth: labels.map((label) => classes.indexOf(label)) };
}

/** Class of each row by a softmax regression that was fitted to the gold of the other four folds. */
export function classifierOf({ ids, classes, columns: D, x, truth }, folds = 5) {
  const K = classes.length;
  const predicted = new Array(ids.length);
  for (let fold = 0; fold < folds; fold++) {
    const weights = new Float64Array(K * (D + 1));
    const rows = ids.map((_, i) => i).filter((i) => i % folds !== fold);
    const logits = (i) =>
      Array.from({ length: K }, (_, k) => {
        let sum = weights[k * (D + 1) + D];
        for (let d = 0; d < D; d++) sum += weights[k * (D + 1) + d] * x[i * D + d];
        return sum;
      });
    for (let step = 0; step < 150; step++) {
      const gradient = new Float64Array(weights.length);
      for (const i of rows) {
        const z = logits(i);
        const max = Math.max(...z);
        const e = z.map((v) => Math.exp(v - max));
        const total = e.reduce((sum, v) => sum + v, 0);
        for (let k = 0; k < K; k++) {
          const error = e[k] / total - (truth[i] === k ? 1 : 0);
          for (let d = 0; d < D; d++) gradient[k * (D + 1) + d] += error * x[i * D + d];
          gradient[k * (D + 1) + D] += error;
        }
      }
      for (let w = 0; w < weights.length; w++) weights[w] -= 0.5 * (gradient[w] / rows.length + 1e-3 * weights[w]);
    }
    for (let i = fold; i < ids.length; i += folds) {
      const z = logits(i);
      predicted[i] = z.indexOf(Math.max(...z));
    }
  }
  return predicted;
}
