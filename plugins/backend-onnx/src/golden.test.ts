import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { softmax } from '@quorate/core/numbers';
import { type LearnerBackend, type MlpParams } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { openOnnx } from './onnx.js';
import { openOnnxWasm } from './onnx-wasm.js';
import { logits } from './training.fixture.js';

/** A fit of the original program: weights are [out][in], one minibatch an epoch. */
interface GoldenFit {
  readonly input_dim: number;
  readonly n_classes: number;
  readonly hidden: number;
  readonly n_hidden_layer: number;
  readonly batch_size: number;
  readonly lr: number;
  readonly weight_decay: number;
  readonly train_x: readonly (readonly number[])[];
  readonly train_y: readonly number[];
  readonly val_x: readonly (readonly number[])[];
  readonly val_y: readonly number[];
  readonly init: TorchModel;
  readonly best_model: TorchModel;
  readonly batches: readonly (readonly number[])[];
  readonly val_loss_every_10: readonly number[];
  readonly best_val_loss: number;
  readonly best_val_probs: readonly (readonly number[])[];
}
type TorchModel = Readonly<Record<string, readonly number[] | readonly (readonly number[])[]>>;

const shared = process.env['QUORATE_SHARED'] ?? join(import.meta.dirname, '../../../../shared');
const file = join(shared, 'golden/learner_fit.json');
const here = existsSync(file);
const cases = here ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: GoldenFit[] }).cases : [];
/** Of the golden file's README. */
const TOLERANCE = 1e-4;

const flat = (rows: readonly (readonly number[])[]): Float32Array => Float32Array.from(rows.flat());
const counting = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

function ofTorch(model: TorchModel): MlpParams {
  const layers = Object.keys(model).filter((name) => name.endsWith('.weight'));
  return {
    weights: layers.map((name) => {
      const matrix = model[name] as readonly (readonly number[])[];
      return flat(matrix[0]!.map((_, from) => matrix.map((row) => row[from]!)));
    }),
    biases: layers.map((name) => Float32Array.from(model[name.replace('weight', 'bias')] as readonly number[])),
  };
}

/** Validates every 10 steps and keeps the best weights, as the original does. */
async function replay(backend: LearnerBackend, one: GoldenFit) {
  const [D, K] = [one.input_dim, one.n_classes];
  const hidden = Array.from({ length: one.n_hidden_layer }, () => one.hidden);
  const spec = { layers: [D, ...hidden, K], learningRate: one.lr, weightDecay: one.weight_decay };
  const rows = counting(one.train_x.length);
  const data = { features: flat(one.train_x), columns: D, rows, labels: Int32Array.from(one.train_y) };
  const validation = { features: flat(one.val_x), columns: D, rows: counting(one.val_x.length) };
  const losses: number[] = [];
  let best: { params: MlpParams; probabilities: Float32Array } | undefined;
  const onChunk = async (done: number, params: MlpParams): Promise<void> => {
    if (done % 10 > 0) return;
    const probabilities = await logits(backend, params, validation);
    let loss = 0;
    one.val_y.forEach((k, i) => {
      const score = probabilities[i * K + k]!;
      loss += softmax(probabilities, i * K, K) - score;
    });
    loss /= one.val_y.length;
    if (!(loss >= Math.min(...losses))) best = { params, probabilities };
    losses.push(loss);
  };
  const batches = Int32Array.from(one.batches.flat());
  await backend.fit(spec, data, ofTorch(one.init), batches, one.batch_size, { every: 10, onChunk });
  return { losses, ...best! };
}

const difference = (got: ArrayLike<number>, want: ArrayLike<number>): number => {
  expect(got.length).toBe(want.length);
  let most = 0;
  for (let x = 0; x < got.length; x++) most = Math.max(most, Math.abs(got[x]! - want[x]!));
  return most;
};

const backends = {
  onnx: () => openOnnx({ threads: 2, providers: ['cpu'] }),
  'onnx-wasm': () => openOnnxWasm({ threads: 2 }),
};
const why = here ? '' : ' (skipped: set QUORATE_SHARED to a folder with golden/learner_fit.json)';
describe.each(Object.entries(backends))(`%s fits as the original program does${why}`, (_name, open) => {
  if (!here) it.skip('needs golden/learner_fit.json: set QUORATE_SHARED', () => undefined);
  it.each(cases.map((one, n) => [n, one] as const))('case %i', async (_n, one) => {
    const backend = await open();
    const { losses, params, probabilities } = await replay(backend, one);
    await backend.dispose();
    const want = ofTorch(one.best_model);
    expect(difference(losses, one.val_loss_every_10)).toBeLessThan(TOLERANCE);
    expect(Math.abs(Math.min(...losses) - one.best_val_loss)).toBeLessThan(TOLERANCE);
    expect(difference(probabilities, flat(one.best_val_probs))).toBeLessThan(TOLERANCE);
    params.weights.forEach((w, l) => expect(difference(w, want.weights[l]!)).toBeLessThan(TOLERANCE));
    params.biases.forEach((b, l) => expect(difference(b, want.biases[l]!)).toBeLessThan(TOLERANCE));
  });
});
