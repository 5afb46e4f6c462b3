import { existsSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import {
  API_VERSION,
  QuorateError,
  T,
  compose,
  kinds,
  makeRng,
  sectionOf,
  type Composition,
  type Kind,
  type LoadedDataset,
  type Metric,
} from '@quorate/core';
import { TruthToken } from '@quorate/core/truth';
import type { Prepared, RunConfig } from './config-types.js';
import { createFiles } from './files.js';
import type { Parts, Setting } from './loop.js';
import { clearUnused, hashOf, isFree, isUnused, readRunFile, type RunFile } from './run-folder.js';
import { backendsOf, namesBackend } from './run-backends.js';
import { Run } from './run.js';

export interface OpenRunRequest {
  readonly prepared: Prepared;
  readonly folder: string;
  /** Go on with what the folder holds; without it the folder must be free. */
  readonly resume: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; for `timings.jsonl` only. */
  readonly clock: () => number;
  readonly onNote?: (message: string) => void;
  readonly onPhase?: (phase: string) => void;
}

/** Opens a run: composes its parts, loads the data, and finds where it was. Nothing is asked before `steps`. */
export async function openRun(request: OpenRunRequest): Promise<Run> {
  const { prepared, cwd, onNote = () => undefined } = request;
  const { config, registry } = prepared;
  const earlier = checkFolder(request);
  const rng = makeRng(config.seed);
  const choices = config.earlyStop ? withEarlyStop(config.choices) : config.choices;
  const composition = compose({ registry, choices, rng });
  try {
    composition.provide(T.Files, createFiles({ cwd, baseDir: prepared.baseDir, env: request.env, onNote }));
    for (const kind of roots) composition.check(kind);
    const loaded = await load(composition, config);
    checkDataset(loaded);
    composition.provide(T.Dataset, loaded.dataset);
    composition.provide(TruthToken, loaded.truth);
    const parts = await buildParts(composition, choices);
    parts.sampler.check?.({ items: loaded.dataset.taskIds.length, workers: parts.workers.workerIds.length });
    const setting: Setting = {
      dataset: loaded.dataset,
      truth: loaded.truth,
      riskThreshold: config.riskThreshold,
      budget: config.budget ?? Infinity,
      rng,
      onPhase: request.onPhase ?? (() => undefined),
    };
    const runFile: RunFile = {
      format: 1,
      api: API_VERSION,
      // Resumed with a backend by name the run is still the one that was started.
      config: earlier?.config ?? config.resolved,
      configFile: prepared.file === null ? null : relative(cwd, prepared.file),
      plugins: prepared.plugins.map(({ plugin, version }) => ({ name: plugin.name, version })),
      data: { hash: loaded.hash, description: loaded.description },
      backends: backendsOf(request, composition, earlier),
    };
    return new Run(request, composition, parts, setting, runFile);
  } catch (thrown) {
    await composition.dispose();
    throw thrown;
  }
}

const roots: readonly Kind[] = ['datasetSource', 'workerSimulator', 'optimizer', 'sampler'];

function withEarlyStop(choices: RunConfig['choices']): RunConfig['choices'] {
  const rules = choices.stoppingRule ?? [];
  if (rules.some((rule) => rule.use === 'early_stop')) return choices;
  return { ...choices, stoppingRule: [...rules, { use: 'early_stop', options: {} }] };
}

async function load(composition: Composition, config: RunConfig): Promise<LoadedDataset> {
  const neededBy = composition
    .reach(kinds.filter((kind) => roots.includes(kind) || config.choices[kind] !== undefined))
    .filter(({ component, options }) => component.needs?.(options).includes('features') ?? false)
    .map(({ component }) => `${sectionOf[component.kind]} "${component.name}"`);
  const source = await composition.get('datasetSource');
  return source.load(
    { classes: config.classes, featuresNeeded: neededBy.length > 0, neededBy },
    makeRng(config.seed).fork('dataset').fork('load'),
  );
}

async function buildParts(composition: Composition, choices: RunConfig['choices']): Promise<Parts> {
  const workers = await composition.get('workerSimulator');
  composition.provide(T.WorkerKnowledge, workers.knowledge);
  const stoppingRules = [];
  for (const { use } of choices.stoppingRule ?? []) stoppingRules.push(await composition.get('stoppingRule', use));
  const metrics = new Map<string, Metric>();
  for (const { use } of choices.metric ?? []) metrics.set(use, await composition.get('metric', use));
  return {
    workers,
    sampler: await composition.get('sampler'),
    optimizer: await composition.get('optimizer'),
    stoppingRules,
    metrics,
  };
}

function checkDataset({ dataset, truth }: LoadedDataset): void {
  const N = dataset.taskIds.length;
  const K = dataset.classes.length;
  const P = dataset.prototypes.classOf.length;
  const refuse = (expected: string, got: string): never => {
    throw new QuorateError('DATA_INVALID', {
      where: 'dataset',
      expected,
      got,
      fix: 'Check the files and options of the "dataset" section.',
    });
  };
  if (N < 1) refuse('at least one task', 'none');
  if (K < 2) refuse('at least two classes', K === 1 ? `only "${dataset.classes[0]}"` : 'none');
  if (new Set(dataset.classes.map(String)).size < K) refuse('classes with different names', 'a name twice');
  if (new Set(dataset.taskIds).size < N) refuse('task ids that are unique', 'an id twice');
  if (truth && truth.classOf.length !== N) refuse(`truth of ${N} tasks`, `of ${truth.classOf.length}`);
  const values = dataset.features?.data.length;
  const wanted = (N + P) * (dataset.features?.columns ?? 0);
  if (values !== undefined && values !== wanted) refuse(`${N + P} feature rows (${wanted} values)`, `${values} values`);
}

/** The folder is free, or (to resume) holds this run, which is returned. */
function checkFolder({ folder, resume, prepared }: OpenRunRequest): RunFile | undefined {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new QuorateError('RUN_FOLDER', {
      where: folder,
      expected: 'a folder',
      got: 'a file',
      fix: 'Choose another --out.',
    });
  }
  if (!resume && isUnused(folder)) clearUnused(folder);
  if (!resume && !isFree(folder)) {
    throw new QuorateError('RUN_FOLDER', {
      where: folder,
      expected: 'an empty folder for a new run',
      got: 'one that holds files already',
      fix: 'Add --resume to go on with the run in it, or choose another --out.',
    });
  }
  const there = readRunFile(folder);
  if (!there && !isFree(folder)) {
    throw new QuorateError('RUN_FOLDER', {
      where: folder,
      expected: 'the folder of a run, with its run.json',
      got: 'a folder that holds other files',
      fix: 'Choose another --out; nothing in it was touched.',
    });
  }
  if (!there) return undefined;
  const wanted = prepared.config.resolved;
  const keys = [...new Set([...Object.keys(there.config), ...Object.keys(wanted)])];
  const other = keys.filter((key) => hashOf(there.config[key] ?? null) !== hashOf(wanted[key] ?? null));
  if (other.length === 0 || (other.length === 1 && namesBackend(there.config, wanted))) return there;
  const [key] = other as [string];
  const show = (config: Readonly<Record<string, unknown>>): string => `${key}=${JSON.stringify(config[key] ?? null)}`;
  throw new QuorateError('RUN_FOLDER', {
    where: folder,
    expected: `the configuration that the run in it was started with (${show(there.config)})`,
    got: `${show(wanted)}${other.length > 1 ? ` and other values of ${other.slice(1).join(', ')}` : ''}`,
    fix: 'Use --resume without changes, or another --out for the changed run.',
  });
}
