import { z } from 'zod';
import { kinds, type Kind, type PartOf } from '../contracts/index.js';

/** A component by name, with its options beside the name: `{ use: 'random', hitSize: 5 }`. */
export interface PartOption {
  readonly use: string;
  readonly [option: string]: unknown;
}

/**
 * Builds a part that a component takes as an option. Every call builds another one; it lives as long as the run, which
 * saves and restores its state and disposes of it. Call it in `create`. Throws what composing a run throws.
 */
export type PartFactory = <K extends Kind>(kind: K, option: PartOption) => Promise<PartOf[K]>;

/** Where a schema's metadata says which kind its option chooses. */
const META = 'quoratePart';

/**
 * Schema of an option that chooses another component: its name and options are checked where the configuration is read,
 * like those of the component that has the option.
 *
 *     options: z.strictObject({ inner: partOption('sampler').default({ use: 'random' }).describe('whom to ask') }),
 *     inject: [T.Parts],
 *     create: async ({ inner }, parts) => new MySampler(await parts('sampler', inner)),
 */
export function partOption(kind: Kind): z.ZodObject<{ use: z.ZodString }, z.core.$loose> {
  return z.looseObject({ use: z.string().describe(`name of a ${kind}`) }).meta({ [META]: kind });
}

interface Probe {
  readonly meta?: () => Readonly<Record<string, unknown>> | undefined;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly def?: { readonly in?: unknown; readonly innerType?: unknown; readonly options?: readonly unknown[] };
}

/** The kind of component that an option with this schema chooses; undefined where it chooses none. */
export function kindOfPartOption(schema: unknown): Kind | undefined {
  for (let node = schema as Probe | null | undefined; node; node = node.def?.innerType as Probe | undefined) {
    const kind = node.meta?.()?.[META];
    if (kind !== undefined) return kinds.find((one) => one === kind);
  }
  return undefined;
}

/** The option names of a schema with the schema of each, or null where the schema does not tell. */
export function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof schema !== 'object' || schema === null) return null;
  const { shape, def } = schema as Probe;
  if (shape) return shape;
  if (def?.in ?? def?.innerType) return shapeOf(def.in ?? def.innerType);
  if (!def?.options) return null;
  const shapes = def.options.map(shapeOf);
  return shapes.every((one) => one !== null) ? (Object.assign({}, ...shapes) as Record<string, unknown>) : null;
}

/** The options of a schema that choose components, with the kind of each. */
export function partOptionsOf(schema: unknown): readonly (readonly [key: string, kind: Kind])[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([key, one]) => {
    const kind = kindOfPartOption(one);
    return kind === undefined ? [] : [[key, kind] as const];
  });
}

export function isPartOption(value: unknown): value is PartOption {
  return typeof value === 'object' && value !== null && typeof (value as Partial<PartOption>).use === 'string';
}

/** What is wrong with a component's own options, whatever a user writes; null where nothing is. One sentence. */
export function faultOfOptions(schema: unknown): string | null {
  const shape = shapeOf(schema) ?? {};
  if (Object.hasOwn(shape, 'use')) return 'an option called "use", which names the component itself';
  for (const [key, field] of Object.entries(shape)) {
    const { def } = field as Probe & { def?: { type?: string; defaultValue?: unknown } };
    const inner = def?.innerType as z.ZodType | undefined;
    if (def?.type !== 'default' || typeof inner?.safeParse !== 'function') continue;
    // No number of JSON, so that no user can write it: it stands for "no limit".
    if (def.defaultValue === Infinity) continue;
    const issue = inner.safeParse(def.defaultValue).error?.issues[0];
    if (issue)
      return `the default ${JSON.stringify(def.defaultValue)} of "${key}", which its own schema refuses (${issue.message})`;
  }
  return null;
}
