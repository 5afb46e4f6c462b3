import { makeRng, type LearnerBackend, type Matrix, type MlpParams, type MlpSpec, type Rows } from '@quorate/core';

export interface Training {
  readonly spec: MlpSpec;
  readonly data: Rows & { readonly labels: Int32Array };
  readonly start: MlpParams;
  readonly batches: Int32Array;
  readonly batchSize: number;
}

export interface Sizes {
  readonly layers: readonly number[];
  readonly rows: number;
  readonly batchSize: number;
  readonly steps: number;
}

/** A random training that is the same in every process. The rows it trains on are every other one of the features. */
export function randomTraining({ layers, rows, batchSize, steps }: Sizes): Training {
  const rng = makeRng('training');
  const uniform = (n: number, bound: number): Float32Array =>
    Float32Array.from({ length: n }, () => bound * (2 * rng.uniform() - 1));
  const [columns, classes] = [layers[0]!, layers.at(-1)!];
  return {
    spec: { layers, learningRate: 3e-3, weightDecay: 1e-3 },
    data: {
      features: uniform(2 * rows * columns, 2),
      columns,
      rows: Int32Array.from({ length: rows }, (_, at) => 2 * at),
      labels: Int32Array.from({ length: rows }, () => rng.int(classes)),
    },
    start: {
      weights: layers.slice(1).map((to, l) => uniform(layers[l]! * to, layers[l]! ** -0.5)),
      biases: layers.slice(1).map((to, l) => uniform(to, layers[l]! ** -0.5)),
    },
    batches: Int32Array.from({ length: steps * batchSize }, () => rng.int(rows)),
    batchSize,
  };
}

export const fit = (
  backend: LearnerBackend,
  { spec, data, start, batches, batchSize }: Training,
  watch?: Parameters<LearnerBackend['fit']>[5],
): Promise<MlpParams> => backend.fit(spec, data, start, batches, batchSize, watch);

export async function logits(backend: LearnerBackend, params: MlpParams, data: Rows): Promise<Float32Array> {
  const out = new Float32Array(data.rows.length * params.biases.at(-1)!.length).fill(NaN);
  await backend.predict(params, data, out);
  return out;
}

/** All numbers of a network in hexadecimal: equal strings are equal bytes. */
export const bytesOf = ({ weights, biases }: MlpParams): string =>
  Buffer.concat([...weights, ...biases].map((t) => Buffer.from(t.buffer, t.byteOffset, t.byteLength))).toString('hex');

/** Products of every kind, large enough to be shared among threads, and one of more than one block. */
export async function products(backend: LearnerBackend): Promise<Float32Array[]> {
  const rng = makeRng('products');
  const matrix = (rows: number, columns: number): Matrix => {
    const data = new Float32Array(rows * columns);
    for (let x = 0; x < data.length; x++) data[x] = rng.uniform() - 0.5;
    return { data, rows, columns };
  };
  const [tall, wide, long] = [matrix(3000, 256), matrix(256, 96), matrix(3000, 512)];
  const [x, y] = [matrix(70_000, 160), matrix(70_000, 120)];
  const results = [3000 * 96, 96 * 3000, 256 * 512, 160 * 120, 3000 * 512].map((n) => new Float32Array(n));
  await backend.product(tall, wide, results[0]!);
  await backend.product(wide, tall, results[1]!, { left: true, right: true });
  await backend.product(tall, long, results[2]!, { left: true });
  await backend.product(x, y, results[3]!, { left: true });
  await backend.product(long, matrix(512, 512), results[4]!, { right: true });
  return results;
}
