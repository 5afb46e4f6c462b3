import { isTree, toPlain, valueAt, type Tree } from '../tree.js';
import type { Problem } from './problems.js';

/** What a person typed for one value: the text before it was read as JSON, and where it was typed. */
export interface Word {
  readonly origin: string;
  readonly text: string;
}

/** One source of configuration. Layers are kept lowest first; later wins. */
export interface Layer {
  /** For messages and `run.json`: `quorate.config.yaml`, `QUORATE_SEED`, `command line`, `preset method/lean of ...`. */
  readonly origin: string;
  /** True for presets and defaults, false for what the user wrote. */
  readonly preset: boolean;
  readonly tree: Tree;
  /** Of a preset: options of components that it does not choose, by section and name. */
  readonly others?: Tree;
  /** Words by dotted path, for layers that came as text. */
  readonly words?: ReadonlyMap<string, Word>;
}

/** Makes a layer out of whatever a file or preset contained. */
export function layerOf(origin: string, preset: boolean, content: unknown, problems: Problem[]): Layer {
  if (!isTree(content)) {
    problems.push({
      where: origin,
      expected: 'a map of configuration keys',
      got: Array.isArray(content) ? 'a list' : content === null ? 'null' : `a ${typeof content}`,
      fix: 'Write keys and values, for instance "seed: 1".',
    });
    return { origin, preset, tree: {} };
  }
  const tree = toPlain(content, ({ path, expected, got }) => {
    problems.push({ where: `${origin}: ${path.join('.')}`, expected, got, fix: 'Remove it or write plain data.' });
  });
  return { origin, preset, tree: isTree(tree) ? tree : {} };
}

/** The highest layer that says something about the path, or about the nearest part of the path above it. */
export function layerFor(layers: readonly Layer[], path: readonly string[]): Layer | undefined {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const layer = layers.findLast((one) => valueAt(one.tree, part) !== undefined);
    if (layer) return layer;
  }
  return undefined;
}

/** Where a path was set, for messages. */
export function originOf(layers: readonly Layer[], path: readonly string[]): string {
  const layer = layerFor(layers, path);
  if (!layer) return 'configuration';
  for (let length = path.length; length > 0; length--) {
    const word = layer.words?.get(path.slice(0, length).join('.'));
    if (word) return word.origin;
  }
  return layer.origin;
}

/** The text of a value that came as a word, or undefined. */
export function textOf(layers: readonly Layer[], path: readonly string[]): string | undefined {
  const layer = layers.findLast((one) => valueAt(one.tree, path) !== undefined);
  return layer?.words?.get(path.join('.'))?.text;
}

/** The value of the highest layer that has the key, a string where a string was typed that reads as a number. */
export function nameIn(layers: readonly Layer[], path: readonly string[]): unknown {
  const value = layers.findLast((one) => valueAt(one.tree, path) !== undefined)?.tree;
  const found = valueAt(value, path);
  return typeof found === 'number' || typeof found === 'boolean' ? (textOf(layers, path) ?? found) : found;
}
