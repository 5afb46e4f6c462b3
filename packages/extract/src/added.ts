import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { QuorateError } from '@quorate/core';
import { parse } from 'csv-parse/sync';
import type { Subjects } from './subjects.js';

/** What a label file of ours says: the columns that it has, and the ids of its rows in their order. */
export function rowIds(labelFile: string): { readonly columns: string; readonly ids: readonly string[] } {
  const [columns, ...records]: string[][] = parse(readFileSync(labelFile), { relax_column_count: true });
  return { columns: columns?.join(',') ?? '', ids: records.map(([id]) => id!) };
}

/** SHA-256 (hex) over what the first `count` subjects are made of. */
export function contentHash({ ids, mark }: Subjects, count: number): string {
  const hash = createHash('sha256');
  for (let at = 0; at < count; at++) hash.update(`${JSON.stringify(ids[at])} ${mark(at)}\n`);
  return hash.digest('hex');
}

/**
 * The same subjects, those of earlier rows first and in their order, then all others. Throws OUTPUT_TAKEN where one of them is
 * gone, and where others lie between the rows of a table, which is read from its beginning to its end.
 *
 * @param record The record of the earlier rows, for errors.
 */
export function startingWith(subjects: Subjects, earlier: readonly string[], record: string): Subjects {
  const placeOf = new Map(subjects.ids.map((id, at) => [id, at]));
  const gone = earlier.find((id) => !placeOf.has(id));
  const refused = (expected: string, got: string, fix: string): QuorateError =>
    new QuorateError('OUTPUT_TAKEN', { where: record, expected, got, fix });
  if (gone !== undefined) {
    const fix = `Put it back, or choose another --out, or remove ${record} to start again.`;
    throw refused(`the subjects of all rows in ${subjects.name}`, `no "${gone}" any more`, fix);
  }
  const first = earlier.map((id) => placeOf.get(id)!);
  const isFirst = new Set(first);
  const order = [...first, ...Array.from(subjects.ids.keys()).filter((at) => !isFirst.has(at))];
  if (order.every((place, at) => place === at)) return subjects;
  const { at: subjectAt } = subjects;
  if (!subjectAt) {
    const fix = 'Add rows at the end of the file, or choose another --out.';
    throw refused(`the rows that are done first in ${subjects.name}, as they were`, 'new ones between them', fix);
  }
  return {
    ...subjects,
    ids: order.map((place) => subjects.ids[place]!),
    labels: subjects.labels && order.map((place) => subjects.labels![place]!),
    mark: (at) => subjects.mark(order[at]!),
    at: (at) => subjectAt(order[at]!),
    *from(start) {
      for (let at = start; at < order.length; at++) yield subjectAt(order[at]!);
    },
  };
}
