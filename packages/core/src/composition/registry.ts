import { kinds, sectionOf, type Kind } from '../contracts/index.js';
import { QuorateError, nearest } from '../errors.js';
import type { AnyComponent, Plugin, Preset, PresetGroup } from './plugin.js';

export interface Registered<T> {
  readonly plugin: string;
  readonly value: T;
}

/** All components and presets of the loaded plugins, by kind and name. */
export class Registry {
  readonly plugins: readonly Plugin[];
  /** Components of plugins that are known but not loaded: `learner/mlp` → package. For error messages. */
  readonly #elsewhere: ReadonlyMap<string, string>;
  readonly #components = new Map<string, Registered<AnyComponent>>();
  readonly #presets = new Map<string, Registered<Preset>>();

  /** Throws PLUGIN_DUPLICATE when two plugins contribute one kind and name. */
  constructor(plugins: readonly Plugin[], elsewhere: ReadonlyMap<string, string> = new Map()) {
    this.plugins = plugins;
    this.#elsewhere = elsewhere;
    for (const plugin of plugins) {
      for (const value of plugin.components ?? []) {
        this.#put(this.#components, `${value.kind}/${value.name}`, { plugin: plugin.name, value });
      }
      for (const value of plugin.presets ?? []) {
        this.#put(this.#presets, `${value.group}/${value.name}`, { plugin: plugin.name, value });
      }
    }
  }

  #put<T>(map: Map<string, Registered<T>>, key: string, entry: Registered<T>): void {
    const there = map.get(key);
    if (there) {
      throw new QuorateError('PLUGIN_DUPLICATE', {
        where: key,
        expected: 'one plugin that contributes it',
        got: `${there.plugin} and ${entry.plugin}`,
        fix: 'Remove one of the two plugins, or have its author rename the component.',
      });
    }
    map.set(key, entry);
  }

  components(kind?: Kind): readonly Registered<AnyComponent>[] {
    return [...this.#components.values()].filter((entry) => kind === undefined || entry.value.kind === kind);
  }

  presets(group?: PresetGroup): readonly Registered<Preset>[] {
    return [...this.#presets.values()].filter((entry) => group === undefined || entry.value.group === group);
  }

  component(kind: Kind, name: string): Registered<AnyComponent> | undefined {
    return this.#components.get(`${kind}/${name}`);
  }

  preset(group: PresetGroup, name: string): Registered<Preset> | undefined {
    return this.#presets.get(`${group}/${name}`);
  }

  /** What to tell someone who named a component that is not here. */
  missing(kind: Kind, name: string): { expected: string; fix: string } {
    const known = this.components(kind).map((entry) => entry.value.name);
    const near = nearest(name, known);
    const provider = this.#elsewhere.get(`${kind}/${name}`);
    return {
      expected: known.length > 0 ? `one of ${known.join(', ')}` : `a plugin that provides a ${kind}`,
      fix: provider
        ? `It is provided by ${provider}: npm install ${provider}, or add it to "plugins".`
        : near
          ? `Did you mean "${near}"?`
          : `Choose one that is there (quorate plugins), or add the plugin that has it to "plugins".`,
    };
  }
}

/** The kind whose configuration section is `section`, or undefined. */
export function kindOfSection(section: string): Kind | undefined {
  return kinds.find((kind) => sectionOf[kind] === section);
}
