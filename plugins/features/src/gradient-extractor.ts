import { defineComponent } from '@quorate/core';
import { z } from 'zod';
import { gradientHistogram, histogramValues } from './gradient-histogram.js';
import { openDecoder } from './image-decoder.js';

/** Images of one call: enough to keep all decoding threads busy. */
const BATCH = 64;

const options = z
  .strictObject({
    size: z.int().min(8).max(1024).default(64).describe('pixels of a side, to which every image is scaled'),
    cell: z.int().min(2).max(512).default(8).describe('pixels of a side of a cell; 9 values are counted in each'),
    crop: z
      .number()
      .gt(0)
      .max(1)
      .nullable()
      .default(1)
      .describe('share of the scaled image that the centred square keeps; null: stretched, no crop'),
  })
  .refine(({ size, cell }) => size % cell === 0 && size >= 2 * cell, {
    path: ['size'],
    message: 'a multiple of cell, twice it or more',
  });

export const gradientExtractor = defineComponent({
  kind: 'featureExtractor',
  name: 'gradient_histogram',
  summary: 'images as histograms of oriented gradients; needs no model',
  options,
  create: async ({ size, cell, crop }) => {
    const decoder = await openDecoder();
    const framing = { height: size, width: size, crop, interpolation: 'bilinear', channels: 1 } as const;
    return {
      accepts: ['image'],
      batchSize: BATCH,
      columns: histogramValues({ size, cell }),
      fingerprint: JSON.stringify({ extractor: 'gradient_histogram', framing, cell, sharp: decoder.version }),
      extract: async (batch) => {
        const columns = histogramValues({ size, cell });
        const rows = new Float32Array(batch.length * columns);
        await decoder.decode(batch, framing, (pixels, place) => {
          rows.set(gradientHistogram(pixels, { size, cell }), place * columns);
        });
        return rows;
      },
    };
  },
});
