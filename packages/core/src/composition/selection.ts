import { sectionOf, type Kind } from '../contracts/index.js';
import { QuorateError, messageOf } from '../errors.js';
import type { AnyComponent } from './plugin.js';
import type { Registered, Registry } from './registry.js';
import { faultOfOptions, isPartOption, partOptionsOf } from './part-option.js';
import { isBehindWall, kindOf, wallError } from './truth-wall.js';

/** Which component is a part of the run, and its options. */
export interface PartChoice {
  readonly use: string;
  /** As the user wrote them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** As the component's own schema parsed `options`. Left out: whoever composes the run parses them. */
  readonly parsed?: unknown;
}

/** The first choice of a kind is the part that others get when they inject the kind's token. */
export type Choices = { readonly [K in Kind]?: readonly PartChoice[] };

/** A component that is a part of the run, or an option of one, with its options. */
export interface Selected {
  readonly component: AnyComponent;
  readonly plugin: string;
  /** `sampler/random`; `sampler/wrapped/inner: sampler/random` for an option of another. */
  readonly key: string;
  /** As the component's own schema parsed them. */
  readonly options: unknown;
}

/** Which components the run's choices come to. Builds nothing. */
export class Selection {
  readonly #registry: Registry;
  readonly #choices: Choices;

  constructor(registry: Registry, choices: Choices) {
    this.#registry = registry;
    this.#choices = choices;
  }

  /** The component of a kind: the named one, else the chosen one, else the only one. */
  entry(kind: Kind, name = this.#choices[kind]?.[0]?.use): Registered<AnyComponent> | undefined {
    if (name !== undefined) return this.#registry.component(kind, name);
    const candidates = this.#registry.components(kind);
    return candidates.length === 1 ? candidates[0] : undefined;
  }

  /** The chosen component of a kind with the options that the run gives it. Throws as `check` does. */
  select(kind: Kind, name?: string): Selected {
    const entry = this.entry(kind, name);
    if (!entry) throw this.#cannotChoose(kind, name, [kind]);
    const choice = this.#choices[kind]?.find((one) => one.use === entry.value.name);
    const key = `${sectionOf[kind]}/${entry.value.name}`;
    if (choice?.parsed === undefined) return selected(entry, key, choice?.options ?? {});
    return { component: entry.value, plugin: entry.plugin, key, options: choice.parsed };
  }

  /** A component that another one takes as an option. Throws PART_MISSING and CONFIG_INVALID. */
  selectOption(owner: Selected, kind: Kind, use: string, options: PartChoice['options'], at = ''): Selected {
    const entry = this.#registry.component(kind, use);
    const key = `${owner.key}/${at === '' ? '' : `${at}: `}${sectionOf[kind]}/${use}`;
    if (entry) return selected(entry, key, options);
    const { expected, fix } = this.#registry.missing(kind, use);
    const where = `${at === '' ? '' : `option ${at} of `}${owner.component.kind} "${owner.component.name}"`;
    throw new QuorateError('PART_MISSING', { where, expected, got: `"${use}"`, fix });
  }

  /** A component beside the chosen ones. Throws PART_MISSING and CONFIG_INVALID. */
  selectExtra(kind: Kind, { use, options, parsed }: PartChoice, key: string): Selected {
    const entry = this.#registry.component(kind, use);
    const at = `${sectionOf[kind]}/${key}: ${use}`;
    if (entry && parsed === undefined) return selected(entry, at, options);
    if (entry) return { component: entry.value, plugin: entry.plugin, key: at, options: parsed };
    const { expected, fix } = this.#registry.missing(kind, use);
    throw new QuorateError('PART_MISSING', { where: key, expected, got: `"${use}"`, fix });
  }

  /** Throws PART_MISSING, PART_AMBIGUOUS, PART_CIRCULAR or PLUGIN_INVALID with the path that needs it. */
  check(kind: Kind, name?: string): void {
    this.#walkKind(kind, name, [], new Map());
  }

  /** All that building these kinds would build. */
  reach(roots: readonly Kind[]): readonly Selected[] {
    const seen = new Map<string, Selected>();
    for (const kind of roots) {
      const names = this.#choices[kind]?.map((choice) => choice.use) ?? [undefined];
      for (const name of names) this.#walkKind(kind, name, [], seen);
    }
    return [...seen.values()];
  }

  #walkKind(kind: Kind, name: string | undefined, path: readonly string[], seen: Map<string, Selected>): void {
    const entry = this.entry(kind, name);
    const wanted = name ?? this.#choices[kind]?.[0]?.use;
    if (!entry) throw this.#cannotChoose(kind, name, [...path, wanted === undefined ? kind : `${kind} "${wanted}"`]);
    const step = `${kind} "${entry.value.name}"`;
    if (path.includes(step)) throw circular([...path, step], entry.plugin);
    this.#walk(this.select(kind, name), step, path, seen);
  }

  #walk(one: Selected, step: string, path: readonly string[], seen: Map<string, Selected>): void {
    if (seen.has(one.key)) return;
    const { component, plugin, options } = one;
    for (const dependency of component.inject) {
      if (isBehindWall(component.kind, dependency)) {
        throw wallError(`${one.key} of plugin ${plugin}`, component.kind, dependency);
      }
      const inner = kindOf(dependency);
      if (inner) this.#walkKind(inner, undefined, [...path, step], seen);
    }
    for (const [key, kind] of partOptionsOf(component.options)) {
      const option = (options as Readonly<Record<string, unknown>> | null)?.[key];
      if (!isPartOption(option)) continue;
      const { use, ...rest } = option;
      const inner = this.selectOption(one, kind, use, rest, key);
      this.#walk(inner, `${kind} "${use}" (${key} of ${step})`, [...path, step], seen);
    }
    seen.set(one.key, one);
  }

  #cannotChoose(kind: Kind, name: string | undefined, along: readonly string[]): QuorateError {
    const where = `${sectionOf[kind]} (needed along ${along.join(' → ')})`;
    const wanted = name ?? this.#choices[kind]?.[0]?.use;
    const candidates = this.#registry.components(kind);
    if (wanted === undefined && candidates.length > 1) {
      return new QuorateError('PART_AMBIGUOUS', {
        where,
        expected: `a choice of ${candidates.map((c) => `"${c.value.name}" (${c.plugin})`).join(' or ')}`,
        got: 'none',
        fix: `Set ${sectionOf[kind]}.use.`,
      });
    }
    const { expected, fix } = this.#registry.missing(kind, wanted ?? '');
    return new QuorateError('PART_MISSING', { where, expected, got: wanted ? `"${wanted}"` : 'nothing', fix });
  }
}

/** @param path Ends with the part that it begins to need again. */
export function circular(path: readonly string[], plugin: string): QuorateError {
  return new QuorateError('PART_CIRCULAR', {
    where: path.join(' → '),
    expected: 'parts that do not need each other in a circle',
    got: `${path.at(-1)} needing itself`,
    fix: `Remove one of the injections, for instance in ${plugin}.`,
  });
}

function selected(
  { plugin, value: component }: Registered<AnyComponent>,
  key: string,
  given: PartChoice['options'],
): Selected {
  return { component, plugin, key, options: parsed(component, key, given) };
}

function parsed(component: AnyComponent, key: string, given: Readonly<Record<string, unknown>>): unknown {
  let result;
  try {
    const fault = faultOfOptions(component.options);
    if (fault !== null) throw new Error(fault);
    result = component.options.safeParse(given);
  } catch (thrown) {
    throw schemaFailure(`${component.kind} "${component.name}"`, messageOf(thrown));
  }
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const own = key === `${sectionOf[component.kind]}/${component.name}`;
  const [first] = issue.path;
  throw new QuorateError('CONFIG_INVALID', {
    where: [own ? sectionOf[component.kind] : key, ...issue.path].join('.'),
    expected: `options of ${component.name} (${issue.message})`,
    got: JSON.stringify(first === undefined ? given : given[String(first)]) ?? 'nothing',
    fix: `quorate plugins ${sectionOf[component.kind]}/${component.name} describes its options.`,
    cause: result.error,
  });
}

/** Options that cannot be read because the component's own schema fails on them. */
export function schemaFailure(what: string, got: string): QuorateError {
  return new QuorateError('PLUGIN_INVALID', {
    where: `${what}, schema of its options`,
    expected: 'a zod schema that parses without throwing or waiting, and accepts its own defaults',
    got,
    fix: 'This is a fault of the plugin; tell its author.',
  });
}
