import 'reflect-metadata';
import { Container, ContainerModule } from 'inversify';
import { circular, Selection, type Choices, type PartChoice, type Selected } from './selection.js';
import type { PartFactory } from './part-option.js';
import { isBehindWall, wallError } from './truth-wall.js';
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
import type { Registry } from './registry.js';
import { token, type Token } from './token.js';
import { T } from './tokens.js';
import { TruthToken, type Truth } from '../truth.js';
import { waitFor } from './waiting.js';

export interface ComposeRequest {
  readonly registry: Registry;
  readonly choices: Choices;
  /** Root stream of the run; a part gets the fork of its section's name. */
  readonly rng: Rng;
}

/** The parts of one run: each is built once, on first use, with what it injects. */
export interface Composition {
  /**
   * Gives a value (the dataset, files) to every part that injects the token. The truth (`TruthToken`) reaches worker
   * simulators, metrics and dataset sources only.
   */
  provide<V>(token: Token<V>, value: V): void;
  /** The chosen part of a kind, or the one of that name. */
  get<K extends Kind>(kind: K, name?: string): Promise<PartOf[K]>;
  /**
   * Throws before anything is built, with the path that needs it: PART_MISSING, PART_AMBIGUOUS, PART_CIRCULAR, or
   * PLUGIN_INVALID where a part would see the truth that must not.
   */
  check(kind: Kind, name?: string): void;
  /** The components that building these kinds would build, options of others included, each with its parsed options. */
  reach(roots: readonly Kind[]): readonly { component: AnyComponent; options: unknown }[];
  /**
   * Builds a part beside the chosen ones, another one for each `key`: a run may have several of a kind, even of one
   * component. Its state and its streams are its own.
   */
  extra<K extends Kind>(kind: K, choice: PartChoice, key: string): Promise<PartOf[K]>;
  /** All parts built so far, by `<section>/<name>`, in a fixed order: for checkpoints. */
  parts(): readonly (readonly [string, Part])[];
  /**
   * Disposes of every part that was built, also where one of them fails to; throws PART_FAILED then, with its name. Safe to
   * call twice.
   */
  dispose(): Promise<void>;
}

/** Composes the parts of a run out of the registered components, each in a container of its own below the run's. */
export function compose({ registry, choices, rng }: ComposeRequest): Composition {
  return new Run(registry, choices, rng);
}

interface Built {
  readonly part: Part;
  readonly plugin: string;
  readonly room: Container;
}

class Run implements Composition {
  /** Values that parts inject. The parts are in containers below it. */
  readonly #values = new Container({ defaultScope: 'Singleton' });
  readonly #selection: Selection;
  readonly #rng: Rng;
  readonly #promised = new Map<string, Promise<Part>>();
  readonly #built = new Map<string, Built>();
  /** By the key of a part: whom it has asked for. Two that wait for each other would wait forever. */
  readonly #needs = new Map<string, Set<string>>();
  #truth: { readonly value: Truth | null } | null = null;
  #disposed = false;

  constructor(registry: Registry, choices: Choices, rng: Rng) {
    this.#selection = new Selection(registry, choices);
    this.#rng = rng;
    const backends = registry.components('learnerBackend').map(({ value: { name } }): BackendCandidate => {
      return { name, get: () => this.get('learnerBackend', name) };
    });
    this.provide(T.LearnerBackends, backends);
  }

  provide<V>(id: Token<V>, value: V): void {
    if ((id as symbol) === TruthToken) this.#truth = { value: value as Truth | null };
    else this.#values.bind(id).toConstantValue(value);
  }

  check(kind: Kind, name?: string): void {
    this.#selection.check(kind, name);
  }

  reach(roots: readonly Kind[]): readonly { component: AnyComponent; options: unknown }[] {
    return this.#selection.reach(roots);
  }

  async get<K extends Kind>(kind: K, name?: string): Promise<PartOf[K]> {
    this.check(kind, name);
    return (await this.#part(this.#selection.select(kind, name))) as object as PartOf[K];
  }

  async extra<K extends Kind>(kind: K, choice: PartChoice, key: string): Promise<PartOf[K]> {
    return (await this.#part(this.#selection.selectExtra(kind, choice, key))) as object as PartOf[K];
  }

  #part(one: Selected): Promise<Part> {
    let part = this.#promised.get(one.key);
    if (!part) this.#promised.set(one.key, (part = this.#build(one)));
    return part;
  }

  /** A part that another one needs, which waits for it. */
  #partFor(asking: Selected, one: Selected): Promise<Part> {
    const path = this.#pathOfNeeds(one.key, asking.key);
    if (path) throw circular([asking.key, ...path], asking.plugin);
    const needs = this.#needs.get(asking.key) ?? new Set();
    this.#needs.set(asking.key, needs.add(one.key));
    return this.#part(one);
  }

  #pathOfNeeds(from: string, to: string): readonly string[] | null {
    if (from === to) return [from];
    for (const next of this.#needs.get(from) ?? []) {
      const rest = this.#pathOfNeeds(next, to);
      if (rest) return [from, ...rest];
    }
    return null;
  }

  async #build(one: Selected): Promise<Part> {
    const { component, plugin, key, options } = one;
    const id = token<Part>(component.kind);
    const room = this.#roomOf(one);
    try {
      mustListWhatItTakes(one);
      if (component.bindings) room.load(new ContainerModule((load) => component.bindings?.(options)(load)));
      else {
        const create = (...dependencies: unknown[]): unknown => component.create?.(options, ...dependencies);
        room
          .bind(id)
          .toResolvedValue(create as () => Part, [...component.inject] as never)
          .whenNamed(component.name);
      }
      const part: unknown = await waitFor(`${key} of plugin ${plugin}`, room.getAsync(id, { name: component.name }));
      this.#remember(one, part, room);
      return part as Part;
    } catch (thrown) {
      if (isQuorateError(thrown)) throw thrown;
      throw failure(one, unresolved(thrown, component.kind), thrown);
    }
  }

  /** A container with what the component may inject, and nothing else. */
  #roomOf(one: Selected): Container {
    const { kind } = one.component;
    const room = new Container({ defaultScope: 'Singleton', parent: this.#values });
    const refuse = (id: Token<unknown>) => (): never => {
      throw wallError(`${one.key} of plugin ${one.plugin}`, kind, id);
    };
    room.bind(T.Rng).toConstantValue(this.#streamOf(one));
    room.bind(T.Parts).toConstantValue(this.#factoryFor(one));
    for (const other of kinds) {
      const id = token<Part>(other);
      const get = () => this.#partFor(one, this.#selection.select(other));
      room
        .bind(id)
        .toDynamicValue(isBehindWall(kind, id) ? refuse(id) : get)
        .whenDefault();
    }
    if (isBehindWall(kind, TruthToken)) room.bind(TruthToken).toDynamicValue(refuse(TruthToken));
    else if (this.#truth) room.bind(TruthToken).toConstantValue(this.#truth.value);
    return room;
  }

  /** One stream for each kind, and one of its own for every part that is an option of another. */
  #streamOf({ component: { kind, name }, key }: Selected): Rng {
    const stream = this.#rng.fork(sectionOf[kind]).fork('setup');
    return key === `${sectionOf[kind]}/${name}` ? stream : stream.fork(key);
  }

  #factoryFor(owner: Selected): PartFactory {
    let made = 0;
    return async (kind, { use, ...options }) => {
      if (isBehindWall(owner.component.kind, token(kind))) {
        throw wallError(`${owner.key} of plugin ${owner.plugin}`, owner.component.kind, token(kind));
      }
      const one = this.#selection.selectOption(owner, kind, use, options, String(++made));
      return (await this.#partFor(owner, one)) as object as PartOf[typeof kind];
    };
  }

  #remember(one: Selected, part: unknown, room: Container): void {
    const { kind } = one.component;
    if (typeof part !== 'object' || part === null) throw failure(one, `create returned ${String(part)}`);
    if (typeof (part as Record<string, unknown>)[methodOf[kind]] !== 'function') {
      throw failure(one, `a part without ${methodOf[kind]}()`);
    }
    // Within a kind one part may stand for another: a backend that chooses among the others returns its choice.
    const other = [...this.#built].find(
      ([key, built]) => built.part === part && !key.startsWith(`${sectionOf[kind]}/`),
    );
    if (other) throw failure(one, `one object that is ${other[0]} too: each part needs an object of its own`);
    this.#built.set(one.key, { part, plugin: one.plugin, room });
  }

  parts(): readonly (readonly [string, Part])[] {
    return this.#inOrder().map(([key, { part }]) => [key, part] as const);
  }

  #inOrder(): readonly (readonly [string, Built])[] {
    return [...this.#built].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    let first: QuorateError | null = null;
    for (const [key, { part, plugin, room }] of this.#inOrder()) {
      try {
        await waitFor(`dispose of ${key} of plugin ${plugin}`, part.dispose?.());
        await room.unbindAllAsync();
      } catch (thrown) {
        first ??= new QuorateError('PART_FAILED', {
          where: `dispose of ${key} of plugin ${plugin}`,
          expected: 'no failure',
          got: messageOf(thrown),
          fix: 'This is a fault of the plugin; tell its author. What was collected is saved.',
          cause: thrown,
        });
      }
    }
    if (first) throw first;
  }
}

/** A `create` in JavaScript takes what nobody checked that `inject` lists. */
function mustListWhatItTakes(one: Selected): void {
  const { component } = one;
  const [takes, listed] = [(component.create?.length ?? 0) - 1, component.inject.length];
  if (takes <= listed) return;
  throw failure(one, `create takes ${takes} parts or values after its options, and inject lists ${listed}`);
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

function failure({ plugin, key }: Selected, got: string, cause?: unknown): QuorateError {
  return new QuorateError('PART_FAILED', {
    where: `${key} of plugin ${plugin}`,
    expected: 'a part that can be built',
    got,
    fix: 'This is a fault of the plugin or of its options; tell its author.',
    ...(cause === undefined ? {} : { cause }),
  });
}
