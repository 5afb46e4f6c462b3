import { writeFileSync } from 'node:fs';
import type { FeatureSubject } from '@quorate/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { FILTERS, imageEncoder, mapsByHand, passing } from './encoders.fixture.js';
import { openDecoder } from './image-decoder.js';
import { extractor, picture, project, stripes, type Paint } from './project.fixture.js';

const { path, files } = project();
const image = (id: string): FeatureSubject => ({ kind: 'image', id, path: path(id) });

async function rows(name: string, options: Readonly<Record<string, unknown>>, ...subjects: FeatureSubject[]) {
  const built = await extractor(name, files, options)();
  try {
    return Array.from(await built.extract(subjects));
  } finally {
    await built.dispose?.();
  }
}

/** Pixels of channel c at (x, y), for a picture that needs no scaling. */
function byHand(paint: Paint, side: number, order: 'nchw' | 'nhwc', mean: number[], std: number[]): number[] {
  const out: number[] = [];
  for (let at = 0; at < 3 * side * side; at++) {
    const [c, place] =
      order === 'nchw' ? [Math.floor(at / side / side), at % (side * side)] : [at % 3, Math.floor(at / 3)];
    const value = paint(place % side, Math.floor(place / side))[c]!;
    out.push((value / 255 - mean[c]!) / std[c]!);
  }
  return out;
}

const close = (got: readonly number[], want: ArrayLike<number>, tolerance = 1e-5): void => {
  expect(got).toHaveLength(want.length);
  got.forEach((x, at) => expect(Math.abs(x - want[at]!), `value ${at}: ${x}, not ${want[at]}`).toBeLessThan(tolerance));
};

const paint = stripes(30);
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
writeFileSync(path('nchw.onnx'), passing(['rows', 3, 16, 16]));
writeFileSync(path('nhwc.onnx'), passing(['rows', 16, 16, 3]));
writeFileSync(path('grey.onnx'), passing([1, 1, 16, 16]));
writeFileSync(path('free.onnx'), passing(['rows', 'c', 'h', 'w']));
writeFileSync(path('encoder.onnx'), imageEncoder({ rows: 'rows', side: 'side' }));
await picture(16, 16, paint).png().toFile(path('small.png'));

describe('what a model is fed', () => {
  it.each(['nchw', 'nhwc'] as const)(
    'is pixels by mean and std, in the order that the model declares: %s',
    async (order) => {
      const got = await rows('onnx_image', { model: `${order}.onnx`, pool: 'flatten', crop: 1 }, image('small.png'));
      close(got, byHand(paint, 16, order, imagenet.mean, imagenet.std));
    },
  );

  it('follows mean, std, size and layout where the model leaves them open', async () => {
    const options = { model: 'free.onnx', pool: 'flatten', crop: 1, size: 16, layout: 'nhwc', mean: 0, std: 1 / 255 };
    close(
      await rows('onnx_image', options, image('small.png')),
      byHand(
        paint,
        16,
        'nhwc',
        [0, 0, 0],
        [1, 1, 1].map((x) => x / 255),
      ),
      1e-3,
    );
  });

  it('is the centre of the scaled image, as much of it as crop says', async () => {
    // 40×20, white in the middle square of 10: with crop 0.5 that is all that is left of the scaled 20×20.
    const middle: Paint = (x, y) => (x >= 15 && x < 25 && y >= 5 && y < 15 ? [255, 255, 255] : [0, 0, 0]);
    await picture(40, 20, middle).png().toFile(path('middle.png'));
    const options = { model: 'free.onnx', pool: 'flatten', mean: 0, std: 1, size: 10 };
    close(await rows('onnx_image', { ...options, crop: 0.5 }, image('middle.png')), new Array<number>(300).fill(1));
    const whole = await rows('onnx_image', { ...options, crop: null }, image('middle.png'));
    const share = whole.reduce((sum, x) => sum + x, 0) / 300;
    expect(share).toBeCloseTo(100 / 800, 1);
  });

  it('is one grey channel for a model of one', async () => {
    await picture(20, 20, () => [90, 90, 90])
      .png()
      .toFile(path('grey.png'));
    const got = await rows(
      'onnx_image',
      { model: 'grey.onnx', pool: 'flatten', mean: 0, std: 1 },
      image('grey.png'),
      image('grey.png'),
    );
    close(got, new Array<number>(512).fill(90 / 255), 0.005);
  });
});

describe('rows of an encoder', () => {
  const pixels = byHand(paint, 16, 'nchw', imagenet.mean, imagenet.std);
  const maps = mapsByHand(pixels, 16);
  const means = Array.from(
    { length: FILTERS },
    (_, f) => maps.subarray(64 * f, 64 * (f + 1)).reduce((a, b) => a + b) / 64,
  );
  const options = { model: 'encoder.onnx', crop: 1, size: 16 };

  it('are the mean of each map by default, the vector of an output that is one', async () => {
    close(await rows('onnx_image', { ...options, output: 'maps' }, image('small.png')), means, 1e-4);
    close(await rows('onnx_image', { ...options, output: 'pooled' }, image('small.png')), means, 1e-4);
  });

  it('are all values in a row with flatten', async () => {
    close(await rows('onnx_image', { ...options, output: 'maps', pool: 'flatten' }, image('small.png')), maps, 1e-4);
  });

  it.each([
    [{}, /features\.output: expected one of the model's 2 outputs, maps, pooled, got no choice/],
    [{ output: 'map' }, /got "map"/],
    [{ output: 'maps', input: 'image' }, /features\.input: expected one of the model's 1 inputs, pixels/],
    [{ output: 'maps', pool: 'cls' }, /CONFIG_INVALID.*tokens for features\.pool=cls/],
    [{ output: 'same', model: 'nchw.onnx', layout: 'nhwc' }, /features\.layout: expected 1 or 3 channels, got 16/],
    [{ output: 'maps', std: 0 }, /features\.std/],
  ])('are refused for %o', async (more, message) => {
    await expect(rows('onnx_image', { ...options, ...more }, image('small.png'))).rejects.toThrow(message);
  });

  it('are refused in a size that the model does not take', async () => {
    const given = { model: 'nchw.onnx', size: 20, pool: 'flatten' };
    await expect(rows('onnx_image', given, image('small.png'))).rejects.toThrow(
      /expected 16 × 16, as the model declares for nchw, got 20 × 20/,
    );
  });
});

describe('an image of any kind', () => {
  const decode = async (name: string, channels: 1 | 3, side = 8): Promise<number[]> => {
    const decoder = await openDecoder();
    let out: number[] = [];
    const framing = { height: side, width: side, crop: null, interpolation: 'bilinear', channels } as const;
    await decoder.decode([image(name)], framing, (pixels) => (out = Array.from(pixels)));
    return out;
  };
  const left: Paint = (x) => (x < 10 ? [255, 255, 255] : [0, 0, 0]);

  it('stands as its EXIF orientation says', async () => {
    await picture(40, 20, left).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toFile(path('turned.jpg'));
    const pixels = await decode('turned.jpg', 1);
    // The left quarter has become the upper one.
    expect(Math.min(...pixels.slice(0, 8))).toBeGreaterThan(240);
    expect(Math.max(...pixels.slice(32))).toBeLessThan(15);
  });

  it('lies on white where it is transparent', async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    await sharp({ create: { width: 9, height: 9, channels: 4, background: clear } })
      .png()
      .toFile(path('clear.png'));
    expect(new Set(await decode('clear.png', 3))).toEqual(new Set([255]));
    expect(new Set(await decode('clear.png', 1))).toEqual(new Set([255]));
  });

  it('of 16 bits becomes one of 8', async () => {
    const ramp = Uint16Array.from({ length: 64 }, (_, p) => (p % 8) * 9362);
    const raw = { width: 8, height: 8, channels: 1 } as const;
    await sharp(ramp, { raw }).toColourspace('grey16').png().toFile(path('deep.png'));
    expect((await sharp(path('deep.png')).metadata()).depth).toBe('ushort');
    const row = (await decode('deep.png', 3)).filter((_, at) => at % 3 === 0).slice(0, 8);
    row.forEach((x, at) => expect(Math.abs(x - (at * 9362) / 257)).toBeLessThan(4));
  });

  it('of CMYK becomes red, green and blue', async () => {
    await picture(16, 16, () => [220, 40, 40])
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toFile(path('print.jpg'));
    expect((await sharp(path('print.jpg')).metadata()).space).toBe('cmyk');
    const [r, g, b] = (await decode('print.jpg', 3)) as [number, number, number];
    expect(r).toBeGreaterThan(180);
    expect(Math.max(g, b)).toBeLessThan(90);
  });

  it('grey has three equal channels, a palette and an animation give their colours', async () => {
    await picture(12, 12, () => [70, 70, 70])
      .greyscale()
      .png()
      .toFile(path('bw.png'));
    for (const value of await decode('bw.png', 3)) expect(Math.abs(value - 70)).toBeLessThan(2);
    await picture(12, 12, () => [0, 200, 0])
      .gif()
      .toFile(path('green.gif'));
    expect((await decode('green.gif', 3)).slice(0, 3)).toEqual([0, 200, 0]);
  });

  it.each(['torn', 'empty', 'words', 'folder', 'missing'])('is an error that names it when it is %s', async (what) => {
    const jpeg = await picture(200, 200, stripes(10)).jpeg().toBuffer();
    if (what === 'torn') writeFileSync(path('torn'), jpeg.subarray(0, jpeg.length - 50));
    if (what === 'empty') writeFileSync(path('empty'), '');
    if (what === 'words') writeFileSync(path('words'), 'words');
    const subject: FeatureSubject = { kind: 'image', id: what, path: what === 'folder' ? path('.') : path(what) };
    await expect(rows('gradient_histogram', {}, subject)).rejects.toThrow(
      new RegExp(`^\\[DATA_INVALID\\] ${what}: expected an image that can be read, got ".*"\\. .*--skip-bad`),
    );
  });

  it('is the first of several bad ones in the order of the batch', async () => {
    writeFileSync(path('bad'), 'bad');
    const batch = [image('small.png'), image('bad'), image('gone'), image('small.png')];
    await expect(rows('gradient_histogram', {}, ...batch)).rejects.toThrow(/\] bad: /);
  });
});
