import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeatureExtractor, FeatureSubject, Files } from '@quorate/core';
import sharp from 'sharp';
import { afterAll } from 'vitest';
import plugin from './index.js';

/** A folder that is gone when the test file ends. */
export function project(): { readonly path: (name: string) => string; readonly files: Files } {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-features-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  return { path, files: { resolve: path, locate: () => undefined, cacheDir: folder, note: () => undefined } };
}

/** Builds a component of this plugin out of options as a user writes them. */
export function extractor(name: string, files: Files, options: Readonly<Record<string, unknown>>) {
  const component = plugin.components!.find((one) => one.name === name)!;
  return async () => (await component.create!(component.options.parse(options), files)) as FeatureExtractor;
}

/** A text that tests can ask for by its id. */
export const text = (id: string, words: string): FeatureSubject => ({ kind: 'text', id, text: words });

export type Paint = (x: number, y: number) => readonly [red: number, green: number, blue: number];

/** An uncompressed picture: sharp with what `paint` says of each pixel. */
export function picture(width: number, height: number, paint: Paint) {
  const data = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p++) data.set(paint(p % width, Math.floor(p / width)), 3 * p);
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Stripes in a direction: pictures that differ in their gradients. */
export const stripes =
  (degrees: number, shade = 1): Paint =>
  (x, y) => {
    const along = x * Math.cos((degrees * Math.PI) / 180) + y * Math.sin((degrees * Math.PI) / 180);
    const value = Math.round((128 + 100 * Math.sin(along)) * shade);
    return [value, 255 - value, (x * 7) % 256];
  };

export async function imageFiles(path: (name: string) => string): Promise<readonly FeatureSubject[]> {
  const written = { 'a.png': stripes(0), 'b.png': stripes(45), 'c.png': stripes(90, 0.5), 'd.png': stripes(120) };
  for (const [name, paint] of Object.entries(written)) await picture(40, 30, paint).png().toFile(path(name));
  writeFileSync(path('torn.png'), 'not an image');
  return Object.keys(written).map((id) => ({ kind: 'image', id, path: path(id) }));
}
