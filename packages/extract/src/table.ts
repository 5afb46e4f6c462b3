import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { isQuorateError, messageOf, nearest, type FeatureSubject } from '@quorate/core';
import { CsvError, parse } from 'csv-parse';
import type { Subjects, SubjectsRequest } from './subjects.js';
import { invalid } from './invalid.js';

/** Where a row is in the file, and its fields. */
interface Row {
  readonly line: number;
  readonly fields: readonly string[];
}

interface Places {
  readonly kind: FeatureSubject['kind'];
  /** Column of the text or of the path. */
  readonly content: number;
  /** Column, or -1 where rows are numbered. */
  readonly id: number;
  /** Column, or -1. */
  readonly label: number;
}

/**
 * The rows of a CSV file (`.tsv`: tab-separated) in UTF-8 with a header: texts, or paths of images relative to the file.
 * Without a column of ids the rows are numbered from 1. The file is read twice: for the ids here, and for the texts while
 * the features are made.
 */
export async function readTable(request: SubjectsRequest): Promise<Subjects> {
  const { name, path } = request;
  if (!['.csv', '.tsv', '.txt'].includes(extname(path).toLowerCase())) {
    throw invalid(name, 'a folder of images or a file .csv, .tsv', 'another file', 'Write a CSV with a header.');
  }
  const hash = createHash('sha256');
  const lineOfId = new Map<string, number>();
  const labels: string[] = [];
  const marks: string[] = [];
  let unlabelled = 0;
  let places: Places | undefined;
  for await (const { line, fields } of rows(name, path)) {
    if (!places) {
      places = placesOf(`${name}:${line}`, fields, request.columns);
      continue;
    }
    const id = places.id < 0 ? String(lineOfId.size + 1) : fields[places.id]!;
    const before = lineOfId.get(id);
    if (id === '' || before !== undefined) {
      const got = id === '' ? 'no id' : `${JSON.stringify(id)}, also on line ${before}`;
      throw invalid(`${name}:${line}`, 'an id that no other row has', got, 'Give every row an id of its own.');
    }
    lineOfId.set(id, line);
    const label = fields[places.label] ?? '';
    if (label === '') unlabelled++;
    labels.push(label);
    const content = fields[places.content]!;
    hash.update(`${JSON.stringify([id, content])}\n`);
    const size = places.kind === 'image' ? String(sizeOf(resolve(dirname(path), content))) : '';
    hash.update(size);
    marks.push(createHash('sha256').update(content).digest('base64').slice(0, 16) + size);
  }
  if (!places || lineOfId.size === 0) throw invalid(name, 'a header and rows', 'no rows', 'Write a row for each task.');
  const found = places;
  const notes = [];
  if (found.id < 0) notes.push(`${name} has no column "id": rows are numbered from 1; --id-column names another.`);
  if (unlabelled > 0 && unlabelled < labels.length) {
    notes.push(`${unlabelled} of ${labels.length} rows have no label: labels are left out, a run wants all or none.`);
  }
  return {
    kind: found.kind,
    name,
    ids: [...lineOfId.keys()],
    labels: unlabelled === 0 ? labels : null,
    hash: hash.digest('hex'),
    notes,
    mark: (at) => marks[at]!,
    async *from(first) {
      let at = -1;
      for await (const { fields } of rows(name, path)) {
        if (at >= first) yield subjectOf(found, path, at, fields);
        at++;
      }
    },
  };
}

function subjectOf({ kind, id: column, content }: Places, path: string, at: number, fields: readonly string[]) {
  const id = column < 0 ? String(at + 1) : fields[column]!;
  const value = fields[content]!;
  const subject: FeatureSubject =
    kind === 'text' ? { kind, id, text: value } : { kind, id, path: resolve(dirname(path), value) };
  return subject;
}

function placesOf(where: string, header: readonly string[], columns: SubjectsRequest['columns']): Places {
  const place = (flag: string, column: string): number => {
    const at = header.indexOf(column);
    if (at >= 0) return at;
    const near = nearest(column, header);
    const fix = near === undefined ? `Name it with --${flag}-column.` : `Did you mean --${flag}-column ${near}?`;
    throw invalid(where, `a header with a column "${column}"`, JSON.stringify(header.join(',')), fix);
  };
  if (columns.text !== null && columns.image !== null) {
    throw invalid(where, 'either --text-column or --image-column', 'both', 'Leave one out.');
  }
  const kind =
    columns.image !== null || (columns.text === null && !header.includes('text') && header.includes('image'));
  const [flag, column] = kind
    ? (['image', columns.image ?? 'image'] as const)
    : (['text', columns.text ?? 'text'] as const);
  const optional = (flag: string, column: string | null): number =>
    column === null ? header.indexOf(flag) : place(flag, column);
  return {
    kind: flag,
    content: place(flag, column),
    id: optional('id', columns.id),
    label: optional('label', columns.label),
  };
}

/** All rows, the header first. Throws DATA_INVALID with the line. */
async function* rows(name: string, path: string): AsyncGenerator<Row> {
  const parser = parse({
    delimiter: extname(path).toLowerCase() === '.tsv' ? '\t' : ',',
    skip_empty_lines: true,
    trim: true,
    info: true,
  });
  const source = Readable.from(decoded(name, path));
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { line: info.lines, fields: record };
    }
  } catch (cause) {
    if (isQuorateError(cause)) throw cause;
    const line = cause instanceof CsvError ? cause['lines'] : undefined;
    const where = typeof line === 'number' ? `${name}:${line}` : name;
    throw invalid(where, 'CSV with as many fields as the header', messageOf(cause), 'Repair that line.', cause);
  } finally {
    source.destroy();
  }
}

async function* decoded(name: string, path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch (cause) {
      throw invalid(name, 'text in UTF-8', 'other bytes', 'Save it as UTF-8.', cause);
    }
  };
  for await (const chunk of createReadStream(path)) yield decode(chunk as Uint8Array);
  yield decode();
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}
