import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { QuorateError, messageOf } from '@quorate/core';

/** What has to be known of a model file beside what ONNX Runtime says of it. */
export interface ModelFile {
  /** SHA-256 (hex) of the file and of the weight files beside it. */
  readonly hash: string;
  /**
   * True when it quantizes values by the range that they have in the whole batch (operators `DynamicQuantize...`): a row
   * would depend on the others of its batch, so the subjects have to go through one by one.
   */
  readonly mixesRows: boolean;
}

/** Names of operators are in the file as they are. */
const MIXING = Buffer.from('DynamicQuantize');

/** @param name As the user wrote it; errors name it. @throws QuorateError DATA_INVALID where it cannot be read. */
export async function examineModel(name: string, path: string): Promise<ModelFile> {
  const hash = createHash('sha256');
  let mixesRows = false;
  try {
    if (statSync(path).isDirectory()) throw new Error('a folder');
    let tail: Buffer = Buffer.alloc(0);
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      const bytes = chunk as Buffer;
      hash.update(bytes);
      if (mixesRows) continue;
      mixesRows = Buffer.concat([tail, bytes]).includes(MIXING);
      tail = bytes.subarray(-MIXING.length);
    }
    // Where exporters put weights that are too large for the file itself.
    for (const weights of [`${path}_data`, `${path}.data`]) {
      if (!existsSync(weights)) continue;
      for await (const chunk of createReadStream(weights)) hash.update(chunk as Buffer);
    }
  } catch (cause) {
    throw new QuorateError('DATA_INVALID', {
      where: name,
      expected: 'a model file that can be read',
      got: messageOf(cause),
      fix: 'Set features.model to the path of an .onnx file.',
      cause,
    });
  }
  return { hash: hash.digest('hex'), mixesRows };
}

/**
 * Rows that go through the model at once: as many as it fixes, else one where it mixes rows, else what the user wants.
 * @throws QuorateError DATA_INVALID for a model that mixes a number of rows that it fixes.
 */
export function rowsAtOnce(name: string, { mixesRows }: ModelFile, fixed: number | null, wanted: number): number {
  if (mixesRows && (fixed ?? 1) > 1) {
    throw new QuorateError('DATA_INVALID', {
      where: name,
      expected: 'a model whose rows do not depend on each other',
      got: `one that quantizes ${fixed} rows together, a number that it fixes itself`,
      fix: 'Export it with a batch of 1 or of any size, or without dynamic quantization.',
    });
  }
  return fixed ?? (mixesRows ? 1 : wanted);
}
