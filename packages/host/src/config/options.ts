import {
  faultOfOptions,
  isPartOption,
  messageOf,
  nearest,
  partOptionsOf,
  schemaFailure,
  shapeOf,
  type Kind,
  type Registry,
} from '@quorate/core';
import type { z } from 'zod';
import { descriptionOf, expectedBy, pointed, suggestedBy } from './schema-issues.js';
import { originOf, textOf, type Layer } from './layer.js';
import { shown, type Problem } from './problems.js';
import { isTree, valueAt, withValue, type Tree } from '../tree.js';

export interface OptionsContext {
  readonly registry: Registry;
  /** `sampler/random`, `preset/method/lean` → why the plugin that provides it is not here. One sentence. */
  readonly unavailable: ReadonlyMap<string, string>;
}

export interface OptionsRequest {
  readonly schema: z.ZodType;
  readonly options: Tree;
  /** Where the options are in the configuration: [] for the run's own keys, ['sampler']. */
  readonly path: readonly string[];
  /** The layers that the options come from, for messages and for the text of words. */
  readonly layers: readonly Layer[];
  /** `sampler "random"`. */
  readonly what: string;
  /** Where components come from that are options of the one whose options these are. */
  readonly context?: OptionsContext;
}

export interface ParsedOptions {
  /** As `run.json` keeps them: with defaults, in the words of the user. */
  readonly options: Tree;
  /** What the schema made of them: what the component is built with. */
  readonly parsed: unknown;
}

/** Options with their defaults; undefined where they have problems, all of which are told. */
export function parseOptions(request: OptionsRequest, problems: Problem[]): ParsedOptions | undefined {
  const { schema } = request;
  const { options, result } = readSafely(request);
  if (result.success) {
    const completed = complete(schema, options, result.data);
    const parts = partsOf(request, completed, problems);
    const parsed = isTree(result.data) ? { ...result.data, ...parts } : result.data;
    return { options: { ...completed, ...parts }, parsed };
  }
  for (const issue of pointed(result.error.issues)) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    for (const key of keys) {
      const inner = issue.path.map(String);
      const at = [...request.path, ...inner, ...(key === undefined ? [] : [key])];
      const where = `${originOf(request.layers, at)}: ${at.join('.')}`;
      if (key !== undefined) problems.push({ where, ...unknownKey(request, inner, key) });
      else {
        const got = valueAt(options, issue.path);
        const meant = suggestedBy(issue, got);
        const description = descriptionOf(schema, issue.path);
        problems.push({
          where,
          expected: expectedBy(issue),
          got: shown(got),
          fix: meant
            ? `Did you mean "${meant}"?`
            : description
              ? `It is: ${description.replace(/\.$/, '')}.`
              : `It belongs to ${request.what}; "quorate plugins" describes the options.`,
        });
      }
    }
  }
  return undefined;
}

/** The components among the options, with their own options checked and completed. */
function partsOf({ schema, path, layers, context }: OptionsRequest, completed: Tree, problems: Problem[]): Tree {
  if (!context) return {};
  const parts = partOptionsOf(schema).flatMap(([key, kind]): [string, Tree][] => {
    const option = completed[key];
    if (!isPartOption(option)) return [];
    const { use, ...options } = option;
    const at = [...path, key];
    const entry = context.registry.component(kind, use);
    if (!entry) {
      const where = `${originOf(layers, [...at, 'use'])}: ${at.join('.')}.use`;
      problems.push(missingComponent(kind, use, where, context));
      return [];
    }
    const what = `${kind} "${use}"`;
    const inner = parseOptions({ schema: entry.value.options, options, path: at, layers, what, context }, problems);
    return [[key, { use, ...inner?.options }]];
  });
  return Object.fromEntries(parts);
}

/** @param where The option that names it. */
export function missingComponent(
  kind: Kind,
  use: string,
  where: string,
  { registry, unavailable }: OptionsContext,
): Problem {
  const { expected, fix } = registry.missing(kind, use);
  return { where, expected, got: `"${use}"`, fix: unavailable.get(`${kind}/${use}`) ?? fix };
}

/** A plugin's schema may throw, or want to wait. */
function readSafely(request: OptionsRequest): ReturnType<typeof readWords> {
  try {
    const fault = faultOfOptions(request.schema);
    if (fault !== null) throw new Error(fault);
    return readWords(request);
  } catch (thrown) {
    throw schemaFailure(request.what, messageOf(thrown));
  }
}

function unknownKey({ schema, what }: OptionsRequest, inner: readonly string[], key: string): Omit<Problem, 'where'> {
  let node: unknown = schema;
  for (const part of inner) node = shapeOf(node)?.[part];
  const known = Object.keys(shapeOf(node) ?? {});
  const near = nearest(key, known);
  return {
    expected: known.length === 0 ? `no options of ${what}` : `an option of ${what} (${known.join(', ')})`,
    got: `the unknown key "${key}"`,
    fix: near ? `Did you mean "${near}"?` : 'Remove it, or correct its spelling.',
  };
}

/**
 * Words are read as JSON before it is known what the option wants: where the schema wants a string and the text
 * happens to be JSON (`dataset.labels=123`), the text itself is the value.
 */
function readWords(request: OptionsRequest): { options: Tree; result: z.ZodSafeParseResult<unknown> } {
  let options = request.options;
  let result = request.schema.safeParse(options);
  if (result.success) return { options, result };
  for (const issue of result.error.issues) {
    const inner = issue.path.map(String);
    const text = textOf(request.layers, [...request.path, ...inner]);
    if (text === undefined || typeof valueAt(options, inner) === 'string') continue;
    const changed = withValue(options, inner, text);
    const again = request.schema.safeParse(changed);
    const better = again.success || (!result.success && again.error.issues.length < result.error.issues.length);
    if (better) [options, result] = [changed, again];
    if (result.success) break;
  }
  return { options, result };
}

/**
 * The options as `run.json` keeps them: with defaults filled in where those are JSON (Infinity is not) and where parsing
 * them once more changes nothing (a schema may transform); else as the user gave them.
 */
function complete(schema: z.ZodType, given: Tree, parsed: unknown): Tree {
  if (!isTree(parsed)) return given;
  const filled: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parsed)) {
    if (isJson(value)) filled[key] = value;
    else if (Object.hasOwn(given, key)) filled[key] = given[key];
  }
  const again = schema.safeParse(filled);
  return again.success && sameJson(again.data, parsed) ? filled : given;
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isTree(value) && Object.values(value).every(isJson);
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
