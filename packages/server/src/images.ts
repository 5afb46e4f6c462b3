import { createReadStream, realpathSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

/** Raster images only: an SVG can carry scripts. */
const types: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
};

/** An image below `root`, by its path; undefined for whatever else, links that lead out of it included. */
export function openImage(
  root: string,
  path: string,
): { type: string; size: number; stream: () => ReturnType<typeof createReadStream> } | undefined {
  const type = types[extname(path).toLowerCase()];
  if (type === undefined) return undefined;
  try {
    const top = realpathSync(root);
    const file = realpathSync(join(top, path));
    if (!file.startsWith(top.endsWith(sep) ? top : top + sep)) return undefined;
    const there = statSync(file);
    return there.isFile() ? { type, size: there.size, stream: () => createReadStream(file) } : undefined;
  } catch {
    return undefined;
  }
}
