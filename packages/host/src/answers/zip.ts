import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { QuorateError, messageOf } from '@quorate/core';

/** Of what a file in a zip may have, unpacked. */
const LARGEST = 1 << 30;

/** Files in a zip, in their order. */
export interface ZipContent {
  readonly names: readonly string[];
  /** Unpacks one. Throws ANSWERS_INVALID for what is damaged or larger than 1 GiB. */
  readonly bytes: (name: string) => Uint8Array;
}

/** What is in a zip; null for a file that is none, and for workbooks and arrays of NumPy, which are zips of their own kind. */
export function zipContent(name: string, path: string): ZipContent | null {
  const zip = readZip(path);
  if (!zip) return null;
  const names: string[] = [];
  unpack(name, zip, (file) => {
    if (!file.name.endsWith('/')) names.push(file.name);
    return false;
  });
  if (names.some((one) => one === '[Content_Types].xml' || one === 'mimetype' || one.endsWith('.npy'))) return null;
  const bytes = (wanted: string): Uint8Array =>
    unpack(name, zip, (file) => {
      if (file.name !== wanted) return false;
      if (file.originalSize > LARGEST) throw new Error(`${wanted} has ${file.originalSize} bytes`);
      return true;
    })[wanted] ?? new Uint8Array(0);
  return { names, bytes };
}

function readZip(path: string): Uint8Array | null {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    // Whoever reads the file says why.
    return null;
  }
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b && [3, 5].includes(bytes[2] ?? 0);
  return isZip ? bytes : null;
}

function unpack(
  where: string,
  zip: Uint8Array,
  filter: (file: { name: string; originalSize: number }) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(zip, { filter });
  } catch (thrown) {
    throw new QuorateError('ANSWERS_INVALID', {
      where,
      expected: 'a whole zip',
      got: messageOf(thrown),
      fix: 'Download or make it again; a zip with a password has to be unpacked first.',
      cause: thrown,
    });
  }
}
