import {
  AnnotationIndex,
  compose,
  defineComponent,
  definePlugin,
  makeRng,
  Registry,
  T,
  type Annotations,
  type Composition,
  type Dataset,
  type LearnerOutput,
  type Rng,
  type WorkerKnowledge,
} from '@quorate/core';
import standard from '@quorate/plugin-standard';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { median, round } from './timing.js';

export interface EmFigures {
  readonly items: number;
  readonly classes: number;
  readonly annotations: number;
  readonly workers: number;
  readonly repetitions: number;
  /** One EM iteration: E step with a learner prior, M step, likelihood. Medians, in milliseconds. */
  readonly iterationMs: number;
  /** The fastest repetition: what the machine does when nothing else runs on it. */
  readonly iterationBestMs: number;
  readonly eStepMs: number;
  readonly mStepMs: number;
  /** E step over all N rows, as it follows a new learner output. */
  readonly eStepAllRowsMs: number;
  /** The most that an iteration may take. */
  readonly targetMs: number;
}

const sizes = [
  { items: 48_100, classes: 37, annotations: 48_100, targetMs: 40 },
  { items: 125_000, classes: 100, annotations: 44_000, targetMs: 100 },
] as const;
const WORKERS = 50;
const REPETITIONS = 15;

/** Times EM at the two sizes of the original program's slowest experiments. */
export async function benchEm(): Promise<readonly EmFigures[]> {
  const figures: EmFigures[] = [];
  for (const size of sizes) figures.push(await measure(size));
  return figures;
}

async function measure({ items, classes, annotations, targetMs }: (typeof sizes)[number]): Promise<EmFigures> {
  const rng = makeRng(1);
  const truth = Int32Array.from({ length: items }, () => rng.int(classes));
  const view = answers(truth, classes, annotations, rng.fork('answers'));
  const run = await parts(items, classes, learnerOutput(truth, classes, rng.fork('learner')));
  const optimizer = await run.get('optimizer');

  // The first step has no learner output yet; those after it have. An iteration lies between two phases.
  const iterations: number[] = [];
  for (let step = 0; step < 4; step++) {
    let began = NaN;
    const onPhase = (): void => {
      const now = performance.now();
      if (step > 0 && began > 0) iterations.push(now - began);
      began = now;
    };
    await optimizer.step(
      { annotations: view, riskThreshold: 0.1, onPhase: (name) => name !== 'learner' && onPhase() },
      rng,
    );
  }

  const aggregator = await run.get('aggregator');
  const model = await run.get('workerModel');
  const { posterior, learner } = await optimizer.step({ annotations: view, riskThreshold: 0.1 }, rng);
  const prior = learner!.probability;
  const workers = model.confusions;
  const eStep = (rows: 'all' | 'annotated') => (): void =>
    aggregator.aggregate({ annotations: view, workers, prior, rows, posterior });
  const figures: EmFigures = {
    items,
    classes,
    annotations,
    workers: WORKERS,
    repetitions: iterations.length,
    iterationMs: round(median(iterations)),
    iterationBestMs: round(Math.min(...iterations)),
    eStepMs: time(eStep('annotated')),
    mStepMs: time(() => model.update(view, posterior, rng)),
    eStepAllRowsMs: time(eStep('all')),
    targetMs,
  };
  await run.dispose();
  return figures;
}

function time(work: () => void): number {
  work();
  const times = Array.from({ length: REPETITIONS }, () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  });
  return round(median(times));
}

/** Answers of workers who are right seven times in ten, to items drawn with replacement. */
function answers(truth: Int32Array, classes: number, count: number, rng: Rng): Annotations {
  const index = new AnnotationIndex(truth.length, WORKERS, classes);
  for (let a = 0; a < count; a++) {
    const item = rng.int(truth.length);
    index.append(item, rng.int(WORKERS), rng.uniform() < 0.7 ? truth[item]! : rng.int(classes));
  }
  return index;
}

/** A learner that gives every true class three times the weight of each other one, with noise. */
function learnerOutput(truth: Int32Array, classes: number, rng: Rng): LearnerOutput {
  const probability = new Float32Array(truth.length * classes);
  for (let i = 0; i < truth.length; i++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += probability[i * classes + k] = rng.uniform() + (k === truth[i] ? 3 : 0);
    for (let k = 0; k < classes; k++) probability[i * classes + k]! /= sum;
  }
  return { probability, includesOwnAnswers: true };
}

async function parts(items: number, classes: number, output: LearnerOutput): Promise<Composition> {
  const constant = defineComponent({
    kind: 'learner',
    name: 'constant',
    summary: 'always says the same',
    options: z.strictObject({}),
    create: () => ({ fitPredict: () => output }),
  });
  const run = compose({
    registry: new Registry([standard, definePlugin({ name: 'bench', apiVersion: '*', components: [constant] })]),
    choices: {
      aggregator: [{ use: 'bayes', options: {} }],
      workerModel: [{ use: 'dirichlet', options: { prior: 'predefined_homegeneous' } }],
      learner: [{ use: 'constant', options: {} }],
      // Nothing changes by less than nothing: every step takes all its iterations.
      optimizer: [{ use: 'em', options: { likelihoodEpsilon: 0 } }],
    },
    rng: makeRng(1),
  });
  const dataset: Dataset = {
    taskIds: Array.from({ length: items }, (_, i) => `t${i}`),
    classes: Array.from({ length: classes }, (_, k) => k),
    features: null,
    prototypes: { ids: [], classOf: new Int32Array(0) },
  };
  const nothing: WorkerKnowledge = { pooledCounts: null, confusion: () => null };
  run.provide(T.Dataset, dataset);
  run.provide(T.WorkerKnowledge, nothing);
  return run;
}
