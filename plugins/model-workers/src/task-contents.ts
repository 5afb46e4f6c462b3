import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { QuorateError, messageOf, type Files } from '@quorate/core';
import { ID_NAMES, listed, openTable, type Table } from '@quorate/tables';

/** A value of a table, as people read it. */
export type Cell = string | number | boolean | bigint | null | undefined;

/** What a task shows: its text, or its image as a data URL or an address. */
export type Content =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'image'; readonly url: string };

/** The contents of the tasks. */
export interface Contents {
  /** Undefined where nothing is known of the item. Throws DATA_INVALID for an image that cannot be read. */
  of(item: number): Content | undefined;
  has(item: number): boolean;
}

/** Tells equal contents from others. */
export function hashOf(content: Content): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/**
 * Contents of the tasks out of a folder of images, whose paths in it are the ids, or a table with their ids and texts. Throws
 * DATA_INVALID where it has none of the tasks.
 */
export async function readContents(
  { tasks, text }: { readonly tasks: string; readonly text: string | null },
  taskIds: readonly string[],
  files: Files,
): Promise<Contents> {
  const path = files.resolve(tasks);
  const found = statSync(path, { throwIfNoEntry: false });
  const contents = found?.isDirectory()
    ? imagesIn(path, taskIds)
    : await textsIn({ tasks, path, text }, taskIds, files);
  const known = taskIds.reduce((sum, _, i) => sum + (contents.has(i) ? 1 : 0), 0);
  if (known === 0) {
    throw invalid(
      tasks,
      `contents of the tasks ("${taskIds[0]}", ...)`,
      'none of them',
      'Give the ids that the tasks have in the dataset.',
    );
  }
  if (known < taskIds.length) {
    files.note(`${tasks} has ${known} of ${taskIds.length} tasks; the model is not asked about the others.`);
  }
  return contents;
}

const TYPES: readonly (readonly [type: string, start: RegExp])[] = [
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/png', /^\x89PNG\r\n/],
  ['image/gif', /^GIF8/],
  ['image/webp', /^RIFF....WEBP/s],
];

function imagesIn(folder: string, taskIds: readonly string[]): Contents {
  const there = taskIds.map((id) => {
    // An id is no way out of the folder.
    if (id.split(/[\\/]/).includes('..')) return false;
    return statSync(join(folder, id), { throwIfNoEntry: false })?.isFile() ?? false;
  });
  return {
    has: (item) => there[item] === true,
    of: (item) => (there[item] ? { kind: 'image', url: dataUrl(join(folder, taskIds[item]!)) } : undefined),
  };
}

function dataUrl(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw invalid(path, 'an image that can be read', messageOf(cause), 'Fix its permissions, or leave it out.');
  }
  const head = bytes.toString('latin1', 0, 12);
  const type = TYPES.find(([, start]) => start.test(head))?.[0];
  if (type) return `data:${type};base64,${bytes.toString('base64')}`;
  throw invalid(path, 'a JPEG, PNG, GIF or WebP image, which models take', 'another file', 'Convert it.');
}

async function textsIn(
  { tasks, path, text }: { readonly tasks: string; readonly path: string; readonly text: string | null },
  taskIds: readonly string[],
  files: Files,
): Promise<Contents> {
  const opened = await openTable({ name: tasks, path, note: (message) => files.note(message) });
  try {
    return await textsOf({ tasks, table: opened.table, text }, taskIds);
  } finally {
    await opened.close();
  }
}

async function textsOf(
  { tasks, table, text }: { readonly tasks: string; readonly table: Table; readonly text: string | null },
  taskIds: readonly string[],
): Promise<Contents> {
  const lower = table.columns.map((column) => column.toLowerCase());
  const ids = ID_NAMES.map((name) => lower.indexOf(name)).find((at) => at >= 0) ?? -1;
  if (ids < 0) {
    throw invalid(
      tasks,
      `a column of ids (${ID_NAMES.slice(0, 3).join(', ')}, ...)`,
      listed(table.columns),
      'Name it "id".',
    );
  }
  const column = textColumn(tasks, table.columns, ids, text);
  const itemOf = new Map(taskIds.map((id, i) => [id, i]));
  const texts: (string | undefined)[] = [];
  for await (const batch of table.batches()) {
    for (let r = 0; r < batch.rows; r++) {
      const item = itemOf.get(String(batch.columns[ids]![r]));
      const value = batch.columns[column]![r] as Cell;
      if (item !== undefined && value !== null && value !== undefined) texts[item] = String(value);
    }
  }
  return {
    has: (item) => texts[item] !== undefined,
    of: (item) => {
      const value = texts[item];
      if (value === undefined) return undefined;
      return /^(https?:\/\/\S+\.(jpe?g|png|gif|webp)(\?\S*)?|data:image\/\S+)$/i.test(value)
        ? { kind: 'image', url: value }
        : { kind: 'text', text: value };
    },
  };
}

function textColumn(tasks: string, columns: readonly string[], ids: number, wanted: string | null): number {
  const named = columns.indexOf(wanted ?? 'text');
  if (named >= 0) return named;
  const others = columns.map((_, c) => c).filter((c) => c !== ids);
  if (wanted === null && others.length === 1) return others[0]!;
  throw invalid(tasks, `a column "${wanted ?? 'text'}"`, `the columns ${listed(columns)}`, 'Name it with "text".');
}

export function invalid(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('DATA_INVALID', { where, expected, got, fix });
}
