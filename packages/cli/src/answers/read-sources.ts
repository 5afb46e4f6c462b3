import { QuorateError, type AnswerInput, type Registry } from '@quorate/core';
import type { SourceTable } from '@quorate/consensus';

export type { SourceTable };

export interface SourcesRequest {
  /** Paths, folders, patterns, or `-`. */
  readonly sources: readonly string[];
  readonly format: string | null;
  readonly formatOptions: Readonly<Record<string, unknown>>;
  readonly skipBadRows: boolean;
  readonly registry: Registry;
  readonly cwd: string;
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly encoding?: string | null;
  readonly worker?: string | { readonly from: 'filename' } | null;
  readonly carry?: readonly string[];
  readonly missing?: NonNullable<AnswerInput['missing']>;
}

/** Reads files of answers one after the other. Nothing is given back before all of them are read. */
export async function readSources(request: SourcesRequest): Promise<readonly SourceTable[]> {
  const { formatOptions: options, registry: loaded, ...rest } = request;
  const { readEach } = await import('@quorate/consensus');
  if (rest.sources.filter((source) => source === '-').length > 1) {
    throw new QuorateError('ANSWERS_INVALID', {
      where: 'command line',
      expected: 'standard input (-) once',
      got: 'it twice',
      fix: 'Name it once.',
    });
  }
  return readEach({ ...rest, options, loaded });
}
