import { makeRng } from '@quorate/core';
import { onnxModel, type Shape } from './onnx-model.fixture.js';

const normals = (seed: string, length: number): Float32Array => {
  const rng = makeRng(seed);
  return Float32Array.from({ length }, () => rng.normal());
};

export const FILTERS = 4;
/** [FILTERS][channel][2][2] */
export const filters = normals('filters', FILTERS * 3 * 4);

/** A convolution of 2×2 filters, two pixels apart, and ReLU (`maps`); and the mean of each map (`pooled`). */
export function imageEncoder({ rows, side }: { rows: number | string; side: number | string }): Buffer {
  const inputs = { pixels: ['float', [rows, 3, side, side]] } as const;
  return onnxModel({
    inputs,
    outputs: { maps: [rows, FILTERS, 'h', 'w'], pooled: [rows, FILTERS] },
    constants: { weights: { shape: [FILTERS, 3, 2, 2], data: filters } },
    nodes: [
      ['Conv', ['pixels', 'weights'], ['raw'], { kernel_shape: [2, 2], strides: [2, 2] }],
      ['Relu', ['raw'], ['maps']],
      ['GlobalAveragePool', ['maps'], ['means']],
      ['Flatten', ['means'], ['pooled']],
    ],
  });
}

/** What `imageEncoder` must give as `maps` for one image, [channel][height][width]. */
export function mapsByHand(pixels: ArrayLike<number>, side: number): Float64Array {
  const half = side / 2;
  const maps = new Float64Array(FILTERS * half * half);
  for (let f = 0; f < FILTERS; f++) {
    for (let y = 0; y < half; y++) {
      for (let x = 0; x < half; x++) {
        let sum = 0;
        for (let c = 0; c < 3; c++) {
          for (let k = 0; k < 4; k++) {
            const at = (c * side + 2 * y + Math.floor(k / 2)) * side + 2 * x + (k % 2);
            sum += pixels[at]! * filters[(f * 3 + c) * 4 + k]!;
          }
        }
        maps[(f * half + y) * half + x] = Math.max(0, sum);
      }
    }
  }
  return maps;
}

/** Gives its input back, through `operators` of rank 4: what was fed in can be seen. */
export function passing(shape: Shape, quantized = false): Buffer {
  const codes = ['codes', 'scale', 'zero'];
  return onnxModel({
    inputs: { pixels: ['float', shape] },
    outputs: { same: shape },
    nodes: quantized
      ? [
          ['DynamicQuantizeLinear', ['pixels'], codes],
          ['DequantizeLinear', codes, ['same']],
        ]
      : [['Identity', ['pixels'], ['same']]],
  });
}

export const WORDS = ['[PAD]', '[CLS]', '[SEP]', '[UNK]', 'good', 'bad', 'film', '##s', 'a', 'very'];
export const DIMENSIONS = 5;
/** [word][dimension] */
export const embedding = normals('embedding', WORDS.length * DIMENSIONS);

/** hidden(t) = e(t) + the sum of e over tokens that count: [rows, tokens, DIMENSIONS]. */
export function textEncoder(inputNames: readonly string[] = ['input_ids', 'attention_mask']): Buffer {
  const shape = ['rows', 'tokens'];
  return onnxModel({
    inputs: Object.fromEntries(inputNames.map((name) => [name, ['int64', shape] as const])),
    outputs: { hidden: [...shape, DIMENSIONS] },
    constants: {
      embedding: { shape: [WORDS.length, DIMENSIONS], data: embedding },
      last: { shape: [1], data: [2n] },
      tokenAxis: { shape: [1], data: [1n] },
    },
    nodes: [
      ['Gather', ['embedding', 'input_ids'], ['e']],
      ['Cast', ['attention_mask'], ['counts'], { to: 1 }],
      ['Unsqueeze', ['counts', 'last'], ['column']],
      ['Mul', ['e', 'column'], ['counting']],
      ['ReduceSum', ['counting', 'tokenAxis'], ['sum'], { keepdims: 1 }],
      ['Add', ['e', 'sum'], ['hidden']],
    ],
  });
}

/** Rows of `hidden` for token numbers, by hand. */
export function hiddenByHand(ids: readonly number[]): number[][] {
  const e = ids.map((id) => Array.from(embedding.subarray(id * DIMENSIONS, (id + 1) * DIMENSIONS)));
  return e.map((row) => row.map((x, d) => x + e.reduce((sum, other) => sum + other[d]!, 0)));
}

/** A WordPiece tokenizer of WORDS with [CLS] and [SEP], as Hugging Face writes it. */
export function tokenizerJson(): string {
  const special = (id: number): object => ({
    id,
    content: WORDS[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const token = (name: string): object => ({ SpecialToken: { id: name, type_id: 0 } });
  const entry = (name: string, id: number): object => ({ id: name, ids: [id], tokens: [name] });
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [0, 1, 2, 3].map(special),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [token('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, token('[SEP]')],
      pair: [],
      special_tokens: { '[CLS]': entry('[CLS]', 1), '[SEP]': entry('[SEP]', 2) },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    },
  });
}
