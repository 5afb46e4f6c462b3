import type { z } from 'zod';
import { nearest, shapeOf } from '@quorate/core';

/** What zod says about a value, as far as we read it; schemas may come from another copy of zod. */
export type Issue = z.core.$ZodIssue;

const types: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map',
  record: 'a map',
  map: 'a map',
  null: 'null',
};

/** What the schema expected, in words. */
export function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected] ?? `a value of type ${issue.expected}`;
    case 'too_small':
      return bound(
        issue.origin,
        `${issue.inclusive === false ? '>' : '>='} ${issue.minimum}`,
        `at least ${issue.minimum}`,
      );
    case 'too_big':
      return bound(
        issue.origin,
        `${issue.inclusive === false ? '<' : '<='} ${issue.maximum}`,
        `at most ${issue.maximum}`,
      );
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union': {
      const options = (issue as { options?: readonly unknown[] }).options;
      if (options) return `one of ${options.map(String).join(', ')}`;
      const ways = issue.errors.flatMap((branch) => branch.map(expectedBy));
      return ways.length === 0 ? issue.message : [...new Set(ways)].join(' or ');
    }
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    default:
      return issue.message;
  }
}

function bound(origin: string, relation: string, count: string): string {
  if (origin === 'string') return `${count} character${count.endsWith(' 1') ? '' : 's'}`;
  if (origin === 'array' || origin === 'set') return `a list of ${count}`;
  return `a number ${relation}`;
}

/** The allowed value that was probably meant. */
export function suggestedBy(issue: Issue, got: unknown): string | undefined {
  if (typeof got !== 'string') return undefined;
  if (issue.code === 'invalid_value') return nearest(got, issue.values.map(String));
  if (issue.code === 'invalid_union') {
    return nearest(
      got,
      issue.errors.flatMap((branch) =>
        branch.flatMap((one) => (one.code === 'invalid_value' ? one.values.map(String) : [])),
      ),
    );
  }
  return undefined;
}

/**
 * The issues to report: where a value was wrong for a union in one branch only below its surface (a map with one bad
 * key where a map or a word may stand), that branch's own issues say more than the union's.
 */
export function pointed(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap((issue): readonly Issue[] => {
    if (issue.code !== 'invalid_union') return [issue];
    const deeper = issue.errors.filter(
      (branch) => !branch.some((one) => one.path.length === 0 && one.code !== 'unrecognized_keys'),
    );
    const [only] = deeper;
    if (deeper.length !== 1 || !only) return [issue];
    return pointed(only.map((one) => ({ ...one, path: [...issue.path, ...one.path] })));
  });
}

/** What the field of a schema is for, as its author described it. */
export function descriptionOf(schema: unknown, path: readonly PropertyKey[]): string | undefined {
  let node: unknown = schema;
  for (const key of path) node = shapeOf(node)?.[String(key)];
  return (node as { readonly description?: string } | undefined)?.description;
}
