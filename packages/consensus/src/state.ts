import { createHash } from 'node:crypto';
import { deserialize } from 'node:v8';
import { QuorateError, messageOf, type CarriedColumn, type ClassLabel, type Snapshot } from '@quorate/core';
import { stateBytes } from '@quorate/host';
import type { CrowdAnswersData } from './crowd-answers.js';
import type { Ledger } from './ledger.js';

/** Everything that `quorate aggregate --state` needs to go on. */
export interface ConsensusState {
  readonly aggregator: {
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly seed: number;
  };
  readonly answers: Ledger;
  /** Known classes by task id. */
  readonly gold: readonly (readonly [string, ClassLabel])[];
  /** Of the aggregator, after the last settling or absorbing; null where it keeps nothing. */
  readonly snapshot: Snapshot;
  readonly posterior: Float64Array;
  /** True when the posterior is that of a refit; false when answers were absorbed since. */
  readonly settled: boolean;
  /**
   * SHA-256 of the files beside it, by name, as this call and the one before write them: these may be replaced. The state
   * is on the disk before they are, so that either may be there.
   */
  readonly wrote: Readonly<Record<string, readonly string[]>>;
  /** Columns that are carried to `labels.csv`, by the tasks of `answers`; left out where there are none. */
  readonly carried?: readonly CarriedColumn[];
}

const MAGIC = 'quorate-consensus 2';

/** Layout: a line `quorate-consensus 2 <sha256 of the rest>`, then the state in V8's structured-clone format. */
export function encodeState(state: ConsensusState): Buffer {
  const body = stateBytes(state);
  return Buffer.concat([Buffer.from(`${MAGIC} ${sha256(body)}\n`), body]);
}

/** Throws CHECKPOINT_DAMAGED for anything that `encodeState` did not write. States of version 1 are read too. */
export function decodeState(bytes: Buffer, name: string): ConsensusState {
  const end = bytes.subarray(0, 200).indexOf(10);
  const head = end < 0 ? '' : bytes.toString('latin1', 0, end);
  const [, version, sum] = /^quorate-consensus (\S+) (\S+)$/.exec(head) ?? [];
  if (version === undefined) throw damaged(name, 'a file that does not start like one');
  if (version !== '1' && version !== '2') throw damaged(name, `one of version "${version}"`);
  const body = bytes.subarray(end + 1);
  if (sha256(body) !== sum) throw damaged(name, 'one whose checksum does not fit');
  try {
    const state: unknown = deserialize(body);
    return version === '1' ? ofVersion1(state as Version1) : (state as ConsensusState);
  } catch (thrown) {
    throw damaged(name, messageOf(thrown));
  }
}

/** Is this a state that another version of the program wrote? Then it is whole, and not to be replaced. */
export function isOfOtherVersion(bytes: Buffer): boolean {
  return /^quorate-consensus (?![12] )\S+ /.test(bytes.toString('latin1', 0, 200));
}

interface Version1 extends Omit<ConsensusState, 'answers' | 'wrote'> {
  readonly answers: CrowdAnswersData;
  readonly inputs: unknown;
  readonly wrote: Readonly<Record<string, string>>;
}

/** Version 1 counted the skips of each worker and did not know their tasks. */
function ofVersion1({ answers, wrote, inputs: _inputs, ...rest }: Version1): ConsensusState {
  const { taskIds, workerIds, classes, skips } = answers;
  const skipped = Array.from(skips).flatMap((times, j) => new Array<number>(times).fill(j));
  const wide = (column: Int32Array, more: ArrayLike<number>): Int32Array => {
    const out = new Int32Array(column.length + more.length);
    out.set(column);
    out.set(more, column.length);
    return out;
  };
  const none = new Int32Array(skipped.length).fill(-1);
  const ledger = {
    taskIds,
    workerIds,
    classes,
    count: answers.item.length + skipped.length,
    item: wide(answers.item, none),
    worker: wide(answers.worker, skipped),
    label: wide(answers.label, none),
    annotationIds: null,
  };
  const hashes = Object.entries(wrote).map(([name, hash]) => [name, [hash]] as const);
  return { ...rest, answers: ledger, wrote: Object.fromEntries(hashes) };
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
