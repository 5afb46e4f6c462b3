import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { QuorateError, messageOf, type AnswerTable, type ClassLabel, type Snapshot } from '@quorate/core';
import type { CrowdAnswersData } from './crowd-answers.js';

/** Everything that `quorate aggregate --state` needs to go on. */
export interface ConsensusState {
  readonly aggregator: {
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly seed: number;
  };
  readonly answers: CrowdAnswersData;
  /** Known classes by task id. */
  readonly gold: readonly (readonly [string, ClassLabel])[];
  /** Of the aggregator, after the last settling or absorbing; null where it keeps nothing. */
  readonly snapshot: Snapshot;
  readonly posterior: Float64Array;
  /** True when the posterior is that of a refit; false when answers were absorbed since. */
  readonly settled: boolean;
  /** Fingerprints of the tables that are in it, with the names under which they came. */
  readonly inputs: readonly { readonly name: string; readonly hash: string }[];
  /** SHA-256 of the files that were last written beside it, by name: these may be replaced. */
  readonly wrote: Readonly<Record<string, string>>;
}

const MAGIC = 'quorate-consensus 1';

/** Layout: a line `quorate-consensus 1 <sha256 of the rest>`, then the state in V8's structured-clone format. */
export function encodeState(state: ConsensusState): Buffer {
  const body = serialize(state);
  return Buffer.concat([Buffer.from(`${MAGIC} ${sha256(body)}\n`), body]);
}

/** Throws CHECKPOINT_DAMAGED for anything that `encodeState` of this version did not write. */
export function decodeState(bytes: Buffer, name: string): ConsensusState {
  const end = bytes.subarray(0, 200).indexOf(10);
  const head = end < 0 ? '' : bytes.toString('latin1', 0, end);
  if (!head.startsWith('quorate-consensus ')) throw damaged(name, 'a file that does not start like one');
  if (!head.startsWith(`${MAGIC} `)) throw damaged(name, `one of version "${head.split(' ')[1]}"`);
  const body = bytes.subarray(end + 1);
  if (sha256(body) !== head.slice(MAGIC.length + 1)) throw damaged(name, 'one whose checksum does not fit');
  try {
    return deserialize(body) as ConsensusState;
  } catch (thrown) {
    throw damaged(name, messageOf(thrown));
  }
}

/** SHA-256 over what a table says: ids, classes and answers, in order. The same rows have it in any format. */
export function fingerprint(table: AnswerTable): string {
  const hash = createHash('sha256');
  for (const list of [table.taskIds, table.workerIds, table.classes.map(String)]) {
    hash.update(`${list.length}\n`);
    for (const text of list) hash.update(`${text.length} ${text}`);
  }
  for (const column of [table.item, table.worker, table.label]) {
    const { buffer, byteOffset, byteLength } = column.subarray(0, table.count);
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function damaged(where: string, got: string): QuorateError {
  return new QuorateError('CHECKPOINT_DAMAGED', {
    where,
    expected: 'a state that "quorate aggregate --state" wrote',
    got,
    fix: `Restore it from a backup or from "${where}.previous", or name another file to start a new state.`,
  });
}
