import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { QuorateError, isQuorateError, messageOf } from '@quorate/core';
import { decodeState, encodeState, isOfOtherVersion, type ConsensusState } from '@quorate/consensus';
import { Lock, makeFolder, removeEmpty, replaceFile, standingAt, type Inputs } from '@quorate/host';

export interface StateFileRequest {
  /** Absolute. */
  readonly file: string;
  /** As people know it. */
  readonly name: string;
  readonly inputs: Inputs;
  readonly onNote: (message: string) => void;
}

/**
 * The file of `--state`, which is the truth: it is written before anything that is derived from it. One process at a time.
 * The state before it is kept as `<file>.previous`, and used where the file is gone or damaged.
 */
export class StateFile {
  readonly #request: StateFileRequest;
  readonly #lock: Lock;
  /** Folders that were made for it. */
  readonly #made: readonly string[];
  #bytes: Buffer | null = null;
  /** Is there a file of that name that cannot be read? */
  #damaged = false;
  /** Null where there is none yet. */
  readonly state: ConsensusState | null;

  /** Throws OUTPUT_TAKEN where another process has it, CHECKPOINT_DAMAGED. */
  constructor(request: StateFileRequest) {
    const { file, name, onNote } = request;
    this.#request = request;
    this.#made = makeFolder(dirname(file));
    this.#lock = Lock.take(`${file}.lock`, { where: name, what: 'a state', code: 'OUTPUT_TAKEN', onNote });
    try {
      this.state = this.#read();
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }

  #read(): ConsensusState | null {
    const { file, name, inputs, onNote } = this.#request;
    if (standingAt(file, inputs, name) === 'stream')
      throw damaged(name, 'a device or a pipe', 'Name a file with --state.');
    const previous = `${file}.previous`;
    if (!existsSync(file)) {
      if (!existsSync(previous)) return null;
      onNote(`${name} is gone. ${goingOn(name)} To start afresh, move that one away too.`);
      return decodeState(readBytes(previous, `${name}.previous`), `${name}.previous`);
    }
    this.#bytes = readBytes(file, name);
    try {
      return decodeState(this.#bytes, name);
    } catch (thrown) {
      if (!isQuorateError(thrown) || isOfOtherVersion(this.#bytes) || !existsSync(previous)) throw thrown;
      this.#damaged = true;
      const state = decodeState(readBytes(previous, `${name}.previous`), `${name}.previous`);
      onNote(`${name} is damaged (${thrown.detail.got}). ${goingOn(name)} The damaged one is kept as ${name}.damaged.`);
      return state;
    }
  }

  save(state: ConsensusState): void {
    const { file, inputs } = this.#request;
    const bytes = encodeState(state);
    // The same call again changes nothing, nor what was before.
    if (this.#bytes?.equals(bytes)) return;
    replaceFile(file, bytes, inputs, `${file}.${this.#damaged ? 'damaged' : 'previous'}`);
    this.#bytes = bytes;
    this.#damaged = false;
  }

  close(): void {
    this.#lock.release();
    removeEmpty(this.#made);
  }
}

function goingOn(name: string): string {
  return `Going on from ${name}.previous: give the files of the last call again, whatever is known counts once.`;
}

function readBytes(file: string, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw damaged(name, messageOf(thrown), 'Look at its permissions.', thrown);
  }
}

function damaged(where: string, got: string, fix: string, cause?: unknown): QuorateError {
  const detail = { where, expected: 'a state file that can be read, or nothing of that name', got, fix };
  return new QuorateError('CHECKPOINT_DAMAGED', cause === undefined ? detail : { ...detail, cause });
}
