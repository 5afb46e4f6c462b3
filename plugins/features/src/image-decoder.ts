import { readFile } from 'node:fs/promises';
import { QuorateError, messageOf, type FeatureSubject } from '@quorate/core';
import type { Sharp, SharpConstructor } from 'sharp';

/** How an image of any shape becomes one of height × width pixels. */
export interface Framing {
  readonly height: number;
  readonly width: number;
  /**
   * Share of the scaled image that the centred crop keeps, along the side that fits closest: 0.875 is "resize to 256,
   * crop 224". Null: no crop, the image is stretched to the shape.
   */
  readonly crop: number | null;
  readonly interpolation: 'bilinear' | 'bicubic' | 'lanczos';
  /** 1 grey, 3 red green blue. */
  readonly channels: 1 | 3;
}

export interface ImageDecoder {
  /** Version of the library: another one may decode to other bytes. */
  readonly version: string;
  /**
   * Decodes images, a few at a time, and hands each to `use` with its place in the batch: pixels 0..255, height × width
   * × channels, row by row. The EXIF orientation is applied, transparency lies on white, every depth and colour space
   * becomes 8-bit sRGB (or grey), of an animation the first frame counts. Throws DATA_INVALID for the first image of the
   * batch whose file cannot be read, is damaged or is no image.
   */
  decode(
    batch: readonly FeatureSubject[],
    framing: Framing,
    use: (pixels: Uint8Array, place: number) => void,
  ): Promise<void>;
}

/** Images in memory at once: as many as sharp has threads by default, and as many again that wait for one. */
const LANES = 8;

const kernels = { bilinear: 'linear', bicubic: 'cubic', lanczos: 'lanczos3' } as const;

/** Loads sharp. @throws QuorateError BACKEND_UNAVAILABLE where its native code is not there. */
export async function openDecoder(
  importPackage: () => Promise<{ default: SharpConstructor }> = () => import('sharp'),
): Promise<ImageDecoder> {
  let sharp: SharpConstructor;
  try {
    sharp = (await importPackage()).default;
  } catch (cause) {
    throw new QuorateError('BACKEND_UNAVAILABLE', {
      where: 'decoding of images',
      expected: 'the package sharp with its native code',
      got: `"${messageOf(cause)}"`,
      fix: 'Run "npm install --include=optional sharp" for this system and processor.',
      cause,
    });
  }
  const decodeOne = async (subject: FeatureSubject, framing: Framing): Promise<Uint8Array> => {
    if (subject.kind !== 'image') throw new TypeError(`${subject.id} is a text, not an image`);
    try {
      // Read here: sharp would keep the file open, and says less about a file that cannot be opened.
      const image = sharp(await readFile(subject.path), { failOn: 'error' });
      return await framed(image, framing).raw({ depth: 'uchar' }).toBuffer();
    } catch (cause) {
      throw new QuorateError('DATA_INVALID', {
        where: subject.id,
        expected: 'an image that can be read',
        got: `"${(cause as Error).message.split('\n')[0]}"`,
        fix: 'Replace or remove the file, or leave such files out with --skip-bad.',
        cause,
      });
    }
  };
  return {
    version: sharp.versions.sharp ?? 'unknown',
    decode: async (batch, framing, use) => {
      const failures = new Map<number, unknown>();
      let next = 0;
      const lane = async (): Promise<void> => {
        for (let place = next++; place < batch.length; place = next++) {
          try {
            use(await decodeOne(batch[place]!, framing), place);
          } catch (thrown) {
            failures.set(place, thrown);
          }
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
    },
  };
}

function framed(image: Sharp, { height, width, crop, interpolation, channels }: Framing): Sharp {
  const upright = image.autoOrient().flatten({ background: '#ffffff' });
  const coloured = channels === 1 ? upright.greyscale() : upright.toColourspace('srgb');
  // The JPEG decoder may scale down by itself, but not so far that the kernel has nothing left to average.
  const resize = { kernel: kernels[interpolation], fastShrinkOnLoad: false } as const;
  if (crop === null) return coloured.resize({ ...resize, width, height, fit: 'fill' });
  const wide = Math.max(width, Math.round(width / crop));
  const high = Math.max(height, Math.round(height / crop));
  return coloured
    .resize({ ...resize, width: wide, height: high, fit: 'cover' })
    .extract({ left: Math.floor((wide - width) / 2), top: Math.floor((high - height) / 2), width, height });
}
