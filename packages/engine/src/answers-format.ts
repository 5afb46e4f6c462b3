import { QuorateError, compose, makeRng, sectionOf, type AnswerFormat, type Registry } from '@quorate/core';
import { parseOptions } from './config-options.js';
import { problemsError, type Problem } from './config-problems.js';

export interface FormatRequest {
  readonly registry: Registry;
  readonly format: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** Of the file: a path or `stdin`. */
  readonly name: string;
  readonly head: Uint8Array;
}

/** A format that can be read. */
export type ReadableFormat = AnswerFormat & Required<Pick<AnswerFormat, 'read'>>;

/** The format that was asked for, else the one that is surest of the content (the first registered of equals). */
export async function formatToRead(request: FormatRequest): Promise<ReadableFormat> {
  const { registry, format, options, name, head } = request;
  if (format !== null) {
    const part = await openFormat(registry, format, options);
    if (part.read) return part as ReadableFormat;
    throw refused(name, `a format that can be read (${namesOf(registry)})`, `"${format}", which is written only`);
  }
  let best: ReadableFormat | null = null;
  let sure = 0;
  for (const { value } of registry.components('answerFormat')) {
    // A format that does not have these options is not the one that was meant.
    if (!value.options.safeParse(options).success) continue;
    const part = await openFormat(registry, value.name, options);
    const score = part.read ? part.detect(head, name) : 0;
    if (score > sure) [best, sure] = [part as ReadableFormat, score];
  }
  if (best) return best;
  const given = Object.keys(options);
  const got = given.length > 0 ? `none that fits, with the options ${given.join(', ')}` : 'none that fits';
  throw refused(name, `content in a format that is known (${namesOf(registry)})`, got);
}

/** The part of a format. Throws CONFIG_INVALID for a name that is not there and for options that it does not have. */
export async function openFormat(
  registry: Registry,
  name: string,
  options: Readonly<Record<string, unknown>>,
): Promise<AnswerFormat> {
  const component = registry.component('answerFormat', name)?.value;
  if (!component) {
    const { expected, fix } = registry.missing('answerFormat', name);
    throw new QuorateError('CONFIG_INVALID', { where: sectionOf.answerFormat, expected, got: `"${name}"`, fix });
  }
  const problems: Problem[] = [];
  const { options: schema } = component;
  parseOptions({ schema, options, path: [sectionOf.answerFormat], layers: [], what: `format "${name}"` }, problems);
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', 'the format', problems);
  const choices = { answerFormat: [{ use: name, options }] };
  return compose({ registry, choices, rng: makeRng('format') }).get('answerFormat', name);
}

export function namesOf(registry: Registry): string {
  return registry
    .components('answerFormat')
    .map(({ value }) => value.name)
    .join(', ');
}

function refused(where: string, expected: string, got: string): QuorateError {
  return new QuorateError('ANSWERS_INVALID', { where, expected, got, fix: 'Name the format of the file.' });
}
