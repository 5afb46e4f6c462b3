import { bayesRisk } from '@quorate/core/numbers';
import {
  AnnotationIndex,
  defineComponent,
  T,
  type Aggregator,
  type Annotations,
  type Beliefs,
  type Dataset,
  type KnownClasses,
  type Learner,
  type LearnerOutput,
  type Optimizer,
  type OptimizeRequest,
  type Rng,
  type Snapshot,
  type WorkerKnowledge,
  type WorkerModel,
} from '@quorate/core';
import { z } from 'zod';
import { KnownWorkers } from './known-workers.js';
import { annotationLogLikelihood, explain } from './likelihood.js';

const options = z.strictObject({
  criterion: z
    .enum(['soft', 'hard'])
    .default('soft')
    .describe(
      'EM ends when this stays as it is: the mean likelihood of an answer (soft), or the label of every task (hard)',
    ),
  maxEmSteps: z.int().min(1).default(10).describe('most EM iterations of one step'),
  likelihoodEpsilon: z.number().min(0).default(1e-3).describe('soft: a smaller change of the mean likelihood is none'),
  refitWorkers: z
    .boolean()
    .default(false)
    .describe('count the workers once more with what the learner says now, and the labels with that'),
  known: z.boolean().default(false).describe('take the true confusion matrices of the workers (an oracle) and skip EM'),
});
export type EmOptions = z.output<typeof options>;

/** The parts of the run that EM turns on. */
export interface EmParts {
  readonly aggregator: Aggregator;
  readonly workerModel: WorkerModel;
  readonly learner: Learner;
  readonly dataset: Dataset;
}

/**
 * One step of the published program [Liao21]: EM between labels and workers, started afresh from the prior, with what
 * the learner said in the step before; then the learner; then the labels once more with what it says now.
 *
 *     until converged:  y = E(P, q_before);  P = M(y)
 *     y = E(P, q_before);  q = learner(y);  y = E(P, q)
 *     and with `refitWorkers`:  P = M(y);  y = E(P, q)
 *
 * Items whose class is known have y_i = 1 at that class in every line, so that their answers count in full for the workers,
 * and EM starts from what these alone say of them: a crowd that agrees on what is wrong would otherwise win.
 *
 * Where models answer too, q is what the learner says joined with what they say.
 *
 * With `likelihoodEpsilon: 0` every step takes `maxEmSteps` iterations. Without annotations, or with known workers, the
 * first line is skipped and nothing else: the learner is still fitted to y = E(P, q_before).
 */
export class ExpectationMaximization implements Optimizer {
  readonly #options: EmOptions;
  readonly #parts: EmParts;
  readonly #posterior: Float64Array;
  readonly #risk: Float64Array;
  /** Most probable class of every annotated item in the last EM iteration. */
  readonly #labels: Int32Array;
  #learned: LearnerOutput | null = null;
  /** After `restore`: the learner has to say once more what it said in the step before. */
  #mustAskAgain = false;
  /** What was learned is joined with what models say: the learner alone cannot say it again. */
  #joins = false;
  /** The prior that rows of items without annotations were computed with; undefined when they are not computed yet. */
  #priorOfRows: Float32Array | null | undefined;
  #riskOfAllIsStale = true;
  #known: KnownClasses | undefined;

  constructor(options: EmOptions, parts: EmParts) {
    this.#options = options;
    this.#parts = parts;
    const N = parts.dataset.taskIds.length;
    this.#posterior = new Float64Array(N * parts.dataset.classes.length);
    this.#risk = new Float64Array(N);
    this.#labels = new Int32Array(N);
  }

  async step({ annotations, riskThreshold, known, onPhase, models }: OptimizeRequest, rng: Rng): Promise<Beliefs> {
    this.#known = known;
    const { workerModel, learner, dataset } = this.#parts;
    workerModel.reset(annotations.workers);
    this.#joins = models !== undefined;
    if (this.#mustAskAgain) this.#learned = (await learner.lastOutput?.()) ?? null;
    this.#mustAskAgain = false;
    const runsEm = !this.#options.known && annotations.live > 0;
    const before = this.#learned?.probability ?? null;
    const em = runsEm
      ? this.#iterate(annotations, before, rng.fork('ties'), onPhase)
      : { iterations: 0, converged: true };
    this.#infer(annotations, before);
    this.#assess(annotations);

    onPhase?.('learner');
    const request = {
      dataset,
      annotations,
      posterior: this.#posterior,
      risk: this.#risk,
      riskThreshold,
      annotationLogLikelihood: (item: number, out: Float64Array) =>
        annotationLogLikelihood(annotations, workerModel.confusions, item, out),
      ...(models ? { voices: models.voices } : {}),
    };
    const learned = await learner.fitPredict(request, rng.fork('learner'));
    this.#learned = models ? models.join(request, learned) : learned;
    const after = this.#learned?.probability ?? null;
    const refits = runsEm && this.#options.refitWorkers;
    if (refits) {
      this.#infer(annotations, after);
      workerModel.update(annotations, this.#posterior, rng.fork('ties'));
    }
    if (refits || after !== before) {
      this.#infer(annotations, after);
      this.#assess(annotations);
    }
    return {
      posterior: this.#posterior,
      risk: this.#risk,
      workers: workerModel.confusions,
      learner: this.#learned,
      ...em,
    };
  }

  /** EM from the prior of the workers; leaves `workerModel` at the last M step. */
  #iterate(
    annotations: Annotations,
    prior: Float32Array | null,
    ties: Rng,
    onPhase: OptimizeRequest['onPhase'],
  ): { iterations: number; converged: boolean } {
    const { criterion, maxEmSteps, likelihoodEpsilon } = this.#options;
    const { workerModel } = this.#parts;
    const gold = this.#known && answersTo(annotations, this.#known);
    if (gold && gold.live > 0) {
      this.#infer(annotations, prior);
      workerModel.update(gold, this.#posterior, ties);
    }
    let previous = 0;
    for (let iteration = 0; iteration < maxEmSteps; iteration++) {
      onPhase?.(`EM iteration ${iteration + 1}`);
      this.#infer(annotations, prior);
      workerModel.update(annotations, this.#posterior, ties);
      const { likelihood, changed } = explain(annotations, workerModel.confusions, this.#posterior, this.#labels);
      const settled = criterion === 'hard' ? changed === 0 : Math.abs(likelihood - previous) < likelihoodEpsilon;
      if (iteration > 0 && settled) return { iterations: iteration + 1, converged: true };
      previous = likelihood;
    }
    return { iterations: maxEmSteps, converged: false };
  }

  /** The E step. Rows of items without annotations do not depend on workers: they are computed once for a prior. */
  #infer(annotations: Annotations, prior: Float32Array | null): void {
    const { aggregator, workerModel } = this.#parts;
    const rows = prior === this.#priorOfRows ? 'annotated' : 'all';
    aggregator.aggregate({ annotations, workers: workerModel.confusions, prior, rows, posterior: this.#posterior });
    if (rows === 'all') this.#riskOfAllIsStale = true;
    this.#priorOfRows = prior;
    const K = annotations.classes;
    this.#known?.item.forEach((item, g) => {
      this.#posterior.fill(0, item * K, (item + 1) * K);
      this.#posterior[item * K + this.#known!.label[g]!] = 1;
    });
  }

  /** Brings the risk up to date with the posterior. */
  #assess({ annotated, annotatedCount, classes: K }: Annotations): void {
    const posterior = this.#posterior;
    const risk = this.#risk;
    if (this.#riskOfAllIsStale) bayesRisk(posterior, K, risk);
    else {
      for (let n = 0; n < annotatedCount; n++) {
        const item = annotated[n]!;
        let max = 0;
        for (let x = item * K; x < (item + 1) * K; x++) if (posterior[x]! > max) max = posterior[x]!;
        risk[item] = 1 - max;
      }
    }
    this.#riskOfAllIsStale = false;
  }

  /** The output of a learner that can say it again is left out: N×K numbers at every step. */
  snapshot(): Snapshot {
    const learned = this.#learned;
    if (this.#mustAskAgain || (learned && !this.#joins && this.#parts.learner.lastOutput))
      return { learned: 'lastOutput' };
    return {
      learned: learned && {
        probability: learned.probability.slice(),
        includesOwnAnswers: learned.includesOwnAnswers,
      },
    };
  }

  restore(state: Snapshot): void {
    const { learned } = state as { learned: LearnerOutput | 'lastOutput' | null };
    this.#mustAskAgain = learned === 'lastOutput';
    this.#learned =
      learned === null || learned === 'lastOutput' ? null : { ...learned, probability: learned.probability.slice() };
    this.#priorOfRows = undefined;
  }
}

/** The answers to these items alone. */
function answersTo(all: Annotations, { item: items }: KnownClasses): Annotations {
  const some = new AnnotationIndex(all.items, all.workers, all.classes);
  for (const i of items) {
    for (let a = all.firstOfItem[i]!; a >= 0; a = all.nextOfItem[a]!) some.append(i, all.worker[a]!, all.label[a]!);
  }
  return some;
}

export default defineComponent({
  kind: 'optimizer',
  name: 'em',
  summary: 'EM between labels and workers, with the learner of the run in turn',
  options,
  inject: [T.Aggregator, T.WorkerModel, T.Learner, T.WorkerKnowledge, T.Dataset],
  create: (
    options,
    aggregator: Aggregator,
    workerModel: WorkerModel,
    learner: Learner,
    knowledge: WorkerKnowledge,
    dataset: Dataset,
  ) =>
    new ExpectationMaximization(options, {
      aggregator,
      workerModel: options.known ? new KnownWorkers(knowledge, dataset.classes.length) : workerModel,
      learner,
      dataset,
    }),
});
