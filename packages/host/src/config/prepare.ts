import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Registry, sentenceOf } from '@quorate/core';
import { display, pluginRefs, readConfigFile, searchConfig } from './config-file.js';
import { layerOf, type Layer } from './layer.js';
import { problemsError, type Problem } from './problems.js';
import { resolveConfig } from './resolve.js';
import type { Found, Prepared, PrepareRequest } from './types.js';
import { variablesLayer, wordsLayer } from './words.js';
import { loadPlugins } from '../plugins/load.js';
import { dependencyPlugins } from '../plugins/manifest.js';
import { PluginMemory } from '../plugins/providers.js';
import { isPath } from '../plugins/resolve.js';
import { type PluginRef } from '../plugins/ref.js';

interface Gathered {
  readonly layers: readonly Layer[];
  readonly plugins: readonly PluginRef[];
  readonly baseDir: string;
  readonly file: string | null;
  readonly problems: Problem[];
  readonly notes: readonly string[];
}

/** The plugins that a run here would have, without validating its configuration. Throws CONFIG_UNREADABLE. */
export async function findPlugins(request: PrepareRequest): Promise<Found> {
  const { found } = await discover(request, await gather(request));
  return found;
}

/**
 * Everything that is known before a run: its plugins and its configuration. Throws CONFIG_UNREADABLE; the error of a
 * plugin that the configuration names and that does not load; CONFIG_INVALID with all problems.
 */
export async function prepare(request: PrepareRequest): Promise<Prepared> {
  const { found, unavailable, gathered } = await findAll(request);
  const { problems } = gathered;
  const { config, layers } = resolveConfig({
    registry: found.registry,
    layers: gathered.layers,
    complete: request.base !== undefined,
    plugins: [...new Set(gathered.plugins.map((ref) => portable(ref, gathered.baseDir)))],
    unavailable,
    problems,
  });
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', 'the configuration', problems);
  return { ...found, config, layers: layers.map(({ origin }) => origin), notes: gathered.notes };
}

/**
 * The configuration of an earlier run, with what it lacks because the version that wrote it did not know it: each such option
 * at its default. Null where it does not validate any more.
 */
export function completed(
  saved: Readonly<Record<string, unknown>>,
  { registry }: Pick<Found, 'registry'>,
): Readonly<Record<string, unknown>> | null {
  const problems: Problem[] = [];
  const { plugins, ...tree } = saved;
  const layer = layerOf('run.json', false, tree, problems);
  if (!layer) return null;
  const named = Array.isArray(plugins) ? plugins.map(String) : [];
  const { config } = resolveConfig({
    ...{ registry, layers: [layer], complete: true, plugins: named, unavailable: new Map(), problems },
  });
  return problems.length > 0 ? null : config.resolved;
}

/** What the user wrote, in layers, and the plugins; throws the error of a plugin that was asked for and does not load. */
export async function findAll(request: PrepareRequest) {
  const gathered = await gather(request);
  const { found, unavailable } = await discover(request, gathered);
  const asked = found.failures.filter(({ origin }) => origin === 'config').map(({ error }) => error);
  if (asked.length > 0) {
    const details = asked.map(({ detail }) => detail);
    throw asked.length === 1 ? asked[0]! : problemsError(asked[0]!.code, 'the plugins', details);
  }
  return { found, unavailable, gathered };
}

async function gather(request: PrepareRequest): Promise<Gathered> {
  const { cwd, env, base } = request;
  const problems: Problem[] = [];
  const notes: string[] = [];
  const layers: Layer[] = [];
  const plugins: PluginRef[] = [];
  const add = (layer: Layer | null, from: string): void => {
    if (!layer) return;
    const { extends: parents, plugins: named, ...tree } = layer.tree;
    if (parents !== undefined) {
      const fix = 'Name the file with --config, or put "extends" into your configuration file.';
      const got = JSON.stringify(parents);
      problems.push({ where: `${layer.origin}: extends`, expected: '"extends" in files only', got, fix });
    }
    plugins.push(...pluginRefs(named, from, layer.origin, problems));
    layers.push({ ...layer, tree });
  };

  let file: string | null = null;
  let baseDir = resolve(cwd);
  if (base) {
    baseDir = base.baseDir === undefined ? baseDir : resolve(cwd, base.baseDir);
    add(layerOf(display(base.file, cwd), false, base.config, problems), join(baseDir, 'run.json'));
  } else if (request.config) {
    add(layerOf('config', false, request.config, problems), join(baseDir, 'config'));
  } else if (request.useFile !== false) {
    const named = request.file ?? (env['QUORATE_CONFIG'] || undefined);
    file = named === undefined ? await searchConfig(cwd) : resolve(cwd, named);
    if (file !== null) {
      const read = await readConfigFile(file, cwd, problems);
      layers.push(...read.layers);
      plugins.push(...read.plugins);
      baseDir = dirname(file);
    }
  }
  add(variablesLayer(env, problems), join(resolve(cwd), 'environment'));
  add(
    wordsLayer(request.overrides, problems, (note) => void notes.push(note)),
    join(resolve(cwd), 'command line'),
  );
  return { layers, plugins, baseDir, file, problems, notes };
}

async function discover(
  request: PrepareRequest,
  { plugins: named, baseDir, file }: Gathered,
): Promise<{ found: Found; unavailable: ReadonlyMap<string, string> }> {
  const refs = [...request.builtins, ...named, ...dependencyPlugins(baseDir)];
  const { plugins, failures, elsewhere } = await loadPlugins(refs, request.modules);
  const memory = new PluginMemory(request.env);
  memory.note(plugins);
  const registry = new Registry(
    plugins.map(({ plugin }) => plugin),
    new Map([...memory.providers, ...elsewhere]),
  );
  const unavailable = new Map(
    [...elsewhere].flatMap(([key, name]) => {
      const failure = failures.find((one) => one.packageName === name);
      return failure
        ? [[key, `It is provided by ${name}, which did not load: ${sentenceOf(failure.error.detail)}`] as const]
        : [];
    }),
  );
  return { found: { registry, plugins, failures, baseDir, file }, unavailable };
}

/** A plugin's spec as `run.json` keeps it: a path becomes relative to the folder of the configuration. */
function portable({ spec, from }: PluginRef, baseDir: string): string {
  if (!isPath(spec)) return spec;
  const path = relative(baseDir, resolve(dirname(from), spec));
  if (isAbsolute(path)) return path;
  const slashed = path.split(sep).join('/');
  return slashed.startsWith('.') ? slashed : `./${slashed}`;
}
