import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize } from 'node:v8';
import { QuorateError, messageOf, type Snapshot } from '@quorate/core';
import { type RngState } from '@quorate/core/numbers';
import { fault } from '../run/part-checks.js';
import { Inputs, replaceFile, stateBytes } from '@quorate/host';

/** Everything that a run remembers, at the moment when the answers of `step` are in and nothing is inferred yet. */
export interface Checkpoint {
  readonly configHash: string;
  readonly dataHash: string;
  readonly step: number;
  readonly journal: Snapshot;
  readonly rng: RngState;
  /** Snapshots of the parts that have one, by `<section>/<name>`. */
  readonly parts: Readonly<Record<string, Snapshot>>;
  /** Length that `steps.jsonl` had, in bytes. */
  readonly stepsBytes: number;
  /** `AuditState` as JSON, where a stopping rule audits: V8's own format tells how an array came to be. */
  readonly audit?: string;
  /** What models have answered, where any does. */
  readonly models?: Snapshot;
}

const MAGIC = 'quorate-checkpoint 1';

/**
 * Writes `checkpoint`; the one before it becomes `checkpoint.previous`. At every instant `checkpoint` is whole.
 * Layout: a line `quorate-checkpoint 1 <sha256 of the rest>`, then the state in V8's structured-clone format.
 */
export function writeCheckpoint(folder: string, checkpoint: Checkpoint): void {
  const body = bytesOf(checkpoint);
  const head = Buffer.from(`${MAGIC} ${createHash('sha256').update(body).digest('hex')}\n`);
  const file = join(folder, 'checkpoint');
  replaceFile(file, Buffer.concat([head, body]), new Inputs(), `${file}.previous`);
}

/** Throws PART_FAILED with the part whose state is not plain data. */
function bytesOf(checkpoint: Checkpoint): Buffer {
  try {
    return stateBytes(checkpoint);
  } catch (thrown) {
    for (const [key, state] of Object.entries(checkpoint.parts)) {
      try {
        stateBytes(state);
      } catch (cause) {
        throw fault(`state of ${key}`, 'plain data and typed arrays', messageOf(cause), cause);
      }
    }
    throw thrown;
  }
}

/**
 * Reads the newest whole checkpoint. Undefined when there is none yet. A damaged one is passed over and said to `note`;
 * throws CHECKPOINT_DAMAGED when no other is left.
 */
export function readCheckpoint(folder: string, note: (message: string) => void): Checkpoint | undefined {
  const damaged: string[] = [];
  for (const name of ['checkpoint', 'checkpoint.previous']) {
    const file = join(folder, name);
    if (!existsSync(file)) continue;
    try {
      const checkpoint = decode(readFileSync(file));
      if (damaged.length > 0) note(`${damaged.join('; ')}. Going on from ${name}, step ${checkpoint.step}.`);
      return checkpoint;
    } catch (thrown) {
      damaged.push(`${file} is damaged (${messageOf(thrown)})`);
    }
  }
  if (damaged.length === 0) return undefined;
  throw new QuorateError('CHECKPOINT_DAMAGED', {
    where: folder,
    expected: 'a whole checkpoint',
    got: damaged.join('; '),
    fix: 'The answers are still in annotations.csv. Start again with another --out, or restore the folder from a backup.',
  });
}

function decode(bytes: Buffer): Checkpoint {
  const end = bytes.indexOf(10);
  const head = end < 0 ? '' : bytes.toString('latin1', 0, end);
  if (!head.startsWith('quorate-checkpoint ')) throw new Error('it does not start like one');
  if (!head.startsWith(`${MAGIC} `)) throw new Error(`its version "${head.split(' ')[1]}" is not known here`);
  const body = bytes.subarray(end + 1);
  if (createHash('sha256').update(body).digest('hex') !== head.slice(MAGIC.length + 1)) {
    throw new Error('its checksum does not fit');
  }
  return deserialize(body) as Checkpoint;
}
