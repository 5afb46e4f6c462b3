import type { ContainerModuleLoadOptions } from 'inversify';
import type { z } from 'zod';
import type { ExecutorDefinition, Kind, PartOf, SinkDefinition } from '../contracts/index.js';
import type { DataDeclaration } from '../data/files.js';
import type { Token } from './token.js';

/** Version of the contracts in this package, which is the version of the package. A plugin declares the range that it speaks. */
export const API_VERSION = '0.1.0';
const BRAND = Symbol.for('@quorate/core/plugin');

type TokensOf<A extends readonly unknown[]> = { readonly [I in keyof A]: Token<A[I]> };

/** What a part can ask of the data of a run. */
export type Need = 'features' | 'truth';

interface Named<K extends Kind, S extends z.ZodType> {
  readonly kind: K;
  /** The word in the configuration: `sampler.use=<name>`. */
  readonly name: string;
  /** One line for `quorate plugins`. */
  readonly summary: string;
  /** A `z.strictObject`; every field has a default or is required on purpose, and a description. */
  readonly options: S;
  /** What the part, with these options, needs of the data. */
  readonly needs?: (options: z.output<S>) => readonly Need[];
}

/** A part that can be chosen by name. Plain data: core makes the binding. */
export interface Component<
  K extends Kind = Kind,
  S extends z.ZodType = z.ZodType,
  A extends readonly unknown[] = readonly unknown[],
> extends Named<K, S> {
  /** Tokens of what `create` receives after the options. */
  readonly inject: TokensOf<A>;
  readonly create?: (options: z.output<S>, ...dependencies: A) => PartOf[K] | Promise<PartOf[K]>;
  /**
   * Instead of `create`, for authors who prefer `@injectable()` classes: the content of an inversify container module.
   * It must bind the kind's token (`T.Sampler`, ...) with `.whenNamed(name)`.
   */
  readonly bindings?: (options: z.output<S>) => (load: ContainerModuleLoadOptions) => void;
}

/** A component of any kind, as registries keep them. */
export type AnyComponent = Omit<Component, 'create' | 'bindings' | 'needs'> & {
  create?(options: unknown, ...dependencies: readonly unknown[]): unknown;
  bindings?(options: unknown): (load: ContainerModuleLoadOptions) => void;
  needs?(options: unknown): readonly Need[];
};

type Tokens = readonly Token<unknown>[];
/** What `create` receives for the tokens of `inject`: inferred from `inject` alone, so that one without the other is an error. */
type ValuesOf<I extends Tokens> = I extends readonly [Token<infer V>, ...infer Rest extends Tokens]
  ? [V, ...ValuesOf<Rest>]
  : [];

/** A function that makes the part, or a container module that binds it: one of the two. */
type Made<K extends Kind, S extends z.ZodType, I extends Tokens> =
  | {
      readonly create: (options: z.output<S>, ...dependencies: ValuesOf<I>) => PartOf[K] | Promise<PartOf[K]>;
      readonly bindings?: never;
    }
  | {
      readonly bindings: (options: z.output<S>) => (load: ContainerModuleLoadOptions) => void;
      readonly create?: never;
    };

/** A component whose kind, name and options the compiler knows. */
export type DefinedComponent<K extends Kind, N extends string, S extends z.ZodType> = AnyComponent & {
  readonly kind: K;
  readonly name: N;
  readonly options: S;
};

/** Types a component: `create(options, ...dependencies)` is inferred from `options` and `inject`. */
export function defineComponent<
  K extends Kind,
  S extends z.ZodType,
  const I extends Tokens = [],
  N extends string = string,
>(component: Named<K, S> & { readonly name: N; readonly inject?: I } & Made<K, S, I>): DefinedComponent<K, N, S> {
  return { ...component, inject: component.inject ?? [] } as AnyComponent as DefinedComponent<K, N, S>;
}

/**
 * By `kind/name`: the options of components as a configuration writes them, for the types of `createRun`. A plugin adds its
 * own, and a program that imports the plugin has them:
 *
 *     declare module '@quorate/core' {
 *       interface PartOptions extends OptionsOf<typeof components> {}
 *     }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- plugins fill it
export interface PartOptions {}

/** What `PartOptions` says of a list of components. */
export type OptionsOf<Components extends readonly AnyComponent[]> = {
  readonly [C in Components[number] as string extends C['name'] ? never : `${C['kind']}/${C['name']}`]: z.input<
    C['options']
  >;
};

export const presetGroups = ['experiment', 'method', 'simulation'] as const;
export type PresetGroup = (typeof presetGroups)[number];

/** A named partial configuration: `experiment=imagenet_split_0`. */
export interface Preset {
  readonly group: PresetGroup;
  readonly name: string;
  readonly summary: string;
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * By section and name: options of components that the preset does not choose, for when somebody else does. No option of
   * a preset ever reaches a component that the preset does not name.
   */
  readonly options?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  /**
   * By the name of an experiment: values that were tuned for it. With `tuned: true` in the configuration they lie above
   * `config`, and below whatever the user writes.
   */
  readonly tuned?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export function definePreset(preset: Preset): Preset {
  return preset;
}

export interface PluginDefinition {
  /** The package's name. */
  readonly name: string;
  /** Semver range of `API_VERSION` that the plugin speaks. */
  readonly apiVersion: string;
  readonly components?: readonly AnyComponent[];
  readonly presets?: readonly Preset[];
  /** Published data that its components read: `quorate data pull <name>`. */
  readonly data?: readonly DataDeclaration[];
  /** Ways to have the runs of a sweep done: `quorate sweep --executor <name>`. */
  readonly executors?: readonly ExecutorDefinition[];
  /** Experiment trackers: `--track <name>=<place>`. */
  readonly sinks?: readonly SinkDefinition[];
}

export type Plugin = PluginDefinition & { readonly [BRAND]: true };

/** The default export of every plugin package. */
export function definePlugin(definition: PluginDefinition): Plugin {
  return Object.freeze({ ...definition, [BRAND]: true as const });
}

/** True for a plugin made with this or another copy of core. */
export function isPlugin(x: unknown): x is Plugin {
  return typeof x === 'object' && x !== null && (x as Record<symbol, unknown>)[BRAND] === true;
}
