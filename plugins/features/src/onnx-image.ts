import { T, defineComponent, type FeatureExtractor, type Files } from '@quorate/core';
import type { z } from 'zod';
import { openDecoder } from './image-decoder.js';
import { imageInput, normalized, onnxImageOptions } from './image-input.js';
import { examineModel, rowsAtOnce } from './model-file.js';
import { chooseOutput, openModel } from './onnx-session.js';
import { checkFinite, pooled } from './pooling.js';

type Options = z.output<typeof onnxImageOptions>;

async function create(options: Options, files: Files): Promise<FeatureExtractor> {
  const path = files.resolve(options.model);
  const file = await examineModel(options.model, path);
  const decoder = await openDecoder();
  const model = await openModel({ name: options.model, path, threads: options.threads });
  const input = imageInput(model, options);
  const output = chooseOutput(model, options.output);
  const { framing, layout } = input;
  const { height, width, channels } = framing;
  const values = height * width * channels;
  const shape = layout === 'nchw' ? [channels, height, width] : [height, width, channels];
  const atOnce = rowsAtOnce(options.model, file, input.fixedRows, options.batchSize);
  const where = `output "${output}" of ${options.model}`;

  /** @param data Of `rows` images, the first `wanted` of which are asked for. */
  async function forward(data: Float32Array, rows: number, wanted: number): Promise<Float32Array> {
    const tensor = new model.runtime.Tensor('float32', data, [rows, ...shape]);
    const result = await model.run({ [input.name]: tensor }, output);
    return pooled(result, { where, pool: options.pool, layout, rows, wanted, mask: null });
  }

  let columns: number | null = null;
  return {
    accepts: ['image'],
    batchSize: Math.max(atOnce, options.batchSize),
    get columns() {
      return columns;
    },
    fingerprint: JSON.stringify({
      extractor: 'onnx_image',
      model: file.hash,
      ...{ framing, layout, output, atOnce, mean: input.mean, std: input.std, input: input.name, pool: options.pool },
      ...{ sharp: decoder.version, onnxruntime: model.runtime.env.versions.common },
    }),
    extract: async (batch) => {
      // A model that fixes its number of rows gets zeros for those that are missing.
      const rows = input.fixedRows ? Math.ceil(batch.length / atOnce) * atOnce : batch.length;
      const data = new Float32Array(rows * values);
      await decoder.decode(batch, framing, (pixels, place) => {
        normalized(pixels, data.subarray(place * values, (place + 1) * values), input);
      });
      const parts: Float32Array[] = [];
      for (let from = 0; from < rows; from += atOnce) {
        const to = Math.min(from + atOnce, rows);
        const wanted = Math.min(to, batch.length) - from;
        parts.push(await forward(data.subarray(from * values, to * values), to - from, wanted));
        columns = parts[0]!.length / Math.min(atOnce, batch.length);
      }
      const out = joined(parts, batch.length * columns!);
      checkFinite(out, batch, where);
      return out;
    },
    dispose: () => model.release(),
  };
}

function joined(parts: readonly Float32Array[], length: number): Float32Array {
  const out = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const onnxImage = defineComponent({
  kind: 'featureExtractor',
  name: 'onnx_image',
  summary: 'images through any ONNX encoder',
  options: onnxImageOptions,
  inject: [T.Files],
  create,
});
