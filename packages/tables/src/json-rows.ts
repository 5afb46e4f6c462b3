import { messageOf } from '@quorate/core';
import { invalid } from './data-error.js';
import type { Batch, Table } from './table.js';

/** Is this JSON: a list of objects, or one on each line? */
export function isJson(text: string): boolean {
  return /^\s*(\{|\[\s*[{\]])/.test(text.slice(0, 1000));
}

/** A table out of JSON Lines, or of one JSON list of objects; a key that an object lacks is undefined there. */
export function jsonTable(name: string, text: string): Table {
  const list = /^\s*\[/.test(text.slice(0, 1000));
  const rows = list ? listRows(name, text) : lineRows(name, text);
  if (rows.length === 0) throw invalid(name, 'rows', 'no rows', 'Write a line for each task.');
  const columns = [...new Set(rows.flatMap(({ value }) => Object.keys(value)))];
  return {
    name,
    format: list ? 'a JSON list' : 'JSON Lines',
    columns,
    *batches() {
      yield {
        rows: rows.length,
        first: 0,
        columns: columns.map((key) => rows.map(({ value }) => value[key])),
        lines: list ? null : rows.map(({ line }) => line),
      } satisfies Batch;
    },
  };
}

interface Row {
  readonly value: Readonly<Record<string, unknown>>;
  readonly line: number;
}

function listRows(name: string, text: string): Row[] {
  const value = parsed(name, text);
  if (!Array.isArray(value)) throw invalid(name, 'a list of objects', shown(value), 'Write JSON Lines.');
  return value.map((one: unknown, at) => ({ value: asObject(`${name}, row ${at + 1}`, one), line: at + 1 }));
}

function lineRows(name: string, text: string): Row[] {
  const rows: Row[] = [];
  for (const [at, source] of text.split('\n').entries()) {
    if (source.trim() === '') continue;
    const where = `${name}:${at + 1}`;
    rows.push({ value: asObject(where, parsed(where, source)), line: at + 1 });
  }
  return rows;
}

function parsed(where: string, source: string): unknown {
  try {
    return JSON.parse(source.replace(/^\uFEFF/, '')) as unknown;
  } catch (cause) {
    const got = messageOf(cause);
    const short = got.length > 120 ? `${got.slice(0, 117)}...` : got;
    throw invalid(where, 'one JSON object on a line', short, 'Write JSON Lines.', cause);
  }
}

function asObject(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(where, 'a JSON object', shown(value), 'Write JSON Lines.');
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
