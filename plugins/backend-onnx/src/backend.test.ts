import { makeRng, type LearnerBackend, type Matrix } from '@quorate/core';
import { referenceBackend } from '@quorate/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openOnnx } from './onnx.js';
import { openOnnxWasm } from './onnx-wasm.js';
import { bytesOf, fit, logits, randomTraining } from './training.fixture.js';

const backends = {
  onnx: () => openOnnx({ threads: 2, providers: ['cpu'] }),
  'onnx-wasm': () => openOnnxWasm({ threads: 2 }),
};

describe.each(Object.entries(backends))('%s', (_name, open) => {
  const opened = open();
  afterAll(async () => (await opened).dispose());
  const reference: LearnerBackend = referenceBackend();
  const close = (got: Float32Array, want: Float32Array): void => {
    expect(got.length).toBe(want.length);
    expect(got.findIndex((x, at) => !(Math.abs(x - want[at]!) <= 1e-4 * (1 + Math.abs(want[at]!))))).toBe(-1);
  };

  it('predicts more rows than one block, in and out of order', async () => {
    const backend = await opened;
    const { data, start } = randomTraining({ layers: [1100, 3, 4], rows: 1000, batchSize: 1, steps: 0 });
    const n = data.features.length / data.columns;
    const inOrder = Int32Array.from({ length: n }, (_, i) => i);
    const orders = [
      inOrder,
      inOrder.subarray(7, 1800),
      makeRng(1).choose(n, n),
      Int32Array.of(5, 5, 5),
      new Int32Array(0),
    ];
    for (const rows of orders) {
      const some = { ...data, rows };
      close(await logits(backend, start, some), await logits(reference, start, some));
    }
  });

  it('trains on more rows than it copies at once', async () => {
    const backend = await opened;
    // 6 steps of 3,000 x 1,000 numbers: five steps are the most of one call where rows are copied.
    const training = randomTraining({ layers: [1000, 2], rows: 400, batchSize: 3000, steps: 6 });
    const params = await fit(backend, training);
    const chunks = await fit(backend, training, { every: 4, onChunk: () => true });
    expect(bytesOf(chunks) === bytesOf(params)).toBe(true);
    close(params.weights[0]!, (await fit(reference, training)).weights[0]!);
  });

  it('serves K = 1000, two hidden layers, and weights of other sizes in between', async () => {
    const backend = await opened;
    for (const layers of [
      [6, 5, 4, 1000],
      [3, 2, 2, 2],
      [1, 1000],
    ]) {
      const training = randomTraining({ layers, rows: 30, batchSize: 16, steps: 5 });
      const [params, want] = [await fit(backend, training), await fit(reference, training)];
      params.weights.forEach((w, l) => close(w, want.weights[l]!));
    }
  });

  it('comes back with what diverged', async () => {
    const backend = await opened;
    const training = randomTraining({ layers: [4, 3, 2], rows: 10, batchSize: 4, steps: 8 });
    const features = training.data.features.map((x) => x * 1e38);
    const params = await fit(backend, { ...training, data: { ...training.data, features } });
    expect(params.weights[0]!.length).toBe(12);
    const scores = await logits(backend, params, training.data);
    expect(scores.length).toBe(20);
    const nan = { weights: training.start.weights.map((w) => w.map(() => NaN)), biases: training.start.biases };
    expect((await logits(backend, nan, training.data)).every(Number.isNaN)).toBe(true);
  });

  it('lets timers run between the chunks of a watched fit', async () => {
    const backend = await opened;
    const training = randomTraining({ layers: [8, 4, 3], rows: 20, batchSize: 8, steps: 60 });
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    await fit(backend, training, { every: 2, onChunk: () => undefined });
    over = true;
    expect(turns).toBeGreaterThanOrEqual(29);
  });

  it('multiplies in blocks, with turns for timers in between, to where the caller says', async () => {
    const backend = await opened;
    // 3 · 2^30 multiply-adds: ones with one other number, so that every sum is known.
    const ones = (rows: number, columns: number): Matrix => ({
      data: new Float32Array(rows * columns).fill(1),
      rows,
      columns,
    });
    const [left, right] = [ones(98_304, 512), ones(512, 64)];
    left.data[98_000 * 512] = 3;
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    const room = new Float32Array(7 + 98_304 * 64).fill(-1);
    await backend.product(left, right, room.subarray(7));
    over = true;
    expect(turns).toBeGreaterThanOrEqual(3);
    const wrong = room.findIndex(
      (x, at) => x !== (at < 7 ? -1 : at >= 7 + 98_000 * 64 && at < 7 + 98_001 * 64 ? 514 : 512),
    );
    expect(wrong).toBe(-1);
  });

  it('can be used again after dispose', async () => {
    const backend = await open();
    const training = randomTraining({ layers: [3, 2], rows: 5, batchSize: 2, steps: 3 });
    const before = bytesOf(await fit(backend, training));
    await backend.dispose();
    expect(bytesOf(await fit(backend, training))).toBe(before);
    await backend.dispose();
  });
});
