import {
  QuorateError,
  compose,
  isQuorateError,
  makeRng,
  messageOf,
  nearest,
  sectionOf,
  shapeOf,
  type AnswerFormat,
  type AnyComponent,
  type Part,
  type Registry,
} from '@quorate/core';
import { parseOptions } from '../config/options.js';
import { problemsError, type Problem } from '../config/problems.js';

export interface FormatRequest {
  readonly registry: Registry;
  readonly format: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** Of the file: a path or `stdin`. */
  readonly name: string;
}

/** A format by its name. */
export interface Chosen<Can extends 'read' | 'write'> {
  readonly name: string;
  readonly part: AnswerFormat & Required<Pick<AnswerFormat, Can>>;
}

/** The format that was asked for, else the one that is surest of the content (the first registered of equals). */
export async function formatToRead(request: FormatRequest & { readonly head: Uint8Array }): Promise<Chosen<'read'>> {
  const { registry, format, options, name, head } = request;
  if (format !== null) return able('read', name, await openFormat(registry, format, options));
  let best: Chosen<'read'> | null = null;
  let sure = 0;
  for (const { value } of registry.components('answerFormat')) {
    // A format that does not have these options is not the one that was meant.
    if (!value.options.safeParse(options).success) continue;
    const { part } = await openFormat(registry, value.name, options);
    const score = part.read ? inFormat(value.name, name, () => part.detect(head, name)) : 0;
    if (score > sure) [best, sure] = [{ name: value.name, part: part as Chosen<'read'>['part'] }, score];
  }
  if (best) return best;
  const given = Object.keys(options);
  // Options of a format with wrong values: say what is wrong with them.
  const meant = registry.components('answerFormat').find(({ value }) => given.every((key) => has(value, key)));
  if (given.length > 0 && meant) await openFormat(registry, meant.value.name, options);
  throw new QuorateError('ANSWERS_INVALID', {
    where: name,
    expected: `a format that is known (${formatNames(registry)})${given.length > 0 ? ` and has ${given.join(', ')}` : ''}`,
    got: 'none that fits',
    fix: optionFix(registry, given) ?? 'Name the format of the file; quorate plugins describes each.',
  });
}

/** The format that was asked for, else the one whose ending the name has. */
export async function formatToWrite(request: FormatRequest): Promise<Chosen<'write'>> {
  const { registry, format, options, name } = request;
  if (format !== null) return able('write', name, await openFormat(registry, format, options));
  const writable: string[] = [];
  for (const { value } of registry.components('answerFormat')) {
    const usable = [options, {}].find((one) => value.options.safeParse(one).success);
    if (!usable) continue;
    const { part } = await openFormat(registry, value.name, usable);
    if (!part.write) continue;
    if (part.extensions?.some((ending) => name.toLowerCase().endsWith(ending))) {
      return able('write', name, await openFormat(registry, value.name, options));
    }
    writable.push(value.name);
  }
  throw new QuorateError('CONFIG_INVALID', {
    where: name,
    expected: `a format to write, one of ${writable.join(', ')}`,
    got: 'a name that does not tell',
    fix: 'Name the format: --to <format>.',
  });
}

/** Throws CONFIG_INVALID for a name that is not there and for options that the format does not have. */
async function openFormat(
  registry: Registry,
  name: string,
  options: Readonly<Record<string, unknown>>,
): Promise<{ readonly name: string; readonly part: AnswerFormat }> {
  const component = registry.component('answerFormat', name)?.value;
  if (!component) {
    const { expected, fix } = registry.missing('answerFormat', name);
    throw new QuorateError('CONFIG_INVALID', { where: sectionOf.answerFormat, expected, got: `"${name}"`, fix });
  }
  const problems: Problem[] = [];
  const { options: schema } = component;
  const request = { schema, options, path: [sectionOf.answerFormat], layers: [], what: `format "${name}"` };
  const parsed = parseOptions(request, problems);
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', 'the format', problems);
  const choices = { answerFormat: [{ use: name, options, ...parsed }] };
  return { name, part: await compose({ registry, choices, rng: makeRng('format') }).get('answerFormat', name) };
}

function able<Can extends 'read' | 'write'>(
  can: Can,
  file: string,
  { name, part }: { readonly name: string; readonly part: AnswerFormat },
): Chosen<Can> {
  if (part[can]) return { name, part: part as Chosen<Can>['part'] };
  throw new QuorateError('CONFIG_INVALID', {
    where: file,
    expected: `a format that can be ${can === 'read' ? 'read' : 'written'}`,
    got: `"${name}", which cannot`,
    fix: 'Choose another one; quorate plugins lists them.',
  });
}

function formatNames(registry: Registry): string {
  return registry
    .components('answerFormat')
    .map(({ value }) => value.name)
    .join(', ');
}

function has({ options }: AnyComponent, key: string): boolean {
  return Object.hasOwn(shapeOf(options) ?? {}, key);
}

/** What to do about options that no format has. */
function optionFix(registry: Registry, given: readonly string[]): string | undefined {
  const known = registry.components('answerFormat').flatMap(({ value }) => Object.keys(shapeOf(value.options) ?? {}));
  const unknown = given.find((key) => !known.includes(key));
  const near = unknown === undefined ? undefined : nearest(unknown, known);
  return near === undefined ? undefined : `Is ${unknown} meant as ${near}?`;
}

/** Runs code of a format. What it throws is an error of that format with that file, unless it is one for users already. */
export function inFormat<V>(format: string, file: string, run: () => V): V {
  try {
    return run();
  } catch (thrown) {
    throw formatError(format, file, thrown);
  }
}

export function formatError(format: string, file: string, thrown: unknown): QuorateError {
  if (isQuorateError(thrown)) return thrown;
  return new QuorateError('PART_FAILED', {
    where: `format "${format}" with ${file}`,
    expected: 'answers, or an error that says what is wrong with the file',
    got: messageOf(thrown),
    fix: 'Report it to the author of the plugin.',
    cause: thrown,
  });
}

export async function closeFormat({ name, part }: { name: string; part: Part }, file: string): Promise<void> {
  try {
    await part.dispose?.();
  } catch (thrown) {
    throw formatError(name, file, thrown);
  }
}
