import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What the cache keeps: a matrix and a small number for each of its rows. */
export interface Labelled {
  /** n×columns row-major. */
  readonly features: Float32Array;
  /** Length n. */
  readonly digitOf: Uint8Array;
}

const CHECKSUM_BYTES = 32;

/** SHA-256 over both. */
export function checksumOf({ features, digitOf }: Labelled): Buffer {
  const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
  return createHash('sha256').update(bytes).update(digitOf).digest();
}

/** What `writeCached` left in the file; undefined where there is none or it is damaged (it is then computed again). */
export async function readCached(file: string, columns: number): Promise<Labelled | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return undefined;
  }
  const rows = (bytes.length - CHECKSUM_BYTES) / (4 * columns + 1);
  if (!Number.isInteger(rows) || rows < 1) return undefined;
  const content = new Uint8Array(bytes.subarray(CHECKSUM_BYTES));
  const features = new Float32Array(content.buffer, 0, rows * columns);
  const labelled = { features, digitOf: content.subarray(features.byteLength) };
  return checksumOf(labelled).equals(bytes.subarray(0, CHECKSUM_BYTES)) ? labelled : undefined;
}

/** Checksum, then features, then digits, into a temporary file that is renamed: nobody ever reads half of it. */
export async function writeCached(file: string, labelled: Labelled): Promise<void> {
  const { features, digitOf } = labelled;
  const temporary = `${file}.${randomUUID()}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  try {
    const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
    await writeFile(temporary, Buffer.concat([checksumOf(labelled), bytes, digitOf]));
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw thrown;
  }
}
