import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isQuorateError, type Dataset, type Files, type WorkerSimulator } from '@quorate/core';
import { afterAll, describe, expect, it } from 'vitest';
import onnxClassifier from './onnx-classifier.js';

/** x of n×2 → logits 2x, probabilities (their softmax), and an output of one column. */
const MODEL =
  'CAg6/wEKFgoBeAoBdxIGbG9naXRzIgZNYXRNdWwKLQoGbG9naXRzEg1wcm9iYWJpbGl0aWVzIgdTb2Z0bWF4KgsKBGF4aXMYAaABAgoTCgF4CgF2EgNv' +
  'bmUiBk1hdE11bBIEdGVzdCobCAIIAhABQgF3ShAAAABAAAAAAAAAAAAAAABAKhMIAggBEAFCAXZKCAAAgD8AAIA/WhQKAXgSDwoNCAESCQoDEgFuCgII' +
  'AmIgCg1wcm9iYWJpbGl0aWVzEg8KDQgBEgkKAxIBbgoCCAJiGQoGbG9naXRzEg8KDQgBEgkKAxIBbgoCCAJiFgoDb25lEg8KDQgBEgkKAxIBbgoCCAFC' +
  'BAoAEBE=';

const folder = mkdtempSync(join(tmpdir(), 'quorate-classifier-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'old.onnx'), Buffer.from(MODEL, 'base64'));
writeFileSync(join(folder, 'broken.onnx'), 'not a model');

const files: Files = {
  resolve: (path) => join(folder, path),
  locate: () => undefined,
  cacheDir: folder,
  note: () => undefined,
};
const N = 300;
const dataset: Dataset = {
  taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
  classes: ['cat', 'dog'],
  features: {
    data: Float32Array.from({ length: 2 * N }, (_, x) => (x % 2 === Math.floor(x / 2) % 2 ? 1 : 0)),
    columns: 2,
  },
  prototypes: { ids: [], classOf: new Int32Array(0) },
};

async function classifier(given: Record<string, unknown> = {}, data = dataset): Promise<WorkerSimulator> {
  return onnxClassifier.create!(
    onnxClassifier.options.parse({ model: 'old.onnx', ...given }),
    data,
    files,
  ) as Promise<WorkerSimulator>;
}

function rowOf(model: WorkerSimulator, item: number): number[] {
  const row = new Float64Array(2);
  expect(model.probabilities!(0, item, row)).toBe(true);
  return Array.from(row, (p) => Number(p.toFixed(4)));
}

describe('an ONNX classifier', () => {
  it('gives its class probabilities, over several batches, under a name with its hash', async () => {
    const model = await classifier({ output: 'probabilities' });
    expect(model.workerIds[0]).toMatch(/^old@[0-9a-f]{8}$/);
    for (const i of [0, 255, 256, 299])
      expect(rowOf(model, i)).toEqual(i % 2 === 0 ? [0.8808, 0.1192] : [0.1192, 0.8808]);
    const label = new Int32Array(2);
    await model.answer(
      { count: 2, item: Int32Array.of(298, 299), worker: new Int32Array(2) },
      label,
      undefined as never,
    );
    expect([...label]).toEqual([0, 1]);
  });

  it('whose logits are turned into probabilities, and whose classes have another order', async () => {
    expect(rowOf(await classifier({ output: 'logits', logits: true, classes: ['dog', 'cat'] }), 0)).toEqual([
      0.1192, 0.8808,
    ]);
  });

  it('that knows classes which the run does not have, says nothing of tasks of those', async () => {
    const model = await classifier({ output: 'logits', classes: ['wolf', 'cat'] });
    expect(model.may!(0, 0, undefined as never)).toBe(false);
    expect(rowOf(model, 1)).toEqual([1, 0]);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['two outputs of that shape', {}, /one output of 256×2.*probabilities of 256×2.*Set output/],
    ['an output of another shape', { output: 'one' }, /one of 256×1/],
    ['an output that it has not', { output: 'two' }, /an output "two", got probabilities, logits, one/],
    ['no class of the run', { output: 'logits', classes: ['a', 'b'] }, /classes of this run/],
    ['no file', { model: 'none.onnx' }, /an \.onnx file.*Correct the path/],
    ['a file that is no model', { model: 'broken.onnx' }, /a model that ONNX Runtime can load/],
  ])('%s is refused', async (_what, given, reason) => {
    const message = await classifier(given).then(String, (thrown: unknown) =>
      isQuorateError(thrown) ? thrown.message : `${String(thrown)}!`,
    );
    expect(message).toMatch(reason);
  });

  it('features that it does not take are refused', async () => {
    const three = { ...dataset, features: { data: new Float32Array(3 * N), columns: 3 } };
    await expect(classifier({ output: 'logits' }, three)).rejects.toThrow(/takes 256×3 features/);
    await expect(classifier({}, { ...dataset, features: null })).rejects.toThrow(/a dataset with features/);
  });
});
