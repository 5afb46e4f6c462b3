import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openOnnx } from './onnx.js';
import { bytesOf, fit, logits, products, randomTraining } from './training.fixture.js';

it('onnx gives the same bytes with 1 and 2 threads, on matrices that are shared among threads', async () => {
  const training = randomTraining({ layers: [512, 64, 37], rows: 3000, batchSize: 1024, steps: 12 });
  const results = [];
  for (const threads of [1, 2]) {
    const backend = await openOnnx({ threads, providers: ['cpu'] });
    const params = await fit(backend, training);
    const scores = await logits(backend, params, training.data);
    results.push(bytesOf(params) + bytesOf({ weights: [scores, ...(await products(backend))], biases: [] }));
    await backend.dispose();
  }
  expect(results[0] === results[1]).toBe(true);
});

it('onnx-wasm gives the same bytes with 1 and 2 threads, and its processes end', () => {
  const fixture = join(import.meta.dirname, 'wasm-process.fixture.ts');
  const [one, two] = ['1', '2'].map((threads) => {
    const node = ['--conditions=@quorate/source', '--import', 'tsx', fixture, threads];
    const { status, stdout, stderr } = spawnSync(process.execPath, node, { encoding: 'utf8', timeout: 50_000 });
    expect(`${status} ${stderr}`).toBe('0 ');
    return stdout;
  });
  expect(one!.length).toBe(8 * (64 * 32 + 32 * 7 + 32 + 7) + 40);
  expect(one === two).toBe(true);
});
