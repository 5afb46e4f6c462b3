import { nearest, sectionOf, type Kind, type PartChoice, type Registry } from '@quorate/core';
import { shapeOf } from './schema-issues.js';
import { nameIn, originOf, type Layer } from './layer.js';
import { parseOptions } from './options.js';
import { shown, type Problem } from './problems.js';
import { isTree, merge, type Tree } from '../tree.js';

/** What one layer says about a section. */
interface Given {
  readonly layer: Layer;
  /** The component that the layer names; undefined where it sets options only. */
  readonly use: unknown;
  readonly options: Tree;
}

export interface SectionContext {
  readonly registry: Registry;
  /** Lowest first. */
  readonly layers: readonly Layer[];
  /** `sampler/random`, `preset/method/lean` → why the plugin that provides it is not here. One sentence. */
  readonly unavailable: ReadonlyMap<string, string>;
  readonly problems: Problem[];
}

/**
 * The part that the layers choose for a section, with its options; null where nothing chooses one.
 *
 * Which options count. The highest layer that names a component (`use`) decides; call it F.
 * 1. An option counts when its layer names F or names nothing.
 * 2. An option of a *preset* that names another component still counts where F has an option of that name, so that
 *    `method=ds_model sampler.use=greedy_task_assignment` keeps the published `allowRepeats`. Except in `dataset`: what a
 *    preset says of one source (2000 items per class) means nothing for another.
 * 3. All other options are dropped silently, among them what the user wrote together with another component's name.
 * 4. A counting option that F does not have is an error, except from a preset layer that names nothing: dropped.
 * Counting options merge from the lowest layer to the highest. `section: null` forgets everything below it.
 * Options without any `use` go to the only component of that kind, where there is only one.
 */
export function chooseSection(kind: Kind, context: SectionContext): PartChoice | null {
  const section = sectionOf[kind];
  const given = gather(section, context);
  const use = finalUse(kind, given, context);
  if (use === null) return null;
  const entry = context.registry.component(kind, use);
  if (!entry) {
    context.problems.push(unknownComponent(kind, use, originOf(context.layers, [section, 'use']), context));
    return null;
  }
  const schema = entry.value.options;
  const shape = shapeOf(schema);
  const knows = (key: string): boolean => shape === null || Object.hasOwn(shape, key);
  const counting = given.map(({ layer, use: named, options }): Layer => {
    const other = named !== undefined && named !== use;
    const keeps = (key: string): boolean => {
      if (!layer.preset) return !other;
      if (named === use) return true;
      return knows(key) && !(other && kind === 'datasetSource');
    };
    const kept = Object.fromEntries(Object.entries(options).filter(([key]) => keeps(key)));
    return { ...layer, tree: { [section]: kept } };
  });
  const options = counting.reduce<Tree>((sum, { tree }) => merge(sum, tree[section] as Tree), {});
  // A required option that nobody set is reported where the component was chosen.
  const named = given.map(({ layer, use: name }) => ({ ...layer, tree: name === use ? { [section]: {} } : {} }));
  const parsed = parseOptions(
    { schema, options, path: [section], layers: [...named, ...counting], what: `${kind} "${use}"` },
    context.problems,
  );
  return { use, options: parsed };
}

function gather(section: string, { layers, problems }: SectionContext): readonly Given[] {
  let given: Given[] = [];
  for (const layer of layers) {
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
    given.push({ layer, use: nameIn([layer], [section, 'use']), options });
  }
  return given;
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
  const { expected, fix } = context.registry.missing(kind, use);
  const why = context.unavailable.get(`${kind}/${use}`);
  return { where: `${origin}: ${sectionOf[kind]}.use`, expected, got: `"${use}"`, fix: why ?? fix };
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
      const request = { schema: entry.value.options, options, path, layers: [layer], what: `metric "${use}"` };
      chosen.push({ use, options: parseOptions(request, problems) });
    }
  }
  return chosen;
}
