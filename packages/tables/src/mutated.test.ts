import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isQuorateError, makeRng, type Rng } from '@quorate/core';
import { afterAll, expect, it } from 'vitest';
import { openMatrix } from './read-matrix.js';

/** Files of each format; QUORATE_MUTATIONS=500 looks at more. */
const FILES = Number(process.env['QUORATE_MUTATIONS'] ?? 40);

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'quorate-mutated-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A matrix of 8 × 3 as NumPy writes it. */
function npy(): Buffer {
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (8, 3), }".padEnd(117) + '\n';
  const head = Buffer.concat([Buffer.from('\u0093NUMPY\u0001\u0000', 'latin1'), Buffer.of(118, 0), Buffer.from(text)]);
  return Buffer.concat([head, Buffer.from(Float32Array.from({ length: 24 }, (_, x) => x / 7).buffer)]);
}

const samples: Readonly<Record<string, () => Buffer>> = {
  npy,
  ...Object.fromEntries(
    ['one.npz', 'one.h5', 'wide.parquet', 'wide.feather', 'stream.arrow', 'pandas.csv', 'lists.jsonl'].map((name) => [
      name,
      () => readFileSync(join(fixtures, name)),
    ]),
  ),
};

/** One to three of: bytes changed, bytes cut out, bytes doubled, the end cut off. Half of all in the first 200 bytes. */
function mutated(original: Buffer, rng: Rng): Buffer {
  let bytes = Buffer.from(original);
  for (let n = 1 + rng.int(3); n > 0 && bytes.length > 0; n--) {
    const at = rng.int(rng.int(2) === 0 ? Math.min(200, bytes.length) : bytes.length);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const kind = rng.int(6);
    if (kind <= 2) bytes[at] = rng.int(256);
    else if (kind === 3) bytes = Buffer.concat([before, after.subarray(1 + rng.int(30))]);
    else if (kind === 4) bytes = Buffer.concat([before, after.subarray(0, 1 + rng.int(30)), after]);
    else bytes = Buffer.from(before);
  }
  return bytes;
}

it.each(Object.keys(samples))(
  '%s: a damaged file is a mistake to fix, or a matrix of numbers',
  async (name) => {
    const rng = makeRng(`mutated ${name}`);
    const original = samples[name]!();
    const path = join(folder, name);
    let [read, refused] = [0, 0];
    for (let n = 0; n < FILES; n++) {
      const bytes = n === 0 ? original : mutated(original, rng);
      writeFileSync(path, bytes);
      const shown = bytes.toString('latin1', 0, 160);
      try {
        const matrix = await openMatrix({ name, path, wanted: null, note: () => undefined });
        try {
          const { data, columns } = await matrix.read(Array.from({ length: matrix.rows }, (_, row) => row));
          expect(data.length, shown).toBe(matrix.rows * columns);
          expect(data.every(Number.isFinite), shown).toBe(true);
          read++;
        } finally {
          await matrix.close();
        }
      } catch (thrown) {
        if (!isQuorateError(thrown)) throw thrown;
        expect(thrown.code, shown).toBe('DATA_INVALID');
        expect(thrown.message, shown).not.toMatch(/\n\s+at |undefined|\[object/);
        refused++;
      }
    }
    expect(read).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  },
  300_000,
);
