import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCached, writeCached } from './feature-cache.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quorate-cache-'));
});
afterAll(() => rm(folder, { recursive: true }));

const labelled = {
  features: Float32Array.from({ length: 40 }, (_, x) => x / 3),
  digitOf: Uint8Array.of(0, 3, 3, 7, 9),
};

describe('the cache file', () => {
  it('gives back what was written, and leaves nothing else behind', async () => {
    const file = join(folder, 'new', 'folder', 'a.bin');
    await writeCached(file, labelled);
    await writeCached(file, labelled);
    expect(await readCached(file, 8)).toEqual(labelled);
    expect(await readdir(join(folder, 'new', 'folder'))).toEqual(['a.bin']);
  });

  it('writes a part of a larger array as that part', async () => {
    const file = join(folder, 'part.bin');
    await writeCached(file, { features: labelled.features.subarray(8, 24), digitOf: labelled.digitOf.subarray(1, 3) });
    expect((await readCached(file, 8))!.features).toEqual(labelled.features.slice(8, 24));
  });

  it('is not there when it is missing, shortened, grown, for other columns, or changed in any one bit', async () => {
    const file = join(folder, 'b.bin');
    expect(await readCached(file, 8)).toBe(undefined);
    await writeCached(file, labelled);
    const sound = await readFile(file);
    expect(await readCached(file, 7)).toBe(undefined);
    const damaged = [0, 1, 31, 32, 33, 65, sound.length - 33].map((length) => sound.subarray(0, length));
    damaged.push(Buffer.concat([sound, Buffer.alloc(1)]), Buffer.concat([sound, Buffer.alloc(33)]));
    for (let at = 0; at < sound.length; at++) {
      const changed = Buffer.from(sound);
      changed[at]! ^= 1 << (at % 8);
      damaged.push(changed);
    }
    for (const bytes of damaged) {
      await writeFile(file, bytes);
      expect(await readCached(file, 8)).toBe(undefined);
    }
  });

  it('cannot be written over a folder, and leaves no temporary file then', async () => {
    const place = join(folder, 'taken');
    await writeCached(join(place, 'x.bin', 'inner.bin'), labelled);
    await expect(writeCached(join(place, 'x.bin'), labelled)).rejects.toThrow();
    expect(await readdir(place)).toEqual(['x.bin']);
  });
});
