import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isTree } from '../tree.js';
import { packageOf } from './manifest.js';
import type { PluginRef } from './ref.js';

export function isPath(spec: string): boolean {
  return /^\.{1,2}([/\\]|$)/.test(spec) || isAbsolute(spec);
}

/** The package names that a spec may stand for: `foo` is also `@quorate/plugin-foo` and `quorate-plugin-foo`. */
export function namesOf(spec: string): readonly string[] {
  if (isPath(spec) || spec.startsWith('@') || spec.includes('/')) return [spec];
  return [spec, `@quorate/plugin-${spec}`, `quorate-plugin-${spec}`];
}

/**
 * The real path of the module that a plugin's spec names, or null. A bare word may also be the name of an unrelated
 * package: one that says in its package.json that it is a plugin goes first.
 */
export function resolvePlugin({ spec, from }: PluginRef): string | null {
  const files = namesOf(spec)
    .map((name) => resolveSpec(name, from))
    .filter((file) => file !== null);
  return files.find((file) => packageOf(file)?.manifest) ?? files[0] ?? null;
}

/** The real path of a module or file, named by path or by package, as seen from a file; null when it is not there. */
export function resolveSpec(spec: string, from: string): string | null {
  if (isPath(spec)) return resolvePath(resolve(dirname(from), spec));
  try {
    const file = createRequire(pathToFileURL(from)).resolve(spec);
    return isAbsolute(file) ? realpathSync(file) : null;
  } catch {
    // Also for packages with an `import` condition only, which require.resolve refuses.
    return resolveImport(spec, from);
  }
}

const extensions = ['', '.ts', '.mts', '.js', '.mjs', '.cjs'];

function resolvePath(path: string): string | null {
  const file = extensions.map((extension) => path + extension).find(isFile);
  if (file) return realpathSync(file);
  if (!existsSync(path)) return null;
  const entry = entryOf(path, '.');
  const found = [entry, ...extensions.slice(1).map((extension) => `index${extension}`)]
    .map((name) => (name === null ? null : join(path, name)))
    .find((one) => one !== null && isFile(one));
  return found ? realpathSync(found) : null;
}

function resolveImport(spec: string, from: string): string | null {
  const parts = spec.split('/');
  const name = parts.slice(0, spec.startsWith('@') ? 2 : 1).join('/');
  const subpath = ['.', ...parts.slice(name.split('/').length)].join('/');
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    const entry = existsSync(candidate) ? entryOf(candidate, subpath) : null;
    if (entry !== null && isFile(join(candidate, entry))) return realpathSync(join(candidate, entry));
    if (dirname(folder) === folder) return null;
  }
}

/** The file that a package's `exports` (or, without them, `module` or `main`) gives for an `import` of the subpath. */
function entryOf(folder: string, subpath: string): string | null {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return null;
  }
  if (!isTree(json)) return null;
  const { exports, main, module } = json;
  if (exports === undefined) {
    const plain = typeof module === 'string' ? module : typeof main === 'string' ? main : 'index.js';
    return subpath === '.' ? plain : subpath;
  }
  const keyed = isTree(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  return target(keyed ? exports[subpath] : subpath === '.' ? exports : undefined);
}

const conditions = new Set(['import', 'node', 'default', 'module-sync']);

function target(node: unknown): string | null {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return node.map(target).find((one) => one !== null) ?? null;
  if (!isTree(node)) return null;
  for (const [condition, inner] of Object.entries(node)) {
    const found = conditions.has(condition) ? target(inner) : null;
    if (found !== null) return found;
  }
  return null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
