import { nearest, partOptionsOf, sectionOf, shapeOf, type Kind, type PartChoice } from '@quorate/core';
import { nameIn, originOf, type Layer } from './layer.js';
import { missingComponent, parseOptions, type OptionsContext } from './options.js';
import { shown, type Problem } from './problems.js';
import type { ModelChoice } from './types.js';
import { isTree, merge, type Tree } from '../tree.js';

/** What one layer says about a section. */
interface Given {
  readonly layer: Layer;
  /** The component that the layer chooses; undefined where it sets options only. */
  readonly use: unknown;
  /** The component that the options are for; undefined where the layer does not say. */
  readonly about: unknown;
  readonly options: Tree;
}

export interface SectionContext extends OptionsContext {
  /** Lowest first. */
  readonly layers: readonly Layer[];
  readonly problems: Problem[];
}

/**
 * The part that the layers choose for a section, with its options; null where nothing chooses one.
 *
 * Which options count. The highest layer that names a component (`use`) decides; call it F.
 * 1. An option of the user counts when its layer names F or names nothing.
 * 2. An option of a preset counts when the preset names F: as its choice, or among the components that it has options for
 *    (`options`). Where a preset sets options and names nothing, they count for the component that presets chose.
 * 3. All other options are dropped silently, among them what the user wrote together with another component's name.
 * 4. A counting option that F does not have is an error, except from a preset layer that names nothing: dropped.
 * Counting options merge from the lowest layer to the highest. `section: null` forgets everything below it.
 * Options without any `use` go to the only component of that kind, where there is only one.
 */
export function chooseSection(kind: Kind, context: SectionContext): PartChoice | null {
  const section = sectionOf[kind];
  const given = gather(section, context);
  const choosing = given.filter(({ use, about }) => use === about);
  const use = finalUse(kind, choosing, context);
  if (use === null) return null;
  const entry = context.registry.component(kind, use);
  if (!entry) {
    context.problems.push(unknownComponent(kind, use, originOf(context.layers, [section, 'use']), context));
    return null;
  }
  const schema = entry.value.options;
  const shape = shapeOf(schema);
  const knows = (key: string): boolean => shape === null || Object.hasOwn(shape, key);
  const ofPresets = choosing.filter(({ layer }) => layer.preset);
  const chosenByPresets = finalUse(kind, ofPresets, { ...context, problems: [] });
  const counting = given.map(({ layer, about, options }): Layer => {
    const keeps = (key: string): boolean => {
      if (about !== undefined) return about === use;
      return !layer.preset || (use === chosenByPresets && knows(key));
    };
    const kept = Object.fromEntries(Object.entries(options).filter(([key]) => keeps(key)));
    return { ...layer, tree: { [section]: kept } };
  });
  const parts = partOptionsOf(schema).map(([key]) => key);
  const options = counting.reduce<Tree>((sum, { tree }) => {
    const next = tree[section] as Tree;
    return merge(withoutReplaced(sum, next, parts), next);
  }, {});
  // A required option that nobody set is reported where the component was chosen.
  const named = given.map(({ layer, use: name }) => ({ ...layer, tree: name === use ? { [section]: {} } : {} }));
  const parsed = parseOptions(
    { schema, options, path: [section], layers: [...named, ...counting], what: `${kind} "${use}"`, context },
    context.problems,
  );
  return { use, options: {}, ...parsed };
}

/** Options without those of components that take the place of others in a higher layer. */
function withoutReplaced(lower: Tree, higher: Tree, parts: readonly string[]): Tree {
  const replaced = parts.filter((key) => {
    const use = treeOr(higher[key], {})['use'];
    return use !== undefined && use !== treeOr(lower[key], {})['use'];
  });
  return Object.fromEntries(Object.entries(lower).filter(([key]) => !replaced.includes(key)));
}

function gather(section: string, { layers, problems }: SectionContext): readonly Given[] {
  let given: Given[] = [];
  for (const layer of layers) {
    for (const [about, options] of Object.entries(treeOr(layer.others?.[section], {}))) {
      given.push({ layer, use: undefined, about, options: treeOr(options, {}) });
    }
    if (!Object.hasOwn(layer.tree, section)) continue;
    const value = layer.tree[section];
    if (value === null) {
      given = [];
      continue;
    }
    if (!isTree(value)) {
      problems.push({
        where: `${originOf([layer], [section])}: ${section}`,
        expected: 'a map with "use" and options',
        got: shown(value),
        fix: typeof value === 'string' ? `Did you mean ${section}.use=${value}?` : `Write ${section}.use=<name>.`,
      });
      continue;
    }
    const { use: _use, ...options } = value;
    const use = nameIn([layer], [section, 'use']);
    given.push({ layer, use, about: use, options });
  }
  return given;
}

function treeOr(value: unknown, other: Tree): Tree {
  return isTree(value) ? value : other;
}

/** The name of the chosen component, or null. */
function finalUse(kind: Kind, given: readonly Given[], { registry, problems }: SectionContext): string | null {
  const section = sectionOf[kind];
  const choice = given.findLast(({ use }) => use !== undefined);
  if (typeof choice?.use === 'string') return choice.use;
  const candidates = registry.components(kind).map((entry) => entry.value.name);
  if (choice) {
    problems.push({
      where: `${originOf([choice.layer], [section, 'use'])}: ${section}.use`,
      expected: candidates.length > 0 ? `one of ${candidates.join(', ')}` : `the name of a ${kind}`,
      got: shown(choice.use),
      fix: '"quorate plugins" lists the components.',
    });
    return null;
  }
  if (!given.some(({ options }) => Object.keys(options).length > 0)) return null;
  if (candidates.length === 1) return candidates[0]!;
  const wanted = given.findLast(({ layer, options }) => !layer.preset && Object.keys(options).length > 0);
  if (wanted) {
    const key = Object.keys(wanted.options)[0]!;
    problems.push({
      where: `${originOf([wanted.layer], [section, key])}: ${section}.${key}`,
      expected: `${section}.use beside it`,
      got: 'options of a part that nothing chooses',
      fix: candidates.length > 0 ? `Choose one of ${candidates.join(', ')}.` : `Add a plugin that has a ${kind}.`,
    });
  }
  return null;
}

function unknownComponent(kind: Kind, use: string, origin: string, context: SectionContext): Problem {
  return missingComponent(kind, use, `${origin}: ${sectionOf[kind]}.use`, context);
}

/** Components of `workers` that answer beside people, with their options checked and completed. */
export function chooseModels(
  given: readonly { readonly use: string; readonly price: number; readonly family: string | null }[],
  context: SectionContext,
): readonly ModelChoice[] {
  const { layers, problems } = context;
  return given.flatMap(({ use, price, family, ...options }, i) => {
    const path = ['models', String(i)];
    const entry = context.registry.component('workerSimulator', use);
    if (!entry) {
      const where = `${originOf(layers, ['models'])}: ${path.join('.')}.use`;
      problems.push(missingComponent('workerSimulator', use, where, context));
      return [];
    }
    const what = `workerSimulator "${use}"`;
    const request = { schema: entry.value.options, options: options as Tree, path, layers, what, context };
    return [{ use, price, family, options: {}, ...parseOptions(request, problems) }];
  });
}

/** The metrics: a list, so the highest layer that has it replaces the others. */
export function chooseMetrics(context: SectionContext): readonly PartChoice[] {
  const { layers, problems, registry } = context;
  const section = sectionOf.metric;
  const layer = layers.findLast(({ tree }) => Object.hasOwn(tree, section));
  const list = layer?.tree[section];
  if (!layer || list === null) return [];
  const from = originOf([layer], [section]);
  if (!Array.isArray(list)) {
    const fix = `Write a list, for instance ${section}=[{"use":"..."}].`;
    problems.push({ where: `${from}: ${section}`, expected: 'a list of {use, ...options}', got: shown(list), fix });
    return [];
  }
  const chosen: PartChoice[] = [];
  for (const [i, item] of (list as readonly unknown[]).entries()) {
    const path = [section, String(i)];
    const where = `${from}: ${path.join('.')}`;
    const names = registry.components('metric').map((entry) => entry.value.name);
    if (!isTree(item) || typeof item['use'] !== 'string') {
      const near = typeof item === 'string' ? nearest(item, names) : undefined;
      const fix = near ? `Did you mean {"use": "${near}"}?` : `Known metrics: ${names.join(', ') || 'none'}.`;
      problems.push({ where, expected: 'a map with "use", the name of a metric', got: shown(item), fix });
      continue;
    }
    const { use, ...options } = item as { readonly use: string };
    const entry = registry.component('metric', use);
    if (!entry) problems.push({ ...unknownComponent('metric', use, from, context), where: `${where}.use` });
    else if (chosen.some((one) => one.use === use)) {
      problems.push({ where, expected: 'each metric once', got: `"${use}" again`, fix: 'Remove one of the two.' });
    } else {
      const { options: schema } = entry.value;
      const request = { schema, options, path, layers: [layer], what: `metric "${use}"`, context };
      chosen.push({ use, options: {}, ...parseOptions(request, problems) });
    }
  }
  return chosen;
}
