import type { AnswerReading } from '@quorate/core';
import type { SourceTable } from '@quorate/consensus';
import { shown } from './answers-text.js';
import { count, plural, wrap } from './format.js';

/** Columns that a line lists, of those that were not read. */
const MOST = 6;
/** Sources that are told one by one. */
const MOST_SOURCES = 5;

/** What was taken for what, one line a source as far as it fits 80 columns. */
export function readingLines(tables: readonly SourceTable[]): string[] {
  const lines = tables.slice(0, MOST_SOURCES).flatMap(({ name, table: { reading, badRows } }) => {
    const { format, encoding, rows, missing, left } = reading;
    const how = [format, encoding === 'utf-8' || encoding === '' ? encoding.toUpperCase() : encoding]
      .filter(Boolean)
      .join(', ');
    const sizes = [
      plural(rows, 'row'),
      ...(missing > 0 ? [`${count(missing)} missing`] : []),
      ...left.map(
        ([what, n]) => `${count(n)} ${n === 1 ? what.replace(/\b(row|draft|example|label)s\b/, '$1') : what}`,
      ),
      ...(badRows > 0 ? [`${count(badRows)} not readable`] : []),
    ];
    return wrap(`read ${shown(name, 60)} (${how}; ${sizes.join(', ')}): ${rolesText(reading)}`, 80);
  });
  const more = tables.length - MOST_SOURCES;
  return more > 0 ? [...lines, `and ${plural(more, 'other source')}`] : lines;
}

function rolesText({ task, worker, label, gold, others }: AnswerReading): string {
  const roles = [
    ['task', task],
    ['worker', worker],
    ['label', label],
    ['gold', gold],
  ].flatMap(([role, what]) => (what === null || what === undefined ? [] : [`${role} = ${shown(what, 60)}`]));
  if (others.length === 0) return roles.join(', ');
  const some = others.slice(0, MOST).map((name) => shown(name, 30));
  const rest = others.length > MOST ? ` and ${others.length - MOST} more` : '';
  return `${roles.join(', ')}; other columns: ${some.join(', ')}${rest}`;
}

/** Sentences about how sources were read, and about sources that do not speak of the same tasks. */
export function readingNotes(tables: readonly SourceTable[]): string[] {
  const notes = tables.flatMap(({ name, table }) =>
    table.reading.notes.map((note) => (tables.length > 1 ? `${name}: ${note}` : note)),
  );
  const seen = new Set<string>();
  for (const [n, { name, table }] of tables.entries()) {
    const shared = table.taskIds.some((id) => seen.has(id));
    const [before, here] = [tables[0]!.table.reading, table.reading];
    if (n > 0 && (!shared || (before.format !== here.format && before.task !== here.task))) {
      const what = shared ? 'may mean other tasks by the same ids as' : 'has no task in common with';
      notes.push(
        `${name} ${what} ${tables[0]!.name}: tasks are ${String(before.task)} there and ${String(here.task)} here. ` +
          'If both have a field that says which task it is, name it: --columns task=<name>.',
      );
    }
    for (const id of table.taskIds) seen.add(id);
  }
  return [...new Set(notes)];
}

/** For programs. */
export function readingJson(tables: readonly SourceTable[]): readonly unknown[] {
  return tables.map(({ name, table: { reading } }) => ({ name, ...reading, left: Object.fromEntries(reading.left) }));
}
