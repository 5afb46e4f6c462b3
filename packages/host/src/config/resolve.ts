import {
  kinds,
  nearest,
  presetGroups,
  sectionOf,
  shapeOf,
  type AnyComponent,
  type Kind,
  type PartChoice,
  type PresetGroup,
  type Registry,
} from '@quorate/core';
import type { z } from 'zod';
import { layerOf, nameIn, originOf, type Layer } from './layer.js';
import { parseOptions } from './options.js';
import { shown, type Problem } from './problems.js';
import { runOptions } from './run-options.js';
import { chooseMetrics, chooseModels, chooseSection, type SectionContext } from './sections.js';
import { isTree, merge, sortKeys, type Tree } from '../tree.js';
import type { PresetNames, ResolveRequest, RunConfig } from './types.js';
import { tunedLayers } from './tuned.js';
import { ourWordFor } from './published-words.js';
import { variableOf } from './words.js';

/** What a run is made of when nobody says otherwise: a small experiment that needs no downloads. */
export const defaultConfig = { experiment: 'mnist', method: 'quorate', simulation: 'structured' } as const;

/** Presets below the user's layers, one parse of everything. Problems are collected, not thrown. */
export function resolveConfig(request: ResolveRequest): { config: RunConfig; layers: readonly Layer[] } {
  const { registry, problems, unavailable } = request;
  const { names, presets } = choosePresets(request);
  const defaults: Layer[] =
    !request.complete && registry.component('stoppingRule', 'risk')
      ? [{ origin: 'defaults', preset: true, tree: { [sectionOf.stoppingRule]: { use: 'risk' } } }]
      : [];
  const tuned = tunedLayers(names, [...presets, ...request.layers], request);
  const layers = [...defaults, ...presets, ...tuned, ...request.layers];
  for (const layer of layers) reportUnknownKeys(layer, registry, problems);

  const values: Record<string, unknown> = {};
  for (const key of Object.keys(runOptions.shape)) {
    for (const { tree } of layers) {
      if (!Object.hasOwn(tree, key)) continue;
      const [below, value] = [values[key], tree[key]];
      values[key] = isTree(below) && isTree(value) ? merge(below, value) : value;
    }
  }
  const ofRun = { schema: runOptions, options: values, path: [], layers, what: 'the run' };
  const run = parseOptions(ofRun, problems)?.options;

  const context = { registry, layers, unavailable, problems };
  const choices: Partial<Record<Kind, readonly PartChoice[]>> = {};
  const sections: Record<string, unknown> = {};
  for (const kind of kinds) {
    if (kind === 'metric') continue;
    const below = request.complete ? [] : forPeople(kind, choices.workerSimulator?.[0], registry);
    const choice = chooseSection(kind, below.length > 0 ? { ...context, layers: [...below, ...layers] } : context);
    if (!choice) continue;
    choices[kind] = [choice];
    sections[sectionOf[kind]] = written(choice);
  }
  const metrics = chooseMetrics(context);
  if (metrics.length > 0) choices.metric = metrics;
  const money = chooseMoney(run as z.output<typeof runOptions> | undefined, context);
  const { budget, models, lists } = money;
  const listed = { ...lists, metrics: metrics.map(written) };
  const resolved = sortKeys({ ...run, ...names, plugins: request.plugins, ...listed, ...sections });
  // `run` is the output of `runOptions`; undefined with problems, which the caller throws.
  const config = { ...run, ...names, budget, money: money.money, models, choices, resolved } as unknown as RunConfig;
  return { config, layers };
}

/**
 * Who answers without knowing the truth is recorded or real: their confidence has to be calibrated, and nothing is known
 * of them beforehand. Simulated workers err independently, as inference takes them to.
 */
function forPeople(kind: Kind, workers: PartChoice | undefined, registry: Registry): readonly Layer[] {
  const component = workers && registry.component('workerSimulator', workers.use)?.value;
  if (!component || isSimulated(component, workers.parsed)) return [];
  if (kind === 'calibration' && registry.component('calibration', 'crowd')) {
    return [{ origin: 'defaults', preset: true, tree: { [sectionOf[kind]]: { use: 'crowd' } } }];
  }
  const others = { [sectionOf.workerModel]: { dirichlet: { prior: 'predefined_homegeneous' } } };
  return kind === 'workerModel' ? [{ origin: 'defaults', preset: true, tree: {}, others }] : [];
}

function isSimulated(component: AnyComponent, options: unknown): boolean {
  try {
    return component.needs?.(options).includes('truth') ?? false;
  } catch {
    // Whoever opens the run calls it again, and says what is wrong with it.
    return true;
  }
}

/** What is paid for: models, and the budget. */
function chooseMoney(run: z.output<typeof runOptions> | undefined, context: SectionContext) {
  const { layers, problems } = context;
  const { budget = null, prices = null, models: given = null } = run ?? {};
  const models = chooseModels(given ?? [], context);
  const money = typeof budget === 'object' ? (budget?.money ?? null) : null;
  const dear = models.findIndex(({ price }) => price > 0);
  const people = prices && Math.max(prices.answer, ...Object.values(prices.workers ?? {}));
  const refuse = (path: readonly string[], expected: string, got: string): void => {
    const fix = 'Say what an answer of a person costs: prices.answer=0.05.';
    problems.push({ where: `${originOf(layers, path)}: ${path.join('.')}`, expected, got, fix });
  };
  if (money !== null && !(people || dear >= 0)) refuse(['budget', 'money'], 'prices beside it', 'none');
  if (dear >= 0 && !people) {
    refuse(['models', String(dear), 'price'], 'a price of people beside it', 'none: a model would never be worth it');
  }
  return {
    budget: typeof budget === 'number' ? budget : null,
    money,
    models,
    lists: { models: given && models.map(({ price, family, ...choice }) => ({ ...written(choice), price, family })) },
  };
}

function written({ use, options }: PartChoice): Tree {
  return { use, ...options };
}

/**
 * The preset of each group: chosen by the highest layer that names one. The default preset of a group is taken where
 * the user names none, and no `dataset.use` in place of an experiment, no `workers.use` in place of a simulation.
 */
function choosePresets({ registry, layers, complete, unavailable, problems }: ResolveRequest): {
  names: PresetNames;
  presets: readonly Layer[];
} {
  const names: Record<PresetGroup, string | null> = { experiment: null, method: null, simulation: null };
  const presets: Layer[] = [];
  const insteadOf = { experiment: 'dataset', method: null, simulation: 'workers' } as const;
  for (const group of presetGroups) {
    const asked = nameIn(layers, [group]);
    const section = insteadOf[group];
    const chosenByHand = section !== null && typeof nameIn([...presets, ...layers], [section, 'use']) === 'string';
    const standard = defaultConfig[group];
    // Without the plugin of the default there is none; where that plugin failed to load, the user has to know.
    const exists = registry.preset(group, standard) ?? unavailable.has(`preset/${group}/${standard}`);
    const name = asked === undefined ? (complete || chosenByHand || !exists ? null : standard) : asked;
    if (name === null) continue;
    const preset = typeof name === 'string' ? registry.preset(group, name) : undefined;
    if (!preset || typeof name !== 'string') {
      const known = registry.presets(group).map((entry) => entry.value.name);
      const near = typeof name === 'string' ? nearest(name, known) : undefined;
      problems.push({
        where: `${originOf(layers, [group])}: ${group}`,
        expected: known.length > 0 ? `one of ${known.join(', ')}` : `a plugin that has presets of ${group}`,
        got: shown(name),
        fix:
          unavailable.get(`preset/${group}/${typeof name === 'string' ? name : ''}`) ??
          (near ? `Did you mean "${near}"?` : `"quorate plugins" lists them; a plugin may be missing.`),
      });
      continue;
    }
    names[group] = name;
    if (complete) continue;
    const { config, options } = preset.value;
    const layer = layerOf(`preset ${group}/${name} of ${preset.plugin}`, true, config, problems);
    presets.push(
      options === undefined ? layer : { ...layer, others: layerOf(layer.origin, true, options, problems).tree },
    );
  }
  return { names, presets };
}

const sections: readonly string[] = kinds.map((kind) => sectionOf[kind]);
const runKeys: readonly string[] = Object.keys(runOptions.shape);
const groups: readonly string[] = presetGroups;

/** The keys that a configuration may have at its top. */
export const topLevelKeys: readonly string[] = [...runKeys, ...groups, 'plugins', 'extends', ...sections];

function reportUnknownKeys(layer: Layer, registry: Registry, problems: Problem[]): void {
  const known = layer.preset ? [...runKeys, ...sections] : [...topLevelKeys, '$schema'];
  for (const key of Object.keys(layer.tree)) {
    if (known.includes(key)) continue;
    const origin = originOf([layer], [key, ...firstPath(layer.tree[key])]);
    const near =
      ourWordFor([key, ...firstPath(layer.tree[key])].join('.')) ?? nearest(key, known) ?? optionNamed(key, registry);
    const variable = origin.startsWith('QUORATE_');
    problems.push({
      where: `${origin}: ${key}`,
      expected: 'a key of the configuration',
      got: `the unknown key "${key}"`,
      fix: near
        ? `Did you mean "${variable ? variableOf([...near.split('.'), ...firstPath(layer.tree[key])]) : near}"?`
        : `Known keys: ${known.filter((one) => one !== '$schema').join(', ')}.`,
    });
  }
}

/** The first path below a value, to find the word that wrote it. */
function firstPath(value: unknown): readonly string[] {
  const key = isTree(value) ? Object.keys(value)[0] : undefined;
  return key === undefined ? [] : [key, ...firstPath((value as Tree)[key])];
}

/** `hitSize` → `sampler.hitSize`: an option that was written without its section. */
function optionNamed(key: string, registry: Registry): string | undefined {
  for (const { value } of registry.components()) {
    const shape = shapeOf(value.options);
    if (shape && Object.hasOwn(shape, key)) return `${sectionOf[value.kind]}.${key}`;
  }
  return undefined;
}
