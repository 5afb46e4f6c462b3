import 'reflect-metadata';
import { Container, ContainerModule, type ServiceIdentifier } from 'inversify';
import type { z } from 'zod';
import {
  kinds,
  methodOf,
  sectionOf,
  type BackendCandidate,
  type Kind,
  type Part,
  type PartOf,
} from '../contracts/index.js';
import { QuorateError, isQuorateError, messageOf } from '../errors.js';
import type { AnyComponent } from './plugin.js';
import type { Rng } from '../numbers/random.js';
import type { Registered, Registry } from './registry.js';
import { token } from './token.js';
import { T } from './tokens.js';
import { type Token } from './token.js';
import { waitFor } from './waiting.js';

/** Which component is a part of the run, and its options as the user wrote them. */
export interface PartChoice {
  readonly use: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The first choice of a kind is the part that others get when they inject the kind's token. */
export type Choices = { readonly [K in Kind]?: readonly PartChoice[] };

export interface ComposeRequest {
  readonly registry: Registry;
  readonly choices: Choices;
  /** Root stream of the run; a part gets the fork of its section's name. */
  readonly rng: Rng;
}

/** The parts of one run: each is built once, on first use, with what it injects. */
export interface Composition {
  /** Gives a value (the dataset, the truth, files) to every part that injects the token. */
  provide<V>(token: Token<V>, value: V): void;
  /** The chosen part of a kind, or the one of that name. */
  get<K extends Kind>(kind: K, name?: string): Promise<PartOf[K]>;
  /** Throws PART_MISSING, PART_AMBIGUOUS or PART_CIRCULAR before anything is built, with the path that needs it. */
  check(kind: Kind, name?: string): void;
  /** The components that building these kinds would build, each with its parsed options. */
  reach(roots: readonly Kind[]): readonly { component: AnyComponent; options: unknown }[];
  /** All parts built so far, by `<section>/<name>`, in a fixed order: for checkpoints. */
  parts(): readonly (readonly [string, Part])[];
  /** Disposes of every part that was built. Safe to call twice. */
  dispose(): Promise<void>;
}

const kindOfToken = new Map<symbol, Kind>(kinds.map((kind) => [token(kind), kind]));

/** Composes a run's container out of the registered components: one named, singleton binding for each. */
export function compose({ registry, choices, rng }: ComposeRequest): Composition {
  return new Run(registry, choices, rng);
}

class Run implements Composition {
  readonly #container = new Container({ defaultScope: 'Singleton' });
  readonly #built = new Map<string, Part>();
  /** Why parts could not be built; the container keeps them as the parts' values. */
  readonly #failures = new Set<unknown>();
  #disposed = false;

  constructor(
    readonly registry: Registry,
    readonly choices: Choices,
    rng: Rng,
  ) {
    for (const kind of kinds) {
      const stream = rng.fork(sectionOf[kind]).fork('setup');
      this.#container.bind(T.Rng).toConstantValue(stream).whenNamed(kind);
    }
    for (const entry of registry.components()) this.#bind(entry);
    const backends = registry.components('learnerBackend').map(({ value: { name } }): BackendCandidate => {
      return { name, get: () => this.get('learnerBackend', name) };
    });
    this.provide(T.LearnerBackends, backends);
  }

  #bind({ plugin, value: component }: Registered<AnyComponent>): void {
    const { kind, name } = component;
    const id = token<Part>(kind);
    const key = `${sectionOf[kind]}/${name}`;
    const remember = (part: unknown): Part => {
      if (typeof part !== 'object' || part === null) throw failure(plugin, key, `create returned ${String(part)}`);
      if (typeof (part as Record<string, unknown>)[methodOf[kind]] !== 'function') {
        throw failure(plugin, key, `a part without ${methodOf[kind]}()`);
      }
      // Within a kind one part may stand for another: a backend that chooses among the others returns its choice.
      const other = [...this.#built].find(([key_, one]) => one === part && !key_.startsWith(`${sectionOf[kind]}/`));
      if (other) throw failure(plugin, key, `one object that is ${other[0]} too: each part needs an object of its own`);
      this.#built.set(key, part);
      return part;
    };
    if (component.bindings) {
      const chosen = this.choices[kind]?.some((choice) => choice.use === name) ?? false;
      if (!chosen) return;
      this.#container.load(new ContainerModule((load) => component.bindings?.(this.#options(component))(load)));
      this.#container.onActivation(id, (_context, part) => {
        if (![...this.#built.values()].includes(part)) remember(part);
        return part;
      });
      return;
    }
    const build = async (...dependencies: unknown[]): Promise<Part> => {
      const options = this.#options(component);
      try {
        return remember(await waitFor(`${key} of plugin ${plugin}`, component.create?.(options, ...dependencies)));
      } catch (thrown) {
        const error = isQuorateError(thrown) ? thrown : failure(plugin, key, messageOf(thrown), thrown);
        this.#failures.add(error);
        throw error;
      }
    };
    const injected = component.inject.map((dependency) => this.#named(dependency, kind));
    this.#container.bind(id).toResolvedValue(build, injected).inSingletonScope().whenNamed(name);
  }

  /** A token of a kind is resolved by the name that the run chose; a stream by the kind that asks for it. */
  #named(
    dependency: Token<unknown>,
    asking: Kind,
  ): ServiceIdentifier | { serviceIdentifier: ServiceIdentifier; name: string } {
    const id = dependency as ServiceIdentifier;
    if (dependency === T.Rng) return { serviceIdentifier: id, name: asking };
    const kind = kindOfToken.get(dependency);
    // A kind that cannot be chosen keeps an impossible name: `check` reports it before anything is built.
    return kind ? { serviceIdentifier: id, name: this.#choose(kind)?.value.name ?? '' } : id;
  }

  #choose(kind: Kind, name = this.choices[kind]?.[0]?.use): Registered<AnyComponent> | undefined {
    if (name !== undefined) return this.registry.component(kind, name);
    const candidates = this.registry.components(kind);
    return candidates.length === 1 ? candidates[0] : undefined;
  }

  #options(component: AnyComponent): unknown {
    const choice = this.choices[component.kind]?.find((one) => one.use === component.name);
    let parsed: z.ZodSafeParseResult<unknown>;
    try {
      parsed = component.options.safeParse(choice?.options ?? {});
    } catch (thrown) {
      throw schemaFailure(`${component.kind} "${component.name}"`, messageOf(thrown));
    }
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0] as z.core.$ZodIssue;
    throw new QuorateError('CONFIG_INVALID', {
      where: [sectionOf[component.kind], ...issue.path].join('.'),
      expected: issue.message,
      got: `an option of ${component.kind} "${component.name}" that does not validate`,
      fix: 'quorate plugins lists the options of every component.',
      cause: parsed.error,
    });
  }

  check(kind: Kind, name?: string): void {
    this.#walk(kind, name, [], new Map());
  }

  reach(roots: readonly Kind[]): readonly { component: AnyComponent; options: unknown }[] {
    const seen = new Map<string, AnyComponent>();
    for (const kind of roots) {
      const names = this.choices[kind]?.map((choice) => choice.use) ?? [undefined];
      for (const name of names) this.#walk(kind, name, [], seen);
    }
    return [...seen.values()].map((component) => ({ component, options: this.#options(component) }));
  }

  #walk(kind: Kind, name: string | undefined, path: readonly string[], seen: Map<string, AnyComponent>): void {
    const wanted = name ?? this.choices[kind]?.[0]?.use;
    const along = [...path, wanted === undefined ? kind : `${kind} "${wanted}"`];
    const entry = this.#choose(kind, name);
    if (!entry) throw this.#cannotChoose(kind, wanted, along);
    const key = `${kind} "${entry.value.name}"`;
    if (path.includes(key)) {
      throw new QuorateError('PART_CIRCULAR', {
        where: [...path, key].join(' → '),
        expected: 'parts that do not need each other in a circle',
        got: `${key} needing itself`,
        fix: `Remove one of the injections, for instance in ${entry.plugin}.`,
      });
    }
    if (seen.has(key)) return;
    for (const dependency of entry.value.inject) {
      const inner = kindOfToken.get(dependency);
      if (inner) this.#walk(inner, undefined, [...path, key], seen);
    }
    seen.set(key, entry.value);
  }

  #cannotChoose(kind: Kind, wanted: string | undefined, along: readonly string[]): QuorateError {
    const where = `${sectionOf[kind]} (needed along ${along.join(' → ')})`;
    const candidates = this.registry.components(kind);
    if (wanted === undefined && candidates.length > 1) {
      return new QuorateError('PART_AMBIGUOUS', {
        where,
        expected: `a choice of ${candidates.map((c) => `"${c.value.name}" (${c.plugin})`).join(' or ')}`,
        got: 'none',
        fix: `Set ${sectionOf[kind]}.use.`,
      });
    }
    const { expected, fix } = this.registry.missing(kind, wanted ?? '');
    return new QuorateError('PART_MISSING', { where, expected, got: wanted ? `"${wanted}"` : 'nothing', fix });
  }

  provide<V>(id: Token<V>, value: V): void {
    this.#container.bind(id).toConstantValue(value);
  }

  async get<K extends Kind>(kind: K, name?: string): Promise<PartOf[K]> {
    this.check(kind, name);
    const chosen = this.#choose(kind, name)!;
    try {
      return await this.#container.getAsync(token<PartOf[K]>(kind), { name: chosen.value.name });
    } catch (thrown) {
      if (isQuorateError(thrown)) throw thrown;
      throw failure(chosen.plugin, `${sectionOf[kind]}/${chosen.value.name}`, unresolved(thrown, kind), thrown);
    }
  }

  parts(): readonly (readonly [string, Part])[] {
    return [...this.#built].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const [, part] of this.parts()) await part.dispose?.();
    try {
      await this.#container.unbindAllAsync();
    } catch (thrown) {
      if (!this.#failures.has(thrown)) throw thrown;
    }
  }
}

/** What inversify's message says, in our words where it is about a token that nothing has. */
function unresolved(thrown: unknown, kind: Kind): string {
  const message = messageOf(thrown);
  const missing = /No bindings found for service: "Symbol\(([^"]*)\)/.exec(message)?.[1];
  if (missing === undefined) return message;
  const own = Symbol.keyFor(token(kind));
  return missing === own
    ? `bindings that bind no part: they need \`.bind(${own}).whenNamed(name)\``
    : `an injection of ${missing}, which nothing provides: inject tokens of T`;
}

/** Options that cannot be read because the component's own schema fails on them. */
export function schemaFailure(what: string, got: string): QuorateError {
  return new QuorateError('PLUGIN_INVALID', {
    where: `${what}, schema of its options`,
    expected: 'a zod schema that parses without throwing or waiting',
    got,
    fix: 'This is a fault of the plugin; tell its author.',
  });
}

function failure(plugin: string, key: string, got: string, cause?: unknown): QuorateError {
  return new QuorateError('PART_FAILED', {
    where: `${key} of plugin ${plugin}`,
    expected: 'a part that can be built',
    got,
    fix: 'This is a fault of the plugin or of its options; tell its author.',
    ...(cause === undefined ? {} : { cause }),
  });
}
