import { relative } from 'node:path';
import {
  API_VERSION,
  AnnotationIndex,
  QuorateError,
  T,
  compose,
  kinds,
  makeRng,
  sectionOf,
  type Auditing,
  type Composition,
  type Kind,
  type LoadedDataset,
  type Metric,
  type Registry,
  type WorkerSimulator,
} from '@quorate/core';
import { TruthToken } from '@quorate/core/truth';
import { Auditor } from '../audit/auditor.js';
import { noAudits, type Audits } from '../audit/audits.js';
import { answerFiles, createFiles, type Prepared, type RunConfig } from '@quorate/host';
import { Models } from '../models/models.js';
import { Costs } from './costs.js';
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
    return new Run({ request, composition, parts, setting, runFile, lock });
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
    const files = createFiles({ cwd, baseDir: prepared.baseDir, env: request.env, onNote });
    composition.provide(T.Files, files);
    composition.provide(T.AnswerFiles, answerFiles(registry, { cwd, baseDir: prepared.baseDir }));
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
      ...costsOf(config),
      rng,
      onPhase: request.onPhase ?? (() => undefined),
    };
    const models = await buildModels(composition, config, loaded.dataset);
    const audits = await buildAudits(composition, chosen, setting, prepared, request.expert);
    const data = { hash: loaded.hash, description: loaded.description };
    return { composition, parts: { ...chosen, ...models, audits }, setting, data };
  } catch (thrown) {
    // What went wrong first is what to report.
    await composition.dispose().catch(() => undefined);
    throw thrown;
  }
}

/** Nobody counts where nothing has a price. */
function costsOf({ prices, money, models }: RunConfig): Pick<Setting, 'costs'> {
  return prices || money !== null || models.some(({ price }) => price > 0) ? { costs: new Costs(prices, money) } : {};
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
  const models = config.models.map(({ use, parsed }) => ({
    component: registry.component('workerSimulator', use)!.value,
    options: parsed,
  }));
  const neededBy = (what: 'features' | 'truth'): readonly string[] =>
    [...reached, ...models]
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
    ...(await buildCalibration(composition, choices, workers)),
    sampler: await composition.get('sampler'),
    optimizer: await composition.get('optimizer'),
    stoppingRules,
    metrics,
  };
}

/** The models of the run, each a part of its own. */
async function buildModels(
  composition: Composition,
  { models }: RunConfig,
  dataset: LoadedDataset['dataset'],
): Promise<Pick<Parts, 'models'>> {
  if (models.length === 0) return {};
  const parts = [];
  for (const [i, { price, family, ...choice }] of models.entries()) {
    const simulator = await composition.extra('workerSimulator', choice, `models.${i}`);
    const name = `models.${i} "${choice.use}"`;
    const ids = callPart(`worker ids of ${name}`, () => simulator.workerIds);
    checkWorkers(ids, name);
    parts.push({ simulator, name, price, family: family ?? `models.${i}` });
  }
  return { models: new Models(dataset, parts) };
}

/** Asks about prototypes where the calibration wants it. Throws CONFIG_INVALID where these workers cannot be asked about them. */
async function buildCalibration(
  composition: Composition,
  choices: RunConfig['choices'],
  workers: WorkerSimulator,
): Promise<Pick<Parts, 'calibration' | 'prototypeAnswers'>> {
  if (!choices.calibration) return { calibration: null, prototypeAnswers: null };
  const calibration = await composition.get('calibration');
  const each = calibration.answersPerPrototype;
  if (each === 0) return { calibration, prototypeAnswers: null };
  if (workers.askPrototypes) return { calibration, prototypeAnswers: workers.askPrototypes(each) };
  throw new QuorateError('CONFIG_INVALID', {
    where: 'honesty.askPrototypes',
    expected: 'workers who can be asked about prototypes',
    got: `workers.use=${choices.workerSimulator?.[0]?.use ?? 'none'}, who answer about tasks alone`,
    fix: 'Leave it out, or use recorded answers (workers.use=recorded).',
  });
}

/** The expert is a worker simulator that remembers nothing, so that answers can be read from the log instead. */
async function buildAudits(
  composition: Composition,
  { stoppingRules, calibration }: Omit<Parts, 'audits'>,
  setting: Setting,
  { config: { seed }, registry }: Prepared,
  given: WorkerSimulator | undefined,
): Promise<Audits> {
  const auditing = stoppingRules.find((rule) => rule.auditing)?.auditing;
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
  checkExpert(expert, auditing, setting);
  return new Auditor(auditing, expert, setting, {
    calibrated: calibration?.calibrates ?? false,
    expertRng: (task) => makeRng(seed).fork('expert').fork(task),
  });
}

/** Throws CONFIG_INVALID where the expert knows too few items for what is to be audited. */
function checkExpert(expert: WorkerSimulator, auditing: Auditing, { dataset: { taskIds, classes } }: Setting): void {
  if (!expert.may) return;
  const nothing = new AnnotationIndex(taskIds.length, 1, classes.length);
  let known = 0;
  for (let i = 0; i < taskIds.length; i++) if (expert.may(0, i, nothing)) known++;
  if (known === taskIds.length || (auditing.certifies === false && known > 0)) return;
  throw new QuorateError('CONFIG_INVALID', {
    where: 'stop',
    expected:
      auditing.certifies === false
        ? 'a task that the expert knows'
        : 'an expert who knows every task: a certificate is about all of them',
    got: `${known} of ${taskIds.length} tasks with a known class`,
    fix:
      auditing.certifies === false
        ? 'Give gold, or leave out the audits.'
        : 'Give gold of all tasks, or use stop.use=audits.',
  });
}
