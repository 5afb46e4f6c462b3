import {
  QuorateError,
  type Activation,
  type Calibrator,
  type Dataset,
  type Features,
  type Files,
  type Learner,
  type LearnerBackend,
  type LearnerOutput,
  type LearnRequest,
  type MixMatch,
  type MlpParams,
  type Rng,
  type Snapshot,
  type TrainingSetSelector,
} from '@quorate/core';
import { countClasses, gatherExamples, pick, type Examples } from './examples.js';
import type { GivenNetwork } from './given-network.js';
import { foldExamples } from './folds.js';
import { MixedMinibatches } from './mixmatch.js';
import { predictProbabilities, restoreModel, snapshotModel, type Member, type Model } from './model.js';
import { drawBalanced, initialParams } from './network.js';
import type { NetworkOptions } from './options.js';
import { splitExamples, usualMinimum, type Split } from './split.js';
import { fitValidated, gainOverChance, type ValidatedFitRequest } from './validated-fit.js';

/** Standard errors by which a model must be better than chance. The best of many looks at noise comes to 1 or 2. */
const LEAST_GAIN = 2;

export interface HiddenLayer {
  readonly units: number;
  readonly activation: Activation;
}

export interface NeuralLearnerParts {
  readonly selector: TrainingSetSelector;
  readonly calibrator: Calibrator;
  readonly backend: LearnerBackend;
  readonly dataset: Dataset;
  readonly features: Features;
  readonly files: Files;
}

/**
 * A small network on fixed features, trained afresh at every step [Liao21]: choose examples, divide them for validation,
 * fit, keep the weights that validate best, calibrate them on the validation rows, predict every item.
 *
 * With scope `global` the model with the lowest validation loss of all steps speaks, with `local` that of this step. A
 * step without a usable model (nothing to train on or to validate with, a loss that is not a number, or no better than
 * chance on the validation examples) leaves the word to the last good one; before there is one, all classes are equally
 * probable.
 *
 * State: the model that speaks. Its probabilities are computed again after `restore`, to the same bytes.
 */
export class NeuralLearner implements Learner {
  readonly #options: NetworkOptions;
  readonly #form: readonly HiddenLayer[] | GivenNetwork;
  readonly #parts: NeuralLearnerParts;
  readonly #rows: Int32Array;
  #model: Model | null = null;
  /** What `#model` says; null when it has not been computed. */
  #output: LearnerOutput | null = null;

  /** @param form Hidden layers, or a network as a graph. */
  constructor(options: NetworkOptions, form: readonly HiddenLayer[] | GivenNetwork, parts: NeuralLearnerParts) {
    this.#options = options;
    this.#form = form;
    this.#parts = parts;
    this.#rows = Int32Array.from({ length: parts.dataset.taskIds.length }, (_, i) => i);
  }

  async fitPredict(request: LearnRequest, rng: Rng): Promise<LearnerOutput> {
    const model = await this.#fit(request, rng);
    const isBetter = this.#options.scope === 'local' || this.#model === null || model.loss < this.#model.loss;
    if (model.members.length > 0 && isBetter) {
      this.#model = model;
      this.#output = null;
    }
    return this.lastOutput();
  }

  async lastOutput(): Promise<LearnerOutput> {
    this.#output ??= await this.#speak();
    return this.#output;
  }

  /** The model of this step; without members where nothing usable came of it. */
  async #fit(request: LearnRequest, rng: Rng): Promise<Model> {
    const examples = gatherExamples(this.#parts.selector.select(request), this.#parts.dataset);
    const members: Member[] = [];
    let total = 0;
    for (const split of this.#splits(examples, rng)) {
      const fitted = await this.#fitSplit(examples, split, rng);
      if (!fitted) continue;
      members.push(fitted.member);
      total += fitted.loss;
    }
    return { loss: total / members.length, members };
  }

  #splits(examples: Examples, rng: Rng): readonly Split[] {
    const { validation, folds, outOfFold, minValidationPerClass } = this.#options;
    if (validation === 'folds') return foldExamples(examples, folds, outOfFold, rng);
    const minimum = minValidationPerClass ?? usualMinimum(this.#parts.dataset);
    return [splitExamples(examples, { validation, minimum }, rng)];
  }

  async #fitSplit(
    examples: Examples,
    { train, validation }: Split,
    rng: Rng,
  ): Promise<{ member: Member; loss: number } | null> {
    const { steps, learningRatePerRoot, weightDecay, validateEvery } = this.#options;
    const { backend, features, files } = this.#parts;
    if (train.length === 0 || validation.length === 0) {
      files.note(
        'The learner has too few examples to train on and to validate with in some steps, and says nothing new in them; more prototypes help.',
      );
      return null;
    }
    const batchSize = Math.min(this.#options.batchSize, train.length);
    const matrix = { features: features.data, columns: features.columns };
    const held = pick(examples, validation);
    const { layers, start } = this.#start(examples.classes, rng);
    const batches = drawBalanced(examples, train, batchSize * steps, rng);
    const { best, loss, diverged } = await fitValidated(backend, {
      spec: { layers, learningRate: learningRatePerRoot * Math.sqrt(batchSize), weightDecay },
      validation: { ...matrix, ...held },
      start,
      validateEvery,
      ...(examples.mixMatch
        ? await this.#mixed(examples, examples.mixMatch, train, start, { batches, batchSize }, rng)
        : { training: { ...matrix, ...pick(examples, train) }, batches, batchSize }),
    });
    if (diverged) {
      files.note(
        'The learner diverged in some steps (its loss was not a number); the last good model was kept. Scale the features, or lower learner.learningRatePerRoot.',
      );
    }
    if (!best) return null;
    if (gainOverChance(best.heldOut) < LEAST_GAIN) {
      files.note(
        'In some steps the learner was no better than chance on its validation examples: it left the labels to the workers.',
      );
      return null;
    }
    const counts = countClasses(examples, train);
    const unseen = Int32Array.from(counts.keys()).filter((k) => counts[k] === 0);
    return { member: { ...best, heldOutRows: held.rows, trainedOn: train.length, unseen }, loss };
  }

  /** Sizes and first weights of a fit. */
  #start(classes: number, rng: Rng): { readonly layers: readonly number[]; readonly start: MlpParams } {
    const { columns } = this.#parts.features;
    if (!isLayers(this.#form)) return { layers: [columns, classes], start: this.#form.start };
    const layers = [columns, ...this.#form.map(({ units }) => units), classes];
    return { layers, start: { ...initialParams(layers, rng), activations: this.#form.map((one) => one.activation) } };
  }

  /** Minibatches of MixMatch in place of those that were drawn: each is made with the weights after the one before. */
  async #mixed(
    examples: Examples,
    mixMatch: MixMatch,
    train: Int32Array,
    start: MlpParams,
    { batches, batchSize }: Pick<ValidatedFitRequest, 'batches' | 'batchSize'>,
    rng: Rng,
  ): Promise<Pick<ValidatedFitRequest, 'training' | 'batches' | 'batchSize' | 'next'>> {
    const { backend, features } = this.#parts;
    const { steps } = this.#options;
    const labelled = batches.map((x) => train[x]!);
    const request = { backend, features, examples, mixMatch, labelled, batchSize, steps, rng: rng.fork('mixmatch') };
    const minibatches = new MixedMinibatches(request);
    const { size } = minibatches;
    return {
      training: await minibatches.next(start),
      batches: Int32Array.from({ length: size * steps }, (_, x) => x % size),
      batchSize: size,
      next: (params) => minibatches.next(params),
    };
  }

  async #speak(): Promise<LearnerOutput> {
    const K = this.#parts.dataset.classes.length;
    const rows = this.#rows;
    if (!this.#model) {
      return { probability: new Float32Array(rows.length * K).fill(1 / K), includesOwnAnswers: false };
    }
    const outOfFold = this.#options.validation === 'folds' && this.#options.outOfFold;
    const probability = await predictProbabilities(this.#model, { ...this.#parts, rows, classes: K, outOfFold });
    // Out of fold too: the rows that a network is not trained on choose its weights and temperature, and if it speaks.
    return { probability, includesOwnAnswers: true };
  }

  snapshot(): Snapshot {
    const graph = isLayers(this.#form) ? {} : { graph: this.#form.hash };
    return { model: this.#model && snapshotModel(this.#model), ...graph };
  }

  restore(state: Snapshot): void {
    const { model, graph } = state as { model: Snapshot; graph?: string };
    if (graph !== (isLayers(this.#form) ? undefined : this.#form.hash)) {
      throw new QuorateError('RUN_FOLDER', {
        where: 'learner.graph',
        expected: 'the network that the run began with',
        got: 'another one',
        fix: 'Put the file back as it was, or start a new run.',
      });
    }
    const form = isLayers(this.#form) ? undefined : this.#form.start.graph;
    this.#model = model === null ? null : restoreModel(model, this.#parts.dataset.classes.length, form);
    this.#output = null;
  }
}

function isLayers(form: readonly HiddenLayer[] | GivenNetwork): form is readonly HiddenLayer[] {
  return Array.isArray(form);
}
