import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Loader } from 'cosmiconfig';
import { QuorateError } from '@quorate/core';

/** No configuration is as long or as large: a file beyond is something else, or meant to harm. */
const MOST_BYTES = 1 << 20;
const MOST_VALUES = 100_000;

/** Throws CONFIG_UNREADABLE, without reading it, for a file that is too long. @param name As people know it. */
export async function checkLength(file: string, name: string): Promise<void> {
  const bytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  refuseLong(bytes, file, name);
}

function refuseLong(length: number, file: string, name: string): void {
  if (length <= MOST_BYTES || basename(file) === 'package.json') return;
  throw refused(name, `at most ${MOST_BYTES >> 20} MiB`, `${Math.round(length / (1 << 20))} MiB`);
}

/**
 * The same loader, except for files that would take forever: too long, nested too deeply for the parser, or with YAML aliases that
 * multiply what they name. Throws CONFIG_UNREADABLE.
 *
 * @param nameOf A path as people know it.
 */
export function withinLimits(load: Loader, nameOf: (file: string) => string): Loader {
  const limited = async (file: string, content: string): Promise<unknown> => {
    refuseLong(content.length, file, nameOf(file));
    let value: unknown;
    try {
      value = await (load as (file: string, content: string) => unknown)(file, content);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      throw refused(nameOf(file), 'values that are nested a few levels deep', 'thousands of levels');
    }
    if (basename(file) === 'package.json' || !hasTooMany(value)) return value;
    const expected = `at most ${MOST_VALUES.toLocaleString('en')} values`;
    throw refused(nameOf(file), expected, 'more, counting what aliases repeat');
  };
  return limited as Loader;
}

/** Counts every value as often as it is named; ends with a circle too. */
function hasTooMany(value: unknown): boolean {
  const open: unknown[] = [value];
  for (let count = 0; open.length > 0; count++) {
    if (count + open.length > MOST_VALUES) return true;
    const next = open.pop();
    if (typeof next === 'object' && next !== null) for (const one of Object.values(next)) open.push(one);
  }
  return false;
}

function refused(where: string, expected: string, got: string): QuorateError {
  const fix = 'Put settings in it, not data; "quorate init" writes an example.';
  return new QuorateError('CONFIG_UNREADABLE', { where, expected, got, fix });
}
