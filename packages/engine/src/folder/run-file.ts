import { QuorateError, messageOf } from '@quorate/core';
import { createHash } from 'node:crypto';
import { readIfThere } from '@quorate/host';
import type { RunFile, StepRecord } from '../run/records.js';
import { join } from 'node:path';

/** SHA-256 of a JSON value, keys in their order. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** Reads `run.json` of a run folder; undefined where there is none. Throws RUN_FOLDER when it cannot be read. */
export function readRunFile(folder: string): RunFile | undefined {
  const file = join(folder, 'run.json');
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as RunFile;
    if (parsed.format !== 1) throw new Error(`its format is ${JSON.stringify(parsed.format)}, this version reads 1`);
    return parsed;
  } catch (thrown) {
    throw new QuorateError('RUN_FOLDER', {
      where: file,
      expected: 'the description of a run',
      got: messageOf(thrown),
      fix: 'Use another --out, or restore the file.',
      cause: thrown,
    });
  }
}

/** The lines of `steps.jsonl`; a last line that was cut short is left out. */
export function readSteps(folder: string): StepRecord[] {
  const text = readIfThere(join(folder, 'steps.jsonl')) ?? '';
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StepRecord);
}
