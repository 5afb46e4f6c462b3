import { open, readFile } from 'node:fs/promises';
import type { NpyFile } from '@quorate/core/bytes';
import { invalid, readable } from './data-error.js';

/** A file, open for reading at any place. */
export interface OpenFile extends NpyFile {
  readonly path: string;
  close(): Promise<void>;
}

/** @param name As the user wrote it; errors name it. Throws DATA_INVALID. */
export async function openFile(name: string, path: string): Promise<OpenFile> {
  return readable(name, async () => {
    const handle = await open(path);
    const stat = await handle.stat();
    if (!stat.isFile()) {
      await handle.close();
      throw invalid(name, 'a file', stat.isDirectory() ? 'a folder' : 'something else', 'Give the file itself.');
    }
    return {
      name,
      path,
      bytes: stat.size,
      read: async (position, into) => (await handle.read(into, 0, into.length, position)).bytesRead,
      close: () => handle.close(),
    };
  });
}

/** All bytes of a file; at most 2 GiB. */
export async function allBytes({ name, path }: OpenFile): Promise<Uint8Array> {
  return readable(name, () => readFile(path));
}

export type FileKind =
  'npy' | 'zip' | 'parquet' | 'arrow' | 'hdf5' | 'gzip' | 'pickle' | 'excel' | 'image' | 'text' | 'empty';

const starts: readonly (readonly [FileKind, readonly number[]])[] = [
  ['npy', [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['parquet', [0x50, 0x41, 0x52, 0x31]],
  // "ARROW1" of a file, and the marker of a stream.
  ['arrow', [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31]],
  ['arrow', [0xff, 0xff, 0xff, 0xff]],
  ['hdf5', [0x89, 0x48, 0x44, 0x46]],
  ['gzip', [0x1f, 0x8b]],
  ['excel', [0xd0, 0xcf, 0x11, 0xe0]],
  ['image', [0xff, 0xd8, 0xff]],
  ['image', [0x89, 0x50, 0x4e, 0x47]],
];

/** What a file is by its first bytes, whatever its name. */
export async function kindOf(file: OpenFile): Promise<FileKind> {
  const head = new Uint8Array(8);
  const length = await readable(file.name, () => file.read(0, head));
  if (length === 0) return 'empty';
  const found = starts.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte));
  if (found) return found[0];
  // A pickle of protocol 2 to 5.
  return head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5 ? 'pickle' : 'text';
}
