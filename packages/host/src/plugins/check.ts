import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import { API_VERSION, QuorateError, isPlugin, kinds, presetGroups, type Plugin } from '@quorate/core';
import { isTree } from '../tree.js';

/** Throws PLUGIN_API unless this core's API is in the range that the plugin speaks. */
export function checkApi(who: string, range: unknown): void {
  if (typeof range === 'string' && satisfies(API_VERSION, range, { includePrerelease: true })) return;
  const valid = typeof range === 'string' && validRange(range) !== null;
  throw new QuorateError('PLUGIN_API', {
    where: `plugin ${who}`,
    expected: valid ? `core API ${range}` : `apiVersion, a semver range such as "^${API_VERSION}"`,
    got: valid ? `core API ${API_VERSION}` : text(range),
    fix: valid ? 'Update the plugin, or use the version of quorate that it was made for.' : 'Tell its author.',
  });
}

/** The plugin that a module exports, checked as far as it can be without building anything. */
export function pluginOf(module: unknown, who: string): Plugin {
  const plugin = exported(module);
  if (!plugin) {
    const found = (module as { default?: unknown } | null)?.default;
    const got = found === undefined ? 'no default export' : `${found === null ? 'null' : typeof found}`;
    throw malformed(who, 'export default definePlugin({...})', got);
  }
  if (typeof plugin.name !== 'string' || plugin.name === '') {
    throw malformed(who, 'a name (that of its package)', text(plugin.name));
  }
  checkApi(plugin.name, plugin.apiVersion);
  for (const [i, component] of list(plugin.components, who, 'components').entries()) {
    const fault = faultOfComponent(component);
    if (fault) throw malformed(who, fault.expected, fault.got, `component ${i} ${label(component)}`);
  }
  for (const [i, preset] of list(plugin.presets, who, 'presets').entries()) {
    const { group, name, config } = isTree(preset) ? preset : {};
    const at = `preset ${i} ${label(preset)}`;
    const groups: readonly unknown[] = presetGroups;
    if (!groups.includes(group)) throw malformed(who, `group ${presetGroups.join(', ')}`, text(group), at);
    if (typeof name !== 'string' || name === '') throw malformed(who, 'a name', text(name), at);
    if (!isTree(config)) throw malformed(who, 'config, a map', text(config), at);
  }
  for (const [i, data] of list(plugin.data, who, 'data').entries()) {
    const { name, files } = isTree(data) ? data : {};
    const sound =
      typeof name === 'string' && isBelow(name) && Array.isArray(files) && files.every((file) => isDataFile(file));
    const expected = 'name and files of {path, url, sha256, bytes}, paths relative without ".."';
    if (!sound) throw malformed(who, expected, text(data), `data ${i}`);
  }
  for (const [i, executor] of list(plugin.executors, who, 'executors').entries()) {
    const { name, options, create } = isTree(executor) ? executor : {};
    const sound = typeof name === 'string' && name !== '' && isSchema(options) && typeof create === 'function';
    if (!sound)
      throw malformed(who, 'defineExecutor({ name, summary, options, create })', text(executor), `executor ${i}`);
  }
  return plugin;
}

/** The default export; that of a CommonJS build of an ES module is one level further down. */
function exported(module: unknown): Plugin | undefined {
  const first = (module as { default?: unknown } | null)?.default;
  const second = (first as { default?: unknown } | null | undefined)?.default;
  return [first, second].find(isPlugin);
}

function list(value: unknown, who: string, key: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw malformed(who, `${key}, a list`, text(value));
  return value as readonly unknown[];
}

function faultOfComponent(component: unknown): { expected: string; got: string } | null {
  if (!isTree(component)) return { expected: 'defineComponent({...})', got: text(component) };
  const { kind, name, options, inject, create, bindings } = component;
  const known: readonly unknown[] = kinds;
  if (!known.includes(kind)) return { expected: `kind ${kinds.join(', ')}`, got: text(kind) };
  if (typeof name !== 'string' || name === '') return { expected: 'a name', got: text(name) };
  if (!isSchema(options)) {
    return { expected: 'options, a zod schema', got: text(options) };
  }
  if (!Array.isArray(inject) || !inject.every((one) => typeof one === 'symbol')) {
    return { expected: 'inject, a list of tokens', got: text(inject) };
  }
  if (typeof create !== 'function' && typeof bindings !== 'function') {
    return { expected: 'create or bindings, a function', got: 'neither' };
  }
  return null;
}

function isSchema(options: unknown): boolean {
  return typeof (options as { safeParse?: unknown } | null | undefined)?.safeParse === 'function';
}

function isDataFile(file: unknown): boolean {
  if (!isTree(file)) return false;
  const { path, url, sha256, bytes } = file;
  return (
    typeof path === 'string' &&
    isBelow(path) &&
    typeof url === 'string' &&
    /^[0-9a-f]{64}$/i.test(String(sha256)) &&
    Number.isSafeInteger(bytes)
  );
}

/** Data goes into a folder of the cache, and must not be able to leave it. */
function isBelow(path: string): boolean {
  return path !== '' && !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes('..');
}

function label(part: unknown): string {
  const { kind, group, name } = isTree(part) ? part : {};
  return typeof name === 'string' ? `"${name}" (${text(kind ?? group).replaceAll('"', '')})` : '';
}

function text(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return isTree(value) || Array.isArray(value) ? 'something else' : JSON.stringify(value);
}

function malformed(who: string, expected: string, got: string, at = ''): QuorateError {
  const where = at === '' ? `plugin ${who}` : `plugin ${who}, ${at.trim()}`;
  return new QuorateError('PLUGIN_INVALID', {
    where,
    expected,
    got,
    fix: 'This is a fault of the plugin; tell its author.',
  });
}
