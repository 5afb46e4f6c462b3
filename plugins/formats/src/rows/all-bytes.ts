import { QuorateError, type AnswerInput } from '@quorate/core';

/** A file of which all has to be in memory; more than this is refused before it fills it. */
const LARGEST = 1 << 30;

/** All bytes of a file that cannot be read piece by piece. Throws ANSWERS_INVALID for one of more than 1 GB. */
export async function allBytes({ name, bytes }: Pick<AnswerInput, 'name' | 'bytes'>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    // Copied: whoever gave the chunk may use its memory again.
    chunks.push(new Uint8Array(chunk));
    length += chunk.length;
    if (length > LARGEST) {
      const fix = 'Save it as CSV, which is read piece by piece.';
      throw new QuorateError('ANSWERS_INVALID', {
        where: name,
        expected: 'a file of at most 1 GB',
        got: 'a larger one',
        fix,
      });
    }
  }
  return Buffer.concat(chunks);
}
