import { QuorateError, isQuorateError, messageOf, waitFor, type Plugin } from '@quorate/core';
import { checkApi, pluginOf } from './check.js';
import { importPlugin, missingPackage, whatFailed } from './import.js';
import { packageOf, type PackageInfo } from './manifest.js';
import { isPath, namesOf, resolvePlugin } from './resolve.js';
import { type PluginRef } from './ref.js';

export interface LoadedPlugin {
  readonly plugin: Plugin;
  readonly spec: string;
  readonly origin: PluginRef['origin'];
  /** The module, absolute; in words where a program gave it. */
  readonly file: string;
  /** Null for a file of the user's own. */
  readonly packageName: string | null;
  readonly version: string | null;
}

export interface PluginFailure {
  readonly spec: string;
  readonly origin: PluginRef['origin'];
  /** Null where no package was found. */
  readonly packageName: string | null;
  readonly error: QuorateError;
}

export interface LoadedPlugins {
  readonly plugins: readonly LoadedPlugin[];
  readonly failures: readonly PluginFailure[];
  /** `learner/mlp` → package, for what the plugins that did not load say that they provide. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

interface Found {
  readonly ref: PluginRef;
  readonly file: string | null;
  readonly owner: PackageInfo | null;
  readonly module: { readonly value: unknown } | { readonly error: QuorateError };
}

/**
 * Loads plugins; one that fails is reported and does not stop the rest. One file named twice is one plugin. Of two
 * plugins with one name, or with one component, the first in this order stays: given by a program, built-in, named by the
 * configuration, dependency of the project.
 */
export async function loadPlugins(refs: readonly PluginRef[], modules: readonly Plugin[] = []): Promise<LoadedPlugins> {
  const rank = { builtin: 0, config: 1, dependency: 2 };
  const ordered = [...refs].sort((a, b) => rank[a.origin] - rank[b.origin]);
  const imports = new Map<string, Promise<Found['module']>>();
  const given = [...new Set(modules)].map(asFound);
  const found = [...given, ...(await Promise.all(ordered.map((ref) => find(ref, imports))))];

  const plugins: LoadedPlugin[] = [];
  const failures: PluginFailure[] = [];
  const elsewhere = new Map<string, string>();
  const failedFiles = new Set<string>();
  for (const { ref, file, owner, module } of found) {
    const { spec, origin } = ref;
    if (file !== null && plugins.some((one) => one.file === file)) continue;
    // A configuration may name a built-in plugin that is installed with the program and not beside the configuration.
    if (file === null && plugins.some((one) => namesOf(spec).includes(one.packageName ?? ''))) continue;
    // What the configuration names by hand is reported as such, also when a built-in list has failed with it before.
    if (file !== null && failedFiles.has(file) && origin !== 'config') continue;
    try {
      if ('error' in module) throw module.error;
      const plugin = pluginOf(module.value, owner?.name ?? spec);
      if (plugins.some((one) => one.plugin === plugin)) continue;
      refuseDuplicate(plugin, file!, plugins);
      plugins.push({
        plugin,
        spec,
        origin,
        file: file!,
        packageName: owner?.name ?? null,
        version: owner?.version ?? null,
      });
    } catch (thrown) {
      const error = isQuorateError(thrown) ? thrown : unloadable(owner?.name ?? spec, file!, thrown);
      failures.push({ spec, origin, packageName: owner?.name ?? null, error });
      if (file !== null) failedFiles.add(file);
      const provides: unknown = owner?.manifest?.provides;
      if (!Array.isArray(provides) || !owner?.name) continue;
      for (const key of provides) if (typeof key === 'string') elsewhere.set(key, owner.name);
    }
  }
  return { plugins, failures, elsewhere };
}

/** A plugin that a program has loaded itself; it has no file, and stays where another has its name. */
function asFound(plugin: Plugin, index: number): Found {
  const spec = `module ${index + 1}`;
  const ref: PluginRef = { spec, from: spec, origin: 'config' };
  return { ref, file: `the program (${spec})`, owner: null, module: { value: { default: plugin } } };
}

async function find(ref: PluginRef, imports: Map<string, Promise<Found['module']>>): Promise<Found> {
  const file = resolvePlugin(ref);
  if (file === null) return { ref, file, owner: null, module: { error: notFound(ref) } };
  const local = isPath(ref.spec);
  const nearest = packageOf(file);
  // A file of the user's own lies in the user's project, which is no plugin; unless its package.json says that it is one.
  const owner = local && !nearest?.manifest ? null : nearest;
  let module = imports.get(file);
  if (!module) {
    module = load(file, local, owner?.name ?? ref.spec, owner);
    imports.set(file, module);
  }
  return { ref, file, owner, module: await module };
}

async function load(file: string, local: boolean, who: string, owner: PackageInfo | null): Promise<Found['module']> {
  try {
    if (owner?.manifest) checkApi(who, owner.manifest.apiVersion);
    return { value: await waitFor(`plugin ${who} (${file}) to load`, importPlugin(file, local)) };
  } catch (thrown) {
    return { error: isQuorateError(thrown) ? thrown : unloadable(who, file, thrown) };
  }
}

function refuseDuplicate(plugin: Plugin, file: string, loaded: readonly LoadedPlugin[]): void {
  const same = loaded.find((one) => one.plugin.name === plugin.name);
  if (same) {
    throw new QuorateError('PLUGIN_DUPLICATE', {
      where: `plugin ${plugin.name}`,
      expected: 'one plugin of that name',
      got: `two: ${same.file} (${same.origin}) and ${file}`,
      fix: 'Only the first is used; remove the other one.',
    });
  }
  const seen = new Set<string>();
  for (const key of keysOf(plugin)) {
    const other = seen.has(key) ? plugin : loaded.find((one) => keysOf(one.plugin).includes(key))?.plugin;
    seen.add(key);
    if (!other) continue;
    throw new QuorateError('PLUGIN_DUPLICATE', {
      where: `plugin ${plugin.name}`,
      expected: `${key} from one plugin`,
      got: other === plugin ? 'it twice in this one' : `it from ${other.name} too`,
      fix: 'Remove one of the two plugins, or have its author rename the component.',
    });
  }
}

function keysOf({ components = [], presets = [] }: Plugin): readonly string[] {
  return [
    ...components.map(({ kind, name }) => `${kind}/${name}`),
    ...presets.map(({ group, name }) => `preset/${group}/${name}`),
  ];
}

function notFound({ spec, from }: PluginRef): QuorateError {
  const names = namesOf(spec);
  return new QuorateError('PLUGIN_NOT_FOUND', {
    where: `plugin "${spec}" named by ${/(command line|environment)$/.exec(from)?.[1] ?? from}`,
    expected: isPath(spec)
      ? 'a file, relative to the file that names it'
      : `an installed package (${names.join(', ')})`,
    got: 'nothing of that name',
    fix: isPath(spec) ? 'Correct the path.' : `Correct the name, or install the one that you mean: npm install ${spec}`,
  });
}

function unloadable(who: string, file: string, thrown: unknown): QuorateError {
  const { message, line } = whatFailed(thrown, file);
  const missing = missingPackage(thrown);
  return new QuorateError('PLUGIN_INVALID', {
    where: `plugin ${who} (${file}${line === null ? '' : `:${line}`})`,
    expected: 'a module that loads',
    got: message === '' ? messageOf(thrown) : message,
    fix: missing ? `It needs ${missing}: npm install ${missing}` : 'Fix it, or remove it from the plugins.',
    cause: thrown,
  });
}
