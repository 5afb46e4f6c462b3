import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeRng } from '@quorate/core';
import sharp from 'sharp';

/** Directions of the stripes of each class, in degrees. */
const classes = { fern: 0, grass: 60, moss: 120 };

/** Draws a folder of photos, one sub-folder for each class: noisy stripes of a direction. */
export async function photos(folder: string, perClass: number): Promise<void> {
  const rng = makeRng('photos');
  for (const [name, degrees] of Object.entries(classes)) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let n = 0; n < perClass; n++) {
      const [width, height] = [60 + rng.int(30), 50 + rng.int(20)];
      const angle = ((degrees + 12 * rng.normal()) * Math.PI) / 180;
      const grey = Uint8Array.from({ length: width * height }, (_, p) => {
        const along = (p % width) * Math.cos(angle) + Math.floor(p / width) * Math.sin(angle);
        return Math.max(0, Math.min(255, 128 + 70 * Math.sin(0.7 * along) + 25 * rng.normal()));
      });
      const image = sharp(grey, { raw: { width, height, channels: 1 } });
      await image.png().toFile(join(folder, name, `${String(n).padStart(4, '0')}.png`));
    }
  }
}
