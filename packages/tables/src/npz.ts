import { isQuorateError } from '@quorate/core';
import { readNpyHeader, type NpyFile, type NpyHeader } from '@quorate/core/bytes';
import { invalid, listed, readable } from './data-error.js';
import { allBytes, type OpenFile } from './open-file.js';

/** One array of an `.npz`, with all its bytes. */
export interface NpzArray {
  readonly file: NpyFile;
  readonly header: NpyHeader;
  readonly key: string;
}

/** The array that is named, or the only matrix of numbers in an `.npz`. Throws DATA_INVALID where there are several, or none. */
export async function openNpz(file: OpenFile, wanted: string | null): Promise<NpzArray> {
  const { unzipSync } = await import('fflate');
  const bytes = await allBytes(file);
  const names: string[] = [];
  const keep = (name: string): boolean => {
    names.push(name);
    return name.endsWith('.npy') && (wanted === null || keyOf(name) === wanted);
  };
  const entries = await readable(file.name, async () => unzipSync(bytes, { filter: ({ name }) => keep(name) }));
  if (names.some((name) => /(^|\/)data\.pkl$/.test(name))) {
    const fix = `python -c "import torch, numpy; numpy.save('features.npy', torch.load('${file.name}').float().numpy())" writes a tensor as .npy.`;
    throw invalid(file.name, 'a matrix of numbers', 'a file of PyTorch, which only Python can load', fix);
  }
  if (names.some((name) => name.startsWith('xl/'))) {
    throw invalid(file.name, 'a matrix of numbers', 'an Excel workbook', 'Save the sheet as CSV, and give that.');
  }
  const keys = names.filter((name) => name.endsWith('.npy')).map(keyOf);
  if (keys.length === 0)
    throw invalid(file.name, 'an .npz of NumPy', 'a zip of other files', 'Give the file of the features itself.');
  const found: NpzArray[] = [];
  const refused: unknown[] = [];
  for (const [name, content] of Object.entries(entries)) {
    const array = inMemory(file.name, keyOf(name), content);
    try {
      found.push({ file: array, header: await readNpyHeader(array), key: keyOf(name) });
    } catch (thrown) {
      if (!isQuorateError(thrown)) throw thrown;
      refused.push(thrown);
    }
  }
  if (found.length === 1) return found[0]!;
  const fix = 'Set dataset.featureColumns to the name of the array.';
  if (wanted !== null && Object.keys(entries).length === 0) {
    throw invalid(file.name, `an array "${wanted}"`, `the arrays ${listed(keys)}`, 'Correct dataset.featureColumns.');
  }
  if (found.length === 0) {
    if (refused.length === 1) throw refused[0];
    throw invalid(
      file.name,
      'a matrix of numbers, rows × columns',
      `the arrays ${listed(keys)}, none of them one`,
      fix,
    );
  }
  const shapes = found.map(({ key, header }) => `"${key}" (${header.rows} × ${header.columns})`).join(', ');
  throw invalid(file.name, 'one matrix of numbers', `${found.length}: ${shapes}`, fix);
}

const keyOf = (name: string): string => name.replace(/\.npy$/, '');

function inMemory(name: string, member: string, content: Uint8Array): NpyFile {
  return {
    name,
    member,
    bytes: content.length,
    read: async (position, into) => {
      const part = content.subarray(position, position + into.length);
      into.set(part);
      return part.length;
    },
  };
}
