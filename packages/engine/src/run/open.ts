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
  type Registry,
  type StoppingRule,
  type WorkerSimulator,
} from '@quorate/core';
import { TruthToken } from '@quorate/core/truth';
import { Auditor } from '../audit/auditor.js';
import { noAudits, type Audits } from '../audit/audits.js';
import { createFiles, type Prepared, type RunConfig } from '@quorate/host';
import type { Parts } from './parts.js';
import type { Setting } from './setting.js';
import { awaitPart, callPart, checkDataset, checkWorkers, partNames } from './part-checks.js';
import { claimFolder, type Claim } from '../folder/claim.js';
import type { OpenRunRequest, RunFile } from './records.js';
import { backendsOf } from './backends.js';
import { Run } from './run.js';

/** Opens a run: composes its parts, loads the data, and finds where it was. Nothing is asked before `steps`. */
export async function openRun(request: OpenRunRequest): Promise<Run> {
  const claim = claimFolder(request);
  try {
    return await openClaimed(request, claim);
  } catch (thrown) {
    claim.giveUp();
    throw thrown;
  }
}

async function openClaimed(request: OpenRunRequest, { earlier, lock }: Claim): Promise<Run> {
  const { prepared, cwd } = request;
  const { config } = prepared;
  const opened = await openParts(request);
  const { composition, parts, setting, data } = opened;
  try {
    const who = setting.names.get('workerSimulator') ?? 'workerSimulator';
    const workers = callPart(`worker ids of the ${who}`, () => parts.workers.workerIds);
    checkWorkers(workers, who);
    const size = { items: setting.dataset.taskIds.length, workers: workers.length };
    if (workers.length > 0)
      callPart(`check of the ${setting.names.get('sampler') ?? 'sampler'}`, () => parts.sampler.check?.(size));
    const runFile: RunFile = {
      format: 1,
      api: API_VERSION,
      // Resumed with a backend by name the run is still the one that was started.
      config: earlier?.config ?? config.resolved,
      configFile: prepared.file === null ? null : relative(cwd, prepared.file),
      plugins: prepared.plugins.map(({ plugin, version }) => ({ name: plugin.name, version })),
      data,
      backends: backendsOf(request, composition, earlier),
    };
    return new Run(request, composition, parts, setting, runFile, lock);
  } catch (thrown) {
    // What went wrong first is what to report.
    await composition.dispose().catch(() => undefined);
    throw thrown;
  }
}

export interface PartsRequest extends Pick<OpenRunRequest, 'prepared' | 'cwd' | 'env' | 'onNote' | 'onPhase'> {
  /** Who answers audits; without it the simulator that the rule names. */
  readonly expert?: WorkerSimulator;
}

/** The parts of a run over its data, before anything is asked: whoever opened them disposes of the composition. */
export interface OpenedParts {
  readonly composition: Composition;
  readonly parts: Parts;
  readonly setting: Setting;
  readonly data: RunFile['data'];
}

/** Composes the parts of a run and loads its data. A campaign drives them with answers from outside, a `Run` in a loop. */
export async function openParts(request: PartsRequest): Promise<OpenedParts> {
  const { prepared, cwd, onNote = () => undefined } = request;
  const { config, registry } = prepared;
  const rng = makeRng(config.seed);
  const choices = config.earlyStop ? withEarlyStop(config.choices) : config.choices;
  const composition = compose({ registry, choices, rng });
  try {
    composition.provide(T.Files, createFiles({ cwd, baseDir: prepared.baseDir, env: request.env, onNote }));
    for (const kind of roots) composition.check(kind);
    const loaded = await load(composition, config, registry);
    const names = partNames(choices, registry);
    checkDataset(loaded, `data of the ${names.get('datasetSource') ?? 'datasetSource'}`);
    composition.provide(T.Dataset, loaded.dataset);
    composition.provide(TruthToken, loaded.truth);
    const chosen = await buildParts(composition, choices);
    const items = loaded.dataset.taskIds.length;
    for (const rule of chosen.stoppingRules) {
      callPart(`check of the rule ${names.get('stoppingRule') ?? 'stop'}`, () => rule.check?.({ items }));
    }
    const setting: Setting = {
      dataset: loaded.dataset,
      truth: loaded.truth,
      names,
      riskThreshold: config.riskThreshold,
      budget: config.budget ?? Infinity,
      rng,
      onPhase: request.onPhase ?? (() => undefined),
    };
    const audits = await buildAudits(composition, chosen.stoppingRules, setting, prepared, request.expert);
    const data = { hash: loaded.hash, description: loaded.description };
    return { composition, parts: { ...chosen, audits }, setting, data };
  } catch (thrown) {
    // What went wrong first is what to report.
    await composition.dispose().catch(() => undefined);
    throw thrown;
  }
}

const roots: readonly Kind[] = ['datasetSource', 'workerSimulator', 'optimizer', 'sampler'];

function withEarlyStop(choices: RunConfig['choices']): RunConfig['choices'] {
  const rules = choices.stoppingRule ?? [];
  if (rules.some((rule) => rule.use === 'early_stop')) return choices;
  return { ...choices, stoppingRule: [...rules, { use: 'early_stop', options: {} }] };
}

async function load(composition: Composition, config: RunConfig, registry: Registry): Promise<LoadedDataset> {
  const needs = ({ component, options }: ReturnType<Composition['reach']>[number]): readonly string[] =>
    callPart(`needs of ${component.kind} "${component.name}"`, () => component.needs?.(options) ?? []);
  const reached = composition.reach(kinds.filter((kind) => roots.includes(kind) || config.choices[kind] !== undefined));
  const neededBy = (what: 'features' | 'truth'): readonly string[] =>
    reached
      .filter((part) => needs(part).includes(what))
      .map(({ component }) => `${sectionOf[component.kind]} "${component.name}"`);
  const source = await composition.get('datasetSource');
  const request = {
    classes: config.classes,
    featuresNeeded: neededBy('features').length > 0,
    neededBy: neededBy('features'),
    truthNeeded: neededBy('truth').length > 0,
  };
  const who = partNames(config.choices, registry).get('datasetSource') ?? 'datasetSource';
  return awaitPart(who, () => source.load(request, makeRng(config.seed).fork('dataset').fork('load')));
}

async function buildParts(composition: Composition, choices: RunConfig['choices']): Promise<Omit<Parts, 'audits'>> {
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

/** The expert is a worker simulator that remembers nothing, so that answers can be read from the log instead. */
async function buildAudits(
  composition: Composition,
  rules: readonly StoppingRule[],
  setting: Setting,
  { config: { seed }, registry }: Prepared,
  given: WorkerSimulator | undefined,
): Promise<Audits> {
  const auditing = rules.find((rule) => rule.auditing)?.auditing;
  if (!auditing) return noAudits;
  const known = registry.component('workerSimulator', auditing.expert) !== undefined;
  const expert = given ?? (known ? await composition.get('workerSimulator', auditing.expert) : undefined);
  if (!expert || expert.snapshot) {
    throw new QuorateError('CONFIG_INVALID', {
      where: 'stop.expert',
      expected: 'a worker simulator that remembers nothing from one answer to the next',
      got: `"${auditing.expert}"`,
      fix: 'Use stop.expert=perfect.',
    });
  }
  return new Auditor(auditing, expert, setting, (task) => makeRng(seed).fork('expert').fork(task));
}
