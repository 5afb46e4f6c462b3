import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Loader } from 'cosmiconfig';
import { QuorateError, isQuorateError } from '@quorate/core';
import { checkLength, withinLimits } from './file-limits.js';
import { layerOf, type Layer } from './layer.js';
import type { Problem } from './problems.js';
import { isTree } from '../tree.js';
import { importSource, whatFailed } from '../plugins/import.js';
import { isManifest } from '../plugins/manifest.js';
import { resolveSpec } from '../plugins/resolve.js';
import { type PluginRef } from '../plugins/ref.js';

/** File names under which a configuration is found, in this order in every folder. */
export const searchPlaces: readonly string[] = [
  ...['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'].map((extension) => `quorate.config.${extension}`),
  '.quoraterc',
  ...['json', 'yaml', 'yml', 'ts', 'mts', 'js', 'mjs', 'cjs'].map((extension) => `.quoraterc.${extension}`),
  'package.json',
];

/** Layers of a configuration file and of all that it extends, lowest first. */
export interface ConfigFiles {
  readonly layers: readonly Layer[];
  readonly plugins: readonly PluginRef[];
  /** The file itself, absolute. */
  readonly file: string;
}

/**
 * The configuration file of a folder: searched upwards as far as the nearest folder with a package.json. A package.json
 * counts only where its `quorate` field is a configuration and not the manifest of a plugin.
 */
export async function searchConfig(cwd: string): Promise<string | null> {
  const explorer = await cosmiconfigFor(cwd);
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = await explorer.search(folder).catch((thrown: unknown) => {
      throw unreadable((thrown as { filepath?: string }).filepath ?? folder, thrown, cwd);
    });
    if (found) return found.filepath;
    if (dirname(folder) === folder || (await exists(join(folder, 'package.json')))) return null;
  }
}

/** Loads a configuration file, and first what it `extends`. Throws CONFIG_UNREADABLE. */
export async function readConfigFile(file: string, cwd: string, problems: Problem[]): Promise<ConfigFiles> {
  const layers: Layer[] = [];
  const plugins: PluginRef[] = [];
  const read = async (path: string, trail: readonly string[]): Promise<void> => {
    const origin = display(path, cwd);
    if (trail.includes(path)) {
      throw new QuorateError('CONFIG_INVALID', {
        where: `${display(trail.at(-1)!, cwd)}: extends`,
        expected: 'files that do not extend each other in a circle',
        got: [...trail, path].map((one) => display(one, cwd)).join(' → '),
        fix: 'Remove one of these "extends".',
      });
    }
    const layer = layerOf(origin, false, await loadConfigFile(path, cwd), problems);
    const { extends: parents, plugins: named, ...tree } = layer.tree;
    for (const parent of strings(parents, `${origin}: extends`, problems)) {
      await read(resolveParent(parent, path, origin), [...trail, path]);
    }
    plugins.push(...pluginRefs(named, path, origin, problems));
    layers.push({ ...layer, tree });
  };
  await read(file, []);
  return { layers, plugins, file };
}

/** The `plugins` of a layer, each with the file that names it. */
export function pluginRefs(value: unknown, from: string, origin: string, problems: Problem[]): readonly PluginRef[] {
  return strings(value, `${origin}: plugins`, problems).map((spec) => ({ spec, from, origin: 'config' }));
}

/** A path as people like to read it: relative where it lies below the working directory. */
export function display(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}

function strings(value: unknown, where: string, problems: Problem[]): readonly string[] {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const names = list.filter((one): one is string => typeof one === 'string' && one !== '');
  if (names.length < list.length) {
    const fix = 'Write package names or paths that begin with "./".';
    problems.push({ where, expected: 'names or paths', got: JSON.stringify(value), fix });
  }
  return names;
}

function resolveParent(spec: string, from: string, origin: string): string {
  const found = resolveSpec(spec, from);
  if (found) return found;
  throw new QuorateError('CONFIG_UNREADABLE', {
    where: `${origin}: extends`,
    expected: 'a file, or a package that is installed',
    got: `"${spec}", which is not there`,
    fix: /^[./]/.test(spec) ? 'Correct the path; it is relative to this file.' : `npm install ${spec}`,
  });
}

/** What a configuration file says, whatever its format. Throws CONFIG_UNREADABLE. */
export async function loadConfigFile(file: string, cwd: string): Promise<unknown> {
  const explorer = await cosmiconfigFor(cwd);
  let result;
  await checkLength(file, display(file, cwd));
  try {
    result = await explorer.load(file);
  } catch (thrown) {
    throw unreadable(file, thrown, cwd);
  }
  if (result && !result.isEmpty && result.config !== undefined) return result.config as unknown;
  throw new QuorateError('CONFIG_UNREADABLE', {
    where: display(file, cwd),
    expected: 'a configuration',
    got: basename(file) === 'package.json' ? 'no field "quorate" with one' : 'an empty file',
    fix: 'Write at least one key, or remove the file; "quorate init" writes an example.',
  });
}

async function cosmiconfigFor(cwd: string) {
  const { cosmiconfig, defaultLoaders } = await import('cosmiconfig');
  const limited = (loader: Loader): Loader => withinLimits(loader, (file) => display(file, cwd));
  const typescript = limited((file) => importSource(file).then(defaultOf));
  const yaml = limited(defaultLoaders['.yaml']);
  return cosmiconfig('quorate', {
    searchPlaces: [...searchPlaces],
    searchStrategy: 'none',
    cache: false,
    loaders: {
      '.ts': typescript,
      '.mts': typescript,
      // Not cosmiconfig's own, which tries `require` after a failed import and then reports that second failure.
      '.js': limited(nativeImport),
      '.mjs': limited(nativeImport),
      '.yaml': yaml,
      '.yml': yaml,
      noExt: yaml,
      '.json': limited((file, content) => {
        const json: unknown = defaultLoaders['.json'](file, content);
        if (basename(file) !== 'package.json' || !isTree(json) || !isManifest(json['quorate'])) return json;
        return {};
      }),
    },
  });
}

async function nativeImport(file: string): Promise<unknown> {
  const { pathToFileURL } = await import('node:url');
  // The time of the last change is in the address: an edited file is read again by the same process.
  const { mtimeMs } = await stat(file);
  return defaultOf(await import(/* @vite-ignore */ `${pathToFileURL(file).href}?changed=${mtimeMs}`));
}

function defaultOf(module: unknown): unknown {
  const found = (module as { default?: unknown } | null)?.default;
  return found === undefined ? {} : found;
}

const languages: Readonly<Record<string, string>> = {
  '': 'YAML or JSON',
  json: 'JSON',
  yaml: 'YAML',
  yml: 'YAML',
  ts: 'TypeScript',
  mts: 'TypeScript',
};

function unreadable(file: string, thrown: unknown, cwd: string): QuorateError {
  if (isQuorateError(thrown)) return thrown;
  const where = display(file, cwd);
  const code = (thrown as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES') {
    const got = { ENOENT: 'no such file', EISDIR: 'a folder', EACCES: 'a file that may not be read' }[code];
    const fix = 'Correct the path; "quorate init" writes a configuration.';
    return new QuorateError('CONFIG_UNREADABLE', { where, expected: 'a configuration file', got, fix, cause: thrown });
  }
  const { message, line } = whatFailed(thrown, file);
  const extension = /\.([a-z]+)$/.exec(basename(file).replace(/^\.quoraterc$/, ''))?.[1] ?? '';
  return new QuorateError('CONFIG_UNREADABLE', {
    where: line === null ? where : `${where}:${line}`,
    expected: `${languages[extension] ?? 'JavaScript'} that can be read`,
    got: message,
    fix: 'Fix that place in the file.',
    cause: thrown,
  });
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}
