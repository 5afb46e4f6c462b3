import { existsSync, readFileSync, statSync } from 'node:fs';
import { QuorateError, messageOf } from '@quorate/core';
import { decodeState, encodeState, sha256, type ConsensusState } from '@quorate/consensus';
import { writeChunks } from './write-file.js';

/** The state in a file; null where there is none yet. Throws CHECKPOINT_DAMAGED. */
export function readState(file: string, name: string): ConsensusState | null {
  if (!existsSync(file)) return null;
  if (!statSync(file).isFile()) {
    throw new QuorateError('CHECKPOINT_DAMAGED', {
      where: name,
      expected: 'a state file, or nothing of that name',
      got: 'a folder',
      fix: 'Name a file with --state.',
    });
  }
  try {
    return decodeState(readFileSync(file), name);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'syscall' in thrown)) throw thrown;
    throw new QuorateError('CHECKPOINT_DAMAGED', {
      where: name,
      expected: 'a state file that can be read',
      got: messageOf(thrown),
      fix: 'Look at its permissions.',
      cause: thrown,
    });
  }
}

/** Replaces the state; the one before it is kept as `<file>.previous`. */
export function writeState(file: string, state: ConsensusState): void {
  writeChunks(file, [encodeState(state)], `${file}.previous`);
}

/** Is this file as the state's last call wrote it? Then it may be replaced. */
export function isAsWritten(file: string, hash: string | undefined): boolean {
  return hash !== undefined && sha256(readFileSync(file)) === hash;
}
