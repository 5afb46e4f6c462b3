import {
  makeRng,
  type Dataset,
  type Features,
  type Files,
  type Learner,
  type LearnerBackend,
  type LearnerOutput,
  type LearnRequest,
  type Rng,
  type Snapshot,
} from '@quorate/core';
import { AnswerLikelihood } from './answer-likelihood.js';
import { combineViews, rowsOf, softmaxRows, type Fit } from './combined-views.js';
import { Discriminant, type DiscriminantOptions } from './discriminant.js';
import { Evidence } from './evidence.js';
import { prepareSpace, type FeatureSpace } from './feature-space.js';
import { goldOf, type Gold } from './gold.js';
import { temperature } from './view-weights.js';

/** Evidence in nats that is no accident. */
const GUARD = 10;

interface Candidate extends DiscriminantOptions {
  /** Evidence that it has to have over the others, in nats. */
  readonly handicap?: number;
  /** It waits for answers: by the prototypes alone nobody sees that two classes become one. */
  readonly needsAnswers?: boolean;
}

/**
 * What is tried for the discriminant; the evidence chooses. Items that nobody was asked about count fully in the last one:
 * where the classes are clusters this saves much, where they are not it draws some together.
 */
const CANDIDATES: readonly Candidate[] = [
  { shrinkage: 0.1, unlabelled: 0.1 },
  { shrinkage: 0.1, unlabelled: 0 },
  { shrinkage: 0.4, unlabelled: 0.1 },
  { shrinkage: 0.4, unlabelled: 0 },
  { shrinkage: 0.7, unlabelled: 0 },
  { shrinkage: 0.1, unlabelled: 1, handicap: GUARD, needsAnswers: true },
];
/**
 * Tried too where a few loud components hold most of the variance, since shrinkage to its mean drowns all others there. So
 * little of it fits the covariance closely, and counts only where it is worth as much as features have to be at all.
 */
const FOR_LOUD: readonly Candidate[] = [
  { shrinkage: 0.01, unlabelled: 0.1, handicap: GUARD },
  { shrinkage: 0.001, unlabelled: 0.1, handicap: GUARD },
];
/** Median variance of a component, where the mean is 1, below which some are loud. */
const LOUD = 0.1;
/** All candidates run in the first two calls and in every eighth one, else so many that were last ranked first. */
const KEPT = 2;
const ALL_IN_FIRST = 2;
const ALL_EVERY = 8;
/** Iterations between labels and discriminant, and further ones in the first call. */
const ITERATIONS = 2;
const FIRST_ITERATIONS = 6;
/** Rounds of the classes' shares in each iteration, from the last ones. */
const SHARE_ROUNDS = 10;
/**
 * Without prototypes a class is what the answers call it, and few answers may give a class the name of another: until
 * so many items of a class are annotated, on average, each call starts afresh instead of from what was said last.
 */
const SURE_ITEMS = 40;
/** Components with less of the features' variance are worth a warning. */
const LEAST_SHARE = 0.5;

export interface TransductiveOptions {
  /** `auto`: see `componentsFor`. */
  readonly components: number | 'auto';
  readonly neighbours: number;
}

export interface TransductiveParts {
  readonly backend: LearnerBackend;
  readonly dataset: Dataset;
  readonly features: Features;
  readonly files: Pick<Files, 'note'>;
}

/** What is as large as the data and kept for the whole run. */
interface Workspace {
  readonly space: FeatureSpace;
  readonly candidates: readonly Candidate[];
  readonly gold: Gold;
  readonly answers: AnswerLikelihood;
  readonly discriminant: Discriminant;
  /** R of the items, N×K; free for all between two fits. */
  readonly labels: Float32Array;
  /** Weight of the discriminant that was found last in this call, 0 before any. */
  near: number;
  /** ln π of the classes that was found last in this call. */
  logShares: Float64Array;
  /** The candidate in hand, and the best one so far. */
  current: Fit;
  best: Fit;
}

/**
 * Learns from all features at once, labelled or not, in closed form: a discriminant (`Discriminant`) and a vote of the
 * nearest rows (`countVotes`), weighed by how well they predict the answers (`Evidence`).
 *
 * Each call, for every candidate of shrinkage s and weight λ of unlabelled items, from what was said last:
 *
 *     twice:  q_i ∝ p_i E_i;  discriminant of q, with logits l;  π = arg max evidence;  b = arg max evidence;
 *             p = softmax(b l + ln π)
 *
 * and with the candidate of the greatest evidence p = softmax(b_1 l + b_2 F + ln π), b by evidence, mixed with the
 * lapse, (1 - e) p + e/K, and with the shares π' of the classes by the answers alone, t p + (1 - t) π', where the trust t
 * is 1 until 100 prototypes and annotated items are there to judge by (`trustIn`): of features that are noise labels are
 * those of the workers. All logits leave the row's own label out, so item i's own answers reach p_i at most through S and
 * through other items.
 *
 * State: how often it was called, the ranking of the candidates, and what it said last.
 */
export class TransductiveLearner implements Learner {
  readonly #options: TransductiveOptions;
  readonly #parts: TransductiveParts;
  readonly #seed: number;
  #workspace: Workspace | null = null;
  #calls = 0;
  /** Candidates of the last call, the best first. */
  #ranking: readonly number[] = [];
  /** p, N×K; null where it was uniform for want of prototypes and answers. */
  #said: Float32Array | null = null;

  /** @param rng Decides what is random in the preparation of the features. */
  constructor(options: TransductiveOptions, parts: TransductiveParts, rng: Rng) {
    this.#options = options;
    this.#parts = parts;
    this.#seed = rng.int(2 ** 32);
  }

  async fitPredict(request: LearnRequest, rng: Rng): Promise<LearnerOutput> {
    const work = (this.#workspace ??= await this.#prepare());
    const { answers, gold } = work;
    answers.read(request);
    if (answers.count === 0 && gold.classOf.length === 0) this.#said = null;
    else {
      const evidence = new Evidence(answers, gold, rng);
      await this.#chooseCandidate(work, evidence);
      this.#said = combineViews(work, work.best, evidence, work.labels);
    }
    return this.lastOutput();
  }

  async #prepare(): Promise<Workspace> {
    const { backend, dataset, features, files } = this.#parts;
    const [N, K] = [dataset.taskIds.length, dataset.classes.length];
    const rows = N + dataset.prototypes.classOf.length;
    const space = await prepareSpace(backend, features, rows, this.#options, makeRng(this.#seed));
    if (space.share < LEAST_SHARE) {
      files.note(
        `The learner sees ${space.columns} principal components of ${features.columns} features, with ${Math.round(100 * space.share)} % of their variance: what tells the classes apart may be in the rest. Raise learner.components, or compare with method=efficient_annotation, which sees all features.`,
      );
    }
    const gold = goldOf(dataset);
    const fit = (): Fit => ({
      view: new Float32Array(rows * K),
      logShares: new Float64Array(K),
      weighed: { weights: [], evidence: -Infinity },
    });
    return {
      space,
      candidates: hasLoudComponents(space) ? [...CANDIDATES, ...FOR_LOUD] : CANDIDATES,
      gold,
      answers: new AnswerLikelihood(N, K),
      discriminant: new Discriminant(backend, space, gold),
      labels: new Float32Array(N * K),
      near: 0,
      logShares: new Float64Array(K),
      current: fit(),
      best: fit(),
    };
  }

  /** Leaves the candidate of the greatest evidence in `work.best`; the first one wins a tie. */
  async #chooseCandidate(work: Workspace, evidence: Evidence): Promise<void> {
    const { answers, gold, candidates } = work;
    const unsure = gold.classOf.length === 0 && answers.count < SURE_ITEMS * answers.classes;
    const said = unsure ? null : this.#said;
    const first = said === null;
    work.near = 0;
    work.logShares = evidence.evenShares;
    const start = said ?? uniform(answers.place.length, answers.classes);
    this.#calls++;
    const all = this.#calls <= ALL_IN_FIRST || this.#calls % ALL_EVERY === 0;
    const answered = answers.count > 0 && !unsure;
    const wanted = all ? [...candidates.keys()] : this.#ranking.slice(0, KEPT);
    const live = wanted.filter((c) => answered || candidates[c]!.needsAnswers !== true);
    const found: { candidate: number; evidence: number }[] = [];
    for (const candidate of live) {
      await this.#fit(work, evidence, { ...candidates[candidate]!, start, first });
      const reached = work.current.weighed.evidence - (candidates[candidate]!.handicap ?? 0);
      if (found.every((one) => reached > one.evidence)) [work.current, work.best] = [work.best, work.current];
      found.push({ candidate, evidence: reached });
    }
    this.#ranking = found.sort((a, b) => b.evidence - a.evidence).map((one) => one.candidate);
  }

  /** Iterates one candidate from `start`, and leaves what came of it in `work.current`. */
  async #fit(
    work: Workspace,
    evidence: Evidence,
    { start, first, ...candidate }: DiscriminantOptions & { readonly start: Float32Array; readonly first: boolean },
  ): Promise<void> {
    const { answers, discriminant, current, labels } = work;
    const iterations = first ? ITERATIONS + FIRST_ITERATIONS : ITERATIONS;
    for (let iteration = 0; iteration < iterations; iteration++) {
      if (iteration === 0) labels.set(start);
      else softmaxRows(current, labels);
      answers.believe(labels);
      // Nothing is believed yet of the items that nobody was asked about.
      const options = first && iteration === 0 ? { ...candidate, unlabelled: 0 } : candidate;
      await discriminant.fit(labels, answers, options, current.view);
      const rows = rowsOf(current.view, evidence.rows, answers.classes);
      work.logShares = evidence.shares([rows], [work.near], work.logShares, SHARE_ROUNDS);
      current.logShares = work.logShares;
      current.weighed = temperature(evidence, rows, current.logShares, work.near);
      work.near = current.weighed.weights[0]!;
    }
  }

  /** What was said last is also where the next call starts: it need not be kept twice. */
  lastOutput(): Promise<LearnerOutput> {
    const { taskIds, classes } = this.#parts.dataset;
    const probability = this.#said ?? uniform(taskIds.length, classes.length);
    return Promise.resolve({ probability, includesOwnAnswers: false });
  }

  /** No copy of what was said: every call says it in an array of its own. */
  snapshot(): Snapshot {
    return { calls: this.#calls, ranking: [...this.#ranking], said: this.#said };
  }

  restore(state: Snapshot): void {
    const { calls, ranking, said } = state as { calls: number; ranking: number[]; said: Float32Array | null };
    this.#calls = calls;
    this.#ranking = [...ranking];
    this.#said = said;
  }
}

function uniform(items: number, classes: number): Float32Array {
  return new Float32Array(items * classes).fill(1 / classes);
}

function hasLoudComponents({ scatter, columns: D }: FeatureSpace): boolean {
  const variances = Float64Array.from({ length: D }, (_, d) => scatter[d * (D + 1)]!).sort();
  return variances[D >> 1]! < LOUD;
}
