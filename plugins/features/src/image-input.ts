import { QuorateError } from '@quorate/core';
import { z } from 'zod';
import type { Framing } from './image-decoder.js';
import { chooseName, modelOptions, type Model } from './onnx-session.js';

const side = z.int().min(1).max(8192);
const eachChannel = z.union([z.number(), z.array(z.number()).length(1), z.array(z.number()).length(3)]);

export const onnxImageOptions = z.strictObject({
  ...modelOptions,
  size: z
    .union([side, z.tuple([side, side])])
    .nullable()
    .default(null)
    .describe('pixels of a side, or [height, width]; null: what the model declares, else 224'),
  crop: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(0.875)
    .describe('share of the scaled image that the centred crop keeps (0.875: 224 of 256); null: stretched, no crop'),
  interpolation: z
    .enum(['bilinear', 'bicubic', 'lanczos'])
    .default('bilinear')
    .describe('how pixels are scaled; always with averaging when the image gets smaller'),
  mean: eachChannel
    .default([0.485, 0.456, 0.406])
    .describe('what is taken from a pixel (0..1) before it is divided by std: one number, or red, green, blue'),
  std: eachChannel
    .default([0.229, 0.224, 0.225])
    .describe(
      'what a pixel is divided by: one number, or red, green, blue; 0.00392156862745098 with mean 0 gives 0..255',
    ),
  layout: z
    .enum(['auto', 'nchw', 'nhwc'])
    .default('auto')
    .describe('order of channels, height and width; auto: what the model declares, else nchw'),
  input: z.string().min(1).nullable().default(null).describe("name of the model's input; null: the only one"),
  pool: z
    .enum(['mean', 'cls', 'flatten'])
    .default('mean')
    .describe('what becomes of an output with tokens or places: their mean, the first token, or all values in a row'),
});

/** What a model wants to be fed. */
export interface ImageInput {
  readonly name: string;
  readonly framing: Framing;
  readonly layout: 'nchw' | 'nhwc';
  /** Of each channel, for pixels in 0..1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Rows of one call where the model fixes them, else null. */
  readonly fixedRows: number | null;
}

/** Side of the image where neither the model nor the user says one. */
const USUAL_SIDE = 224;

/**
 * Puts the user's options and what the model declares together. @throws QuorateError CONFIG_INVALID where they do not
 * agree.
 */
export function imageInput(
  model: Pick<Model, 'name' | 'inputs'>,
  options: z.output<typeof onnxImageOptions>,
): ImageInput {
  const names = model.inputs.map(({ name }) => name);
  const name = chooseName(`${model.name}: features.input`, options.input, names, 'input');
  const refuse = (option: string, expected: string, got: string, fix: string): QuorateError =>
    new QuorateError('CONFIG_INVALID', { where: `${model.name}: ${option}`, expected, got, fix });
  if (names.length > 1) {
    const fix = 'Use an export of the image encoder alone.';
    throw refuse('inputs', 'a model of one input, the image', names.join(', '), fix);
  }
  const { type, shape } = model.inputs.find((input) => input.name === name)!;
  if (type !== 'float32') {
    throw refuse(`input "${name}"`, 'an input of float32', type, 'Export the model with float32 inputs.');
  }
  if (shape.length !== 4 && shape.length !== 0) {
    const fix = 'Use a model that takes a batch of images.';
    throw refuse(`input "${name}"`, 'rank 4: rows, channels, height and width', `[${shape.join(', ')}]`, fix);
  }
  const layout = options.layout === 'auto' ? declaredLayout(shape) : options.layout;
  const fixed = (at: number): number | null => {
    const size = shape[at];
    return typeof size === 'number' && size > 0 ? size : null;
  };
  const [c, h, w] = layout === 'nchw' ? [1, 2, 3] : [3, 1, 2];
  const channels = fixed(c) ?? 3;
  if (channels !== 1 && channels !== 3) {
    const fix = `Set features.layout; the model declares [${shape.join(', ')}].`;
    throw refuse('features.layout', '1 or 3 channels', `${channels} with ${layout}`, fix);
  }
  const wanted = typeof options.size === 'number' ? [options.size, options.size] : options.size;
  const declared = [fixed(h), fixed(w)] as const;
  if (wanted !== null && declared.some((size, at) => size !== null && size !== wanted[at])) {
    const fix = 'Leave features.size out, or set it to what the model declares.';
    const size = declared.map((one) => one ?? 'any').join(' × ');
    throw refuse('features.size', `${size}, as the model declares for ${layout}`, wanted.join(' × '), fix);
  }
  const { mean, std } = options;
  if ([std].flat().some((value) => value === 0))
    throw refuse('features.std', 'numbers other than 0', '0', 'Correct it.');
  return {
    name,
    framing: {
      height: wanted?.[0] ?? declared[0] ?? USUAL_SIDE,
      width: wanted?.[1] ?? declared[1] ?? USUAL_SIDE,
      crop: options.crop,
      interpolation: options.interpolation,
      channels,
    },
    layout,
    mean: perChannel(mean, channels),
    std: perChannel(std, channels),
    fixedRows: fixed(0),
  };
}

function declaredLayout(shape: readonly (number | string)[]): 'nchw' | 'nhwc' {
  const isChannels = (size: number | string | undefined): boolean => size === 1 || size === 3;
  return !isChannels(shape[1]) && isChannels(shape[3]) ? 'nhwc' : 'nchw';
}

/** Three numbers become one for a grey image: their mean. */
function perChannel(given: number | readonly number[], channels: 1 | 3): readonly number[] {
  const list = typeof given === 'number' ? [given] : given;
  if (list.length === channels) return list;
  if (list.length === 1) return [list[0]!, list[0]!, list[0]!];
  return [list.reduce((sum, value) => sum + value, 0) / list.length];
}

/** Writes (pixel/255 - mean) / std of one image, interleaved channels, to `out` in the model's order of axes. */
export function normalized(pixels: Uint8Array, out: Float32Array, { framing, layout, mean, std }: ImageInput): void {
  const { channels } = framing;
  const places = framing.height * framing.width;
  for (let c = 0; c < channels; c++) {
    const scale = 1 / (255 * std[c]!);
    const shift = mean[c]! / std[c]!;
    const [start, step] = layout === 'nchw' ? [c * places, 1] : [c, channels];
    for (let p = 0; p < places; p++) out[start + p * step] = pixels[p * channels + c]! * scale - shift;
  }
}
