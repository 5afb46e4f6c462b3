import { makeRng, type MlpParams, type MlpSpec, type Rows } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { TfjsBackend } from './backend.js';
import { announceMissing, backends } from './backends.fixture.js';
import { loadCpu, loadWasm } from './load.js';

const rng = makeRng('tfjs');
const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, () => rng.normal() / 3);
const [N, D, H, K, B] = [50, 7, 5, 3, 8];
const spec: MlpSpec = { layers: [D, H, K], learningRate: 0.01, weightDecay: 1e-3 };
const start: MlpParams = { weights: [numbers(D * H), numbers(H * K)], biases: [numbers(H), numbers(K)] };
const data = {
  features: numbers(N * D),
  columns: D,
  rows: Int32Array.from({ length: N }, (_, i) => i),
  labels: Int32Array.from({ length: N }, () => rng.int(K)),
} satisfies Rows;
const batches = Int32Array.from({ length: 30 * B }, () => rng.int(N));

announceMissing();
describe.each(backends)('%s', (name, load) => {
  it('frees every tensor, also after a fit that was cancelled or whose watcher threw', async () => {
    const runtime = await load();
    const backend = new TfjsBackend(name, runtime);
    const out = new Float32Array(N * K);
    const before = runtime.tf.memory().numTensors;
    for (let n = 0; n < 3; n++) {
      const params = await backend.fit(spec, data, start, batches, B, { every: 7, onChunk: (done) => done < 14 });
      await backend.predict(params, data, out);
      const features = { data: data.features, rows: N, columns: D };
      await backend.product(features, features, new Float32Array(D * D), { left: true });
      const failing = backend.fit(spec, data, start, batches, B, {
        every: 10,
        onChunk: () => Promise.reject(new Error('enough')),
      });
      await expect(failing).rejects.toThrow('enough');
      expect(runtime.tf.memory().numTensors).toBe(before);
    }
  });

  it('holds no more tensors during a long fit than during a short one', async () => {
    const runtime = await load();
    const held: number[] = [];
    const onChunk = (): void => void held.push(runtime.tf.memory().numTensors);
    await new TfjsBackend(name, runtime).fit(spec, data, start, batches, B, { every: 1, onChunk });
    expect(new Set(held).size).toBe(1);
  });

  it('predicts the same for a row alone as among others', async () => {
    const backend = new TfjsBackend(name, await load());
    const all = new Float32Array(N * K);
    await backend.predict(start, data, all);
    const one = new Float32Array(K);
    for (const row of [0, 17, N - 1]) {
      await backend.predict(start, { ...data, rows: Int32Array.of(row) }, one);
      one.forEach((x, k) => expect(x).toBeCloseTo(all[row * K + k]!, 5));
    }
    await expect(backend.predict(start, { ...data, rows: new Int32Array(0) }, new Float32Array(0))).resolves.toBe(
      undefined,
    );
  });

  it('returns numbers, not an error, where a fit diverges', async () => {
    const backend = new TfjsBackend(name, await load());
    const huge = { ...data, features: data.features.map((x) => x * 1e30) };
    const { weights } = await backend.fit({ ...spec, learningRate: 1e30 }, huge, start, batches, B);
    expect(weights[0]).toHaveLength(D * H);
  });
});

describe('two backends in one process', () => {
  it('take turns without disturbing each other', async () => {
    const wasm = new TfjsBackend('tfjs-wasm', await loadWasm());
    const cpu = new TfjsBackend('tfjs-cpu', await loadCpu());
    const alone = [await wasm.fit(spec, data, start, batches, B), await cpu.fit(spec, data, start, batches, B)];
    const together = await Promise.all([wasm, cpu].map((backend) => backend.fit(spec, data, start, batches, B)));
    expect(together).toEqual(alone);
  });
});
