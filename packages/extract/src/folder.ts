import { createHash } from 'node:crypto';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { messageOf, type FeatureSubject } from '@quorate/core';
import type { Subjects, SubjectsRequest } from './subjects.js';
import { invalid } from './invalid.js';

/** Endings of image files that decoders read. */
const endings = ['.jpg', '.jpeg', '.jpe', '.jfif', '.pjpeg', '.pjp', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

interface Listing {
  /** Path below the folder with slashes → size in bytes. */
  readonly images: Map<string, number>;
  /** Endings of the other files, with their number. */
  readonly others: Map<string, number>;
  /** Those of the other files that hold an image all the same. */
  readonly misnamed: string[];
}

/**
 * All images below a folder, sorted by their path (by code unit), which is their id. Hidden files and folders are left
 * out; links are followed.
 */
export async function listFolder({ name, path, labelsFromFolders }: SubjectsRequest): Promise<Subjects> {
  const listing: Listing = { images: new Map(), others: new Map(), misnamed: [] };
  await walk(name, path, '', [], listing);
  const ids = [...listing.images.keys()].sort();
  const others = [...listing.others].sort().map(([ending, count]) => `${count} ${ending || 'without ending'}`);
  const imageAt = (at: number): FeatureSubject => ({ kind: 'image', id: ids[at]!, path: join(path, ids[at]!) });
  const aside = `Files of other kinds are left aside: ${others.slice(0, 8).join(', ')}.`;
  const misnamed =
    listing.misnamed.length > 0
      ? ` ${listing.misnamed.length} of them are images by their content (${listing.misnamed.slice(0, 3).join(', ')}); rename them to take them in.`
      : '';
  if (ids.length === 0) {
    const got = others.length > 0 ? `other files only: ${others.slice(0, 8).join(', ')}` : 'an empty folder';
    throw invalid(name, `images in it or below (${endings.join(' ')})`, got, 'Convert them, or give another folder.');
  }
  const hash = createHash('sha256');
  for (const id of ids) hash.update(`${JSON.stringify(id)} ${listing.images.get(id)}\n`);
  return {
    kind: 'image',
    name,
    ids,
    labels: labelsFromFolders ? ids.map((id) => folderOf(name, id)) : null,
    hash: hash.digest('hex'),
    notes: others.length > 0 ? [aside + misnamed] : [],
    mark: (at) => String(listing.images.get(ids[at]!)),
    at: imageAt,
    *from(first) {
      for (let at = first; at < ids.length; at++) yield imageAt(at);
    },
  };
}

async function walk(name: string, root: string, below: string, above: readonly string[], listing: Listing) {
  const folder = join(root, below);
  let entries;
  let real;
  try {
    real = await realpath(folder);
    // A link to a folder that it is in.
    if (above.includes(real)) return;
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw invalid(join(name, below), 'a folder that can be read', messageOf(cause), 'Fix its permissions.', cause);
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const inside = below === '' ? entry.name : `${below}/${entry.name}`;
    const found = await stat(join(root, inside)).catch(() => null);
    if (found?.isDirectory()) await walk(name, root, inside, [...above, real], listing);
    else {
      const ending = extname(entry.name).toLowerCase();
      // A link to nothing counts as an image: it is better to say so than to leave it out.
      if (endings.includes(ending)) listing.images.set(inside, found?.size ?? -1);
      else if (ending === '' && (await holdsImage(join(root, inside)))) listing.images.set(inside, found?.size ?? -1);
      else {
        listing.others.set(ending, (listing.others.get(ending) ?? 0) + 1);
        if (await holdsImage(join(root, inside))) listing.misnamed.push(inside);
      }
    }
  }
}

/** Does a file begin as JPEG, PNG, GIF, TIFF, WebP or AVIF do? */
async function holdsImage(path: string): Promise<boolean> {
  const head = Buffer.alloc(12);
  try {
    const handle = await open(path);
    await handle.read(head, 0, head.length, 0).finally(() => handle.close());
  } catch {
    return false;
  }
  return /^(\xff\xd8\xff|\x89PNG\r\n|GIF8|II\*\0|MM\0\*|RIFF....WEBP|....ftypavi[fs])/s.test(head.toString('latin1'));
}

/** The first folder of a path: its label. */
function folderOf(name: string, id: string): string {
  const end = id.indexOf('/');
  if (end > 0) return id.slice(0, end);
  throw invalid(
    `${name}: ${id}`,
    'images in folders that are named as their labels, for --labels-from-folders',
    'an image directly in the folder',
    'Move it into a folder of its label, or leave --labels-from-folders out.',
  );
}
