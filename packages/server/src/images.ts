import { createReadStream, realpathSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { Readable } from 'node:stream';

/** Raster images only: an SVG can carry scripts. */
const types: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
};

/** Is it the path of an image, by its name? */
export function isImage(path: string): boolean {
  return types[extname(path).toLowerCase()] !== undefined;
}

/** An image below `root`, by its path; undefined for whatever else, links that lead out of it included. */
export function imageResponse(root: string, path: string): Response | undefined {
  const type = types[extname(path).toLowerCase()];
  if (type === undefined) return undefined;
  try {
    const top = realpathSync(root);
    const file = realpathSync(join(top, path));
    if (!file.startsWith(top.endsWith(sep) ? top : top + sep)) return undefined;
    const there = statSync(file);
    if (!there.isFile()) return undefined;
    const cached = 'private, max-age=3600';
    const headers = { 'Content-Type': type, 'Content-Length': String(there.size), 'Cache-Control': cached };
    return new Response(Readable.toWeb(createReadStream(file)) as ReadableStream, { headers });
  } catch {
    return undefined;
  }
}
