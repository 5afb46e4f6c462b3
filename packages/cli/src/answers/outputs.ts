import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { QuorateError } from '@quorate/core';
import { isAsWritten } from './state-file.js';
import { writeChunks } from './write-file.js';

/** A file to write: its name, what it is, its content. */
export interface Output {
  readonly name: string;
  readonly what: string;
  readonly chunks: () => Iterable<string>;
}

/**
 * Refuses files that are there already, unless the user named the folder, forced it, or an earlier call with the same
 * state wrote them as they are. Called before anything is inferred.
 */
export function checkOutputs(
  folder: string,
  names: readonly string[],
  { mayReplace, wrote }: { readonly mayReplace: boolean; readonly wrote: Readonly<Record<string, string>> },
): void {
  if (mayReplace) return;
  const there = names.find((name) => existsSync(join(folder, name)) && !isAsWritten(join(folder, name), wrote[name]));
  if (there === undefined) return;
  throw new QuorateError('RUN_FOLDER', {
    where: there,
    expected: 'no file of that name here yet',
    got: 'one that would be lost',
    fix: 'Name a folder with --out DIR (files in it are replaced), or move the file away.',
  });
}

/** Writes them all. @returns The SHA-256 of each by name. */
export function writeOutputs(folder: string, outputs: readonly Output[]): Record<string, string> {
  return Object.fromEntries(outputs.map(({ name, chunks }) => [name, writeChunks(join(folder, name), chunks())]));
}
