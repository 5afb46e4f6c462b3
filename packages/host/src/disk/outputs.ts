import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { QuorateError } from '@quorate/core';
import { Inputs, standingAt } from './inputs.js';
import { Lock } from './lock.js';
import {
  giveName,
  makeFolder,
  removeFiles,
  temporaryOf,
  writeStream,
  writeTemporary,
  type AsyncChunks,
} from './write.js';

/** A file to write. */
export interface Output {
  /** Absolute. */
  readonly path: string;
  /** As people know it. */
  readonly name: string;
  readonly chunks: () => AsyncChunks;
  /** May a file that is there be replaced? With hashes (SHA-256, hex): only one of these. */
  readonly replaces: boolean | readonly string[];
}

export interface OutputsRequest extends CheckRequest {
  readonly onNote: (message: string) => void;
  /** Called when everything is on the disk and nothing has its name yet, with the SHA-256 of each file by path. */
  readonly commit?: (hashes: ReadonlyMap<string, string>) => void;
}

export interface CheckRequest {
  readonly inputs: Inputs;
  /** What to do where a file is there that may not be replaced, a sentence. */
  readonly advice: string;
}

/** How long one process waits for another that writes the same files, in ms. */
const PATIENCE = 10_000;

/** What a file needs to be refused early: everything but its content. */
type Place = Omit<Output, 'chunks'>;

/**
 * Throws OUTPUT_TAKEN where a file may not be written (`standingAt`), is there already and may not be replaced, or is named
 * twice. What a call that was killed has left may be replaced.
 */
export function checkOutputs(places: readonly Place[], request: CheckRequest): void {
  refuseBelowFiles(places);
  if (places.length > 0) check(places, request, Lock.unfinishedOf(lockOf(places)));
}

/**
 * Writes files, all or none of them: each is whole on the disk before the first gets its name, and what was cut off is
 * finished by the same call. One process at a time. Devices and pipes are written to. Throws as `checkOutputs`,
 * WRITE_FAILED.
 *
 * @returns SHA-256 of each, by path.
 */
export async function writeOutputs(
  outputs: readonly Output[],
  request: OutputsRequest,
): Promise<ReadonlyMap<string, string>> {
  const { inputs, onNote, commit = () => undefined } = request;
  const hashes = new Map<string, string>();
  const [first] = outputs;
  if (!first) {
    commit(hashes);
    return hashes;
  }
  const streams = new Set(outputs.filter(({ path, name }) => standingAt(path, inputs, name) === 'stream'));
  const files = outputs.filter((output) => !streams.has(output));
  refuseBelowFiles(files);
  for (const { path } of files) makeFolder(dirname(path));
  const lock =
    files.length === 0
      ? null
      : Lock.take(lockOf(files), {
          where: files[0]!.name,
          what: 'a file',
          code: 'OUTPUT_TAKEN',
          onNote,
          patience: PATIENCE,
        });
  const temporaries: string[] = [];
  let declared = false;
  try {
    check(outputs, request, lock?.unfinished ?? {});
    for (const { path, chunks } of files) {
      temporaries.push(temporaryOf(path));
      hashes.set(path, await writeTemporary(path, chunks()));
    }
    lock?.declare(Object.fromEntries(hashes));
    declared = true;
    commit(hashes);
    for (const { path } of files) giveName(temporaryOf(path), path, inputs);
    for (const { path, chunks } of streams) hashes.set(path, await writeStream(path, chunks()));
    declared = false;
    return hashes;
  } finally {
    removeFiles(...temporaries);
    if (declared) lock?.abandon();
    else lock?.release();
  }
}

function refuseBelowFiles(places: readonly Place[]): void {
  for (const { path, name } of places) {
    if (fileAbove(path))
      throw taken(name, 'a folder to write it into', 'a file where the folder would be', 'Name a folder.');
  }
}

/** Is a folder of this path a file? */
function fileAbove(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const there = existsSync(folder) ? statSync(folder) : null;
    if (there || folder === dirname(folder)) return there !== null && !there.isDirectory();
  }
}

function lockOf(places: readonly Place[]): string {
  const { path } = places[0]!;
  return join(dirname(path), `.${basename(path)}.lock`);
}

function check(
  places: readonly Place[],
  { inputs, advice }: CheckRequest,
  unfinished: Readonly<Record<string, string>>,
): void {
  const seen = new Set<string>();
  for (const { path, name, replaces } of places) {
    const standing = standingAt(path, inputs, name, replaces === true || !/^Name /.test(advice) ? undefined : advice);
    if (standing === 'stream') continue;
    if (seen.has(resolve(path))) throw taken(name, 'each file once', 'the same file twice', 'Name another file.');
    seen.add(resolve(path));
    if (standing === 'nothing' || replaces === true) continue;
    const mayBe = [...(typeof replaces === 'object' ? replaces : []), unfinished[path]];
    if (!mayBe.includes(hashOf(path))) {
      throw taken(name, 'no file of that name here yet', 'one that would be lost', advice);
    }
  }
}

function hashOf(file: string): string {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : '';
}

function taken(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('OUTPUT_TAKEN', { where, expected, got, fix });
}
