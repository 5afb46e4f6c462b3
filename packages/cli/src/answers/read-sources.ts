import { QuorateError, type AnswerTable, type Registry } from '@quorate/core';

export interface SourcesRequest {
  /** Paths, or `-`. */
  readonly sources: readonly string[];
  readonly format: string | null;
  readonly formatOptions: Readonly<Record<string, unknown>>;
  readonly skipBadRows: boolean;
  readonly registry: Registry;
  readonly cwd: string;
  readonly stdin?: AsyncIterable<Uint8Array>;
}

export interface SourceTable {
  /** As people read it: the path, or `stdin`. */
  readonly name: string;
  readonly table: AnswerTable;
}

/** Reads files of answers one after the other. Nothing is given back before all of them are read. */
export async function readSources(request: SourcesRequest): Promise<readonly SourceTable[]> {
  const { sources, format, formatOptions, skipBadRows, registry, cwd, stdin } = request;
  const { readAnswers } = await import('@quorate/consensus');
  if (sources.filter((source) => source === '-').length > 1) {
    throw new QuorateError('ANSWERS_INVALID', {
      where: 'command line',
      expected: 'standard input (-) once',
      got: 'it twice',
      fix: 'Name it once.',
    });
  }
  const tables: SourceTable[] = [];
  for (const source of sources) {
    const table = await readAnswers({
      source,
      format,
      options: formatOptions,
      skipBadRows,
      loaded: registry,
      cwd,
      ...(stdin === undefined ? {} : { stdin }),
    });
    tables.push({ name: source === '-' ? 'stdin' : source, table });
  }
  return tables;
}
