import {
  defineComponent,
  T,
  type Activation,
  type FitWatch,
  type LearnerBackend,
  type Matrix,
  type MlpParams,
  type MlpSpec,
  type Rows,
} from '@quorate/core';
import { multiplyMatrices, softmax } from '@quorate/core/numbers';
import { injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnLearnerBackend implements LearnerBackend {
  readonly name = 'my_part';

  async fit(
    spec: MlpSpec,
    given: Rows,
    start: MlpParams,
    batches: Int32Array,
    batchSize: number,
    watch?: FitWatch,
  ): Promise<MlpParams> {
    const layers = layersOf(start, given.columns);
    const empty = (): Float64Array[] => layers.map(({ values }) => new Float64Array(values.length));
    const [gradients, first, second] = [empty(), empty(), empty()];
    const steps = batches.length / batchSize;
    let data = given;
    for (let step = 1; step <= steps; step++) {
      for (const gradient of gradients) gradient.fill(0);
      for (const at of batches.subarray((step - 1) * batchSize, step * batchSize)) {
        const outputs = forward(layers, data, at);
        backward(layers, outputs, slopeOf(outputs.at(-1)!, data, at), batchSize, gradients);
      }
      layers.forEach(({ values }, l) => {
        const [gradient, m, v] = [gradients[l]!, first[l]!, second[l]!];
        for (let x = 0; x < values.length; x++) {
          const g = gradient[x]! + spec.weightDecay * values[x]!;
          m[x] = 0.9 * m[x]! + 0.1 * g;
          v[x] = 0.999 * v[x]! + 0.001 * g * g;
          const size = Math.sqrt(v[x]! / (1 - 0.999 ** step)) + 1e-8;
          values[x]! -= (spec.learningRate * m[x]!) / (1 - 0.9 ** step) / size;
        }
      });
      if (!watch || (step % watch.every !== 0 && step < steps)) continue;
      const next = await watch.onChunk(step, paramsOf(layers, start));
      if (next === false) break;
      if (typeof next === 'object') data = next;
    }
    return paramsOf(layers, start);
  }

  async predict(params: MlpParams, data: Rows, out: Float32Array): Promise<void> {
    const layers = layersOf(params, data.columns);
    data.rows.forEach((_, at) => {
      const logits = forward(layers, data, at).at(-1)!;
      out.set(logits, at * logits.length);
    });
  }

  async product(
    left: Matrix,
    right: Matrix,
    out: Float32Array,
    transpose?: { readonly left?: boolean; readonly right?: boolean },
  ): Promise<void> {
    multiplyMatrices(left, right, out, transpose);
  }

  async dispose(): Promise<void> {}
}
