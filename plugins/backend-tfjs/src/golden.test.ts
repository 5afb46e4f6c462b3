import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { softmax } from '@quorate/core/numbers';
import { type LearnerBackend, type MlpParams, type Rows } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { TfjsBackend } from './backend.js';
import { announceMissing, backends } from './backends.fixture.js';

/** Fits of the reference implementation from given weights on given minibatches, as the golden files' README says. */
interface Golden {
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
  readonly batches: readonly (readonly number[])[];
  /** Torch names; weights [out][in]. */
  readonly init: Readonly<Record<string, number[] | number[][]>>;
  readonly best_model: Readonly<Record<string, number[] | number[][]>>;
  readonly val_loss_every_10: readonly number[];
  readonly best_val_loss: number;
  readonly best_val_probs: readonly (readonly number[])[];
}

const beside = fileURLToPath(new URL('../../../../shared', import.meta.url));
const file = `${process.env['QUORATE_SHARED'] ?? beside}/golden/learner_fit.json`;
const here = existsSync(file);
const cases = here ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: Golden[] }).cases : [];

function paramsOf(named: Golden['init'], hiddenLayers: number): MlpParams {
  const layers = Array.from({ length: hiddenLayers + 1 }, (_, l) => `net.${2 * l}`);
  return {
    weights: layers.map((layer) => {
      const matrix = named[`${layer}.weight`] as number[][];
      return Float32Array.from(matrix[0]!.flatMap((_, x) => matrix.map((row) => row[x]!)));
    }),
    biases: layers.map((layer) => Float32Array.from(named[`${layer}.bias`] as number[])),
  };
}

function rowsOf(x: readonly (readonly number[])[], y: readonly number[]): Rows {
  const rows = Int32Array.from(x.keys());
  return { features: Float32Array.from(x.flat()), columns: x[0]!.length, rows, labels: Int32Array.from(y) };
}

async function probabilities(
  backend: LearnerBackend,
  params: MlpParams,
  data: Rows,
  K: number,
): Promise<Float64Array[]> {
  const out = new Float32Array(data.rows.length * K);
  await backend.predict(params, data, out);
  return Array.from(data.rows, (_, i) => {
    const row = Float64Array.from(out.subarray(i * K, (i + 1) * K));
    softmax(row);
    return row;
  });
}

function mustBeNear(got: Iterable<number>, want: Iterable<number>): void {
  const [a, b] = [[...got], [...want]];
  expect(a.length).toBe(b.length);
  a.forEach((x, at) => expect(Math.abs(x - b[at]!)).toBeLessThan(1e-4 * (1 + Math.abs(b[at]!))));
}

announceMissing();
for (const [name, load] of backends) {
  describe(`${name} trains as the reference implementation${here ? '' : ' [skipped: no golden files; set QUORATE_SHARED]'}`, () => {
    if (!here) it.skip('needs golden/learner_fit.json: set QUORATE_SHARED', () => undefined);
    it.each(
      cases.map((one, at) => ({ one, title: `fit ${at}: ${one.n_hidden_layer} hidden, ${one.batch_size} rows` })),
    )('$title', async ({ one }) => {
      const backend = new TfjsBackend(name, await load());
      const { input_dim, n_classes, hidden, n_hidden_layer, batch_size } = one;
      const layers = [input_dim, ...Array<number>(n_hidden_layer).fill(hidden), n_classes];
      const validation = rowsOf(one.val_x, one.val_y);
      const losses: number[] = [];
      let best: MlpParams | undefined;
      await backend.fit(
        { layers, learningRate: one.lr, weightDecay: one.weight_decay },
        rowsOf(one.train_x, one.train_y),
        paramsOf(one.init, n_hidden_layer),
        Int32Array.from(one.batches.flat()),
        batch_size,
        {
          every: 10,
          onChunk: async (_done, params) => {
            const rows = await probabilities(backend, params, validation, n_classes);
            const loss = rows.reduce((sum, row, i) => sum - Math.log(row[one.val_y[i]!]!), 0) / rows.length;
            if (losses.every((earlier) => loss < earlier)) best = params;
            losses.push(loss);
          },
        },
      );
      mustBeNear(losses, one.val_loss_every_10);
      mustBeNear([Math.min(...losses)], [one.best_val_loss]);
      const wanted = paramsOf(one.best_model, n_hidden_layer);
      best!.weights.forEach((matrix, l) => mustBeNear(matrix, wanted.weights[l]!));
      best!.biases.forEach((bias, l) => mustBeNear(bias, wanted.biases[l]!));
      const rows = await probabilities(backend, best!, validation, n_classes);
      rows.forEach((row, i) => mustBeNear(row, one.best_val_probs[i]!));
    });
  });
}
