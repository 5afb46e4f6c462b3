import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  QuorateError,
  T,
  defineComponent,
  type FeatureExtractor,
  type FeatureSubject,
  type Files,
} from '@quorate/core';
import type { Tensor } from 'onnxruntime-common';
import { z } from 'zod';
import { examineModel, rowsAtOnce } from './model-file.js';
import { chooseOutput, modelOptions, openModel, type Model } from './onnx-session.js';
import { checkFinite, pooled } from './pooling.js';
import { openTokenizer } from './text-tokens.js';

const options = z.strictObject({
  ...modelOptions,
  tokenizer: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('path of the tokenizer.json; null: the one beside the model, or in the folder above'),
  maxTokens: z.int().min(3).max(65_536).default(256).describe('tokens after which a text is cut off'),
  pool: z
    .enum(['mean', 'cls'])
    .default('mean')
    .describe('what becomes of an output with tokens: the mean of those that are text, or the first'),
});
type Options = z.output<typeof options>;

/** Texts are filled up to a multiple of this, each for itself: what else is in the batch makes no difference. */
const STEP = 16;

async function create(options: Options, files: Files): Promise<FeatureExtractor> {
  const path = files.resolve(options.model);
  const file = await examineModel(options.model, path);
  const tokens = await openTokenizer(...tokenizerPath(options, path, files));
  const model = await openModel({ name: options.model, path, threads: options.threads });
  const output = chooseOutput(model, options.output);
  const where = `output "${output}" of ${options.model}`;
  const feed = textInputs(model);
  const most = Math.min(options.maxTokens, feed.fixedTokens ?? Infinity);
  const atOnce = rowsAtOnce(options.model, file, feed.fixedRows, options.batchSize);

  async function forward(texts: readonly (readonly number[])[], length: number): Promise<Float32Array> {
    const rows = feed.fixedRows ?? texts.length;
    const ids = new Int32Array(rows * length).fill(tokens.padding);
    const mask = new Uint8Array(rows * length);
    texts.forEach((text, i) => {
      ids.set(text, i * length);
      mask.fill(1, i * length, i * length + text.length);
    });
    const result = await model.run(feed.tensors(ids, mask, [rows, length]), output);
    return pooled(result, { where, pool: options.pool, layout: 'nchw', rows, wanted: texts.length, mask });
  }

  let columns: number | null = null;
  return {
    accepts: ['text'],
    batchSize: options.batchSize,
    get columns() {
      return columns;
    },
    fingerprint: JSON.stringify({
      extractor: 'onnx_text',
      model: file.hash,
      tokenizer: createHash('sha256').update(tokens.source).digest('hex'),
      ...{ output, pool: options.pool, most, atOnce },
      onnxruntime: model.runtime.env.versions.common,
    }),
    extract: async (batch) => {
      const texts = batch.map((subject) => tokens.encode(textOf(subject), most));
      const rows: Float32Array[] = [];
      for (const [length, group] of byLength(texts, feed.fixedTokens)) {
        for (let from = 0; from < group.length; from += atOnce) {
          const places = group.slice(from, from + atOnce);
          const out = await forward(
            places.map((place) => texts[place]!),
            length,
          );
          columns = out.length / places.length;
          places.forEach((place, i) => (rows[place] = out.subarray(i * columns!, (i + 1) * columns!)));
        }
      }
      const out = new Float32Array(batch.length * columns!);
      rows.forEach((row, place) => out.set(row, place * columns!));
      checkFinite(out, batch, where);
      return out;
    },
    dispose: () => model.release(),
  };
}

function textOf(subject: FeatureSubject): string {
  if (subject.kind === 'text') return subject.text;
  throw new TypeError(`${subject.id} is an image, not a text`);
}

/** Places of the texts by the length to which each is filled up, which follows from its own length alone. */
function byLength(texts: readonly (readonly number[])[], fixed: number | null): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  texts.forEach((text, place) => {
    const length = fixed ?? Math.max(1, Math.ceil(text.length / STEP)) * STEP;
    const group = groups.get(length);
    if (group) group.push(place);
    else groups.set(length, [place]);
  });
  return groups;
}

function tokenizerPath(
  { tokenizer, model }: Options,
  path: string,
  files: Files,
): readonly [name: string, path: string] {
  if (tokenizer !== null) return [tokenizer, files.resolve(tokenizer)];
  const places = [dirname(path), dirname(dirname(path))].map((folder) => join(folder, 'tokenizer.json'));
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return ['tokenizer.json', found];
  throw new QuorateError('CONFIG_INVALID', {
    where: 'features.tokenizer',
    expected: `the tokenizer.json of ${model}`,
    got: 'none beside it or in the folder above',
    fix: 'Set features.tokenizer=PATH.',
  });
}

const known = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'] as const;

/** How a model wants its tokens. @throws QuorateError CONFIG_INVALID for a model that asks for anything else. */
function textInputs({ name: where, inputs, runtime }: Model) {
  const refuse = (expected: string, got: string): QuorateError => {
    const fix = 'Use an export of a text encoder alone, with the usual names of inputs.';
    return new QuorateError('CONFIG_INVALID', { where: `${where}: inputs`, expected, got, fix });
  };
  const strange = inputs.filter(({ name }) => !(known as readonly string[]).includes(name)).map(({ name }) => name);
  const ids = inputs.find(({ name }) => name === 'input_ids');
  if (strange.length > 0 || !ids) throw refuse(`input_ids and maybe ${known.slice(1).join(', ')}`, strange.join(', '));
  for (const { name, type } of inputs) {
    if (type !== 'int64' && type !== 'int32') throw refuse(`${name} of int64 or int32`, type);
  }
  const fixed = (at: number): number | null => {
    const size = ids.shape[at];
    return typeof size === 'number' && size > 0 ? size : null;
  };
  const tensors = (tokens: Int32Array, mask: Uint8Array, dims: readonly number[]): Record<string, Tensor> => {
    const values = {
      input_ids: tokens,
      attention_mask: Int32Array.from(mask),
      token_type_ids: new Int32Array(tokens.length),
      position_ids: tokens.map((_, at) => at % dims[1]!),
    };
    return Object.fromEntries(
      inputs.map(({ name, type }) => {
        const data = values[name as (typeof known)[number]];
        const wide = type === 'int64' ? BigInt64Array.from(data, BigInt) : data;
        return [name, new runtime.Tensor(type as 'int64', wide as BigInt64Array, dims)];
      }),
    );
  };
  return { fixedRows: fixed(0), fixedTokens: fixed(1), tensors };
}

export const onnxText = defineComponent({
  kind: 'featureExtractor',
  name: 'onnx_text',
  summary: 'texts through any ONNX encoder, with its tokenizer.json',
  options,
  inject: [T.Files],
  create,
});
