import {
  AnnotationIndex,
  makeRng,
  type ClassLabel,
  type Dataset,
  type Files,
  type LearnerOutput,
  type Rng,
  type WorkerConfusions,
  type WorkerKnowledge,
} from '@quorate/core';
import { bayesRisk, normalizeRows } from '@quorate/core/numbers';
import type { Truth } from '@quorate/core/truth';
import fc from 'fast-check';
import type { PartSetup } from './setup.js';
import { within } from './watchdog.js';

/** What a world is made from: plain, so that a counterexample can be read and shrunk. */
export interface WorldPlan {
  readonly items: number;
  readonly workers: number;
  readonly classes: number;
  /** D, and prototypes of each class. */
  readonly columns: number;
  readonly prototypesPerClass: number;
  /** [item, worker, label] by arrival. */
  readonly answers: readonly (readonly [number, number, number])[];
  /** Positions in `answers` that are taken back at the end. */
  readonly retracted: readonly number[];
  /** [favoured class, level of belief in it] of each item. */
  readonly beliefs: readonly (readonly [number, number])[];
  readonly riskThreshold: number;
  /** What is left to chance: features, truth, confusion matrices. */
  readonly seed: number;
  readonly classNames: readonly ClassLabel[] | null;
}

/** Probability of the favoured class, from none to certainty; 0.9 is at the most usual threshold. */
const LEVELS = [0, 0.4, 0.7, 0.9, 0.97, 1];

/** A small annotation project that fits together. Every method that returns something mutable returns a fresh one. */
export class World {
  constructor(readonly plan: WorldPlan) {}

  toString(): string {
    return fc.stringify(this.plan);
  }
  [fc.toStringMethod](): string {
    return this.toString();
  }

  /** The first `upTo` answers; retractions only once all are in. */
  annotations(upTo = this.plan.answers.length): AnnotationIndex {
    const { items, workers, classes, answers } = this.plan;
    const index = new AnnotationIndex(items, workers, classes);
    for (const [i, j, z] of answers.slice(0, upTo)) index.append(i, j, z);
    if (upTo >= answers.length) this.retractFrom(index);
    return index;
  }

  /** Takes back what the plan takes back, of an index that holds all answers at their positions. */
  retractFrom(index: AnnotationIndex): void {
    for (const a of this.plan.retracted) {
      const [i, j] = this.plan.answers[a]!;
      // A part that wrote to the lists may have made a circle of them.
      within(1000, () => index.remove(a));
      index.appendSilent(i, j);
    }
  }

  /** N×K, rows sum to 1. */
  posterior(): Float64Array {
    const { items, classes: K, beliefs } = this.plan;
    const posterior = new Float64Array(items * K);
    for (let i = 0; i < items; i++) {
      const [favoured, level] = beliefs[i % Math.max(1, beliefs.length)] ?? [0, 0];
      const p = LEVELS[level % LEVELS.length]!;
      for (let k = 0; k < K; k++) posterior[i * K + k] = (1 - p) / K;
      posterior[i * K + (favoured % K)]! += p;
    }
    return posterior;
  }

  risk(posterior: Float64Array = this.posterior()): Float64Array {
    const risk = new Float64Array(this.plan.items);
    bayesRisk(posterior, this.plan.classes, risk);
    return risk;
  }

  /** Another truth of the same data for another `salt`. */
  truth(salt = 0): Truth {
    const rng = this.#chance(`truth/${salt}`);
    return { classOf: Int32Array.from({ length: this.plan.items }, () => rng.int(this.plan.classes)) };
  }

  dataset(): Dataset {
    const { items: N, classes: K, columns: D, prototypesPerClass } = this.plan;
    const truth = this.truth().classOf;
    const classOf = Int32Array.from({ length: K * prototypesPerClass }, (_, p) => Math.floor(p / prototypesPerClass));
    const rng = this.#chance('features');
    const data = new Float32Array((N + classOf.length) * D);
    for (let x = 0; x < data.length; x++) {
      const row = Math.floor(x / D);
      const k = row < N ? truth[row]! : classOf[row - N]!;
      data[x] = (x % D === k % D ? 1 + k : 0) + rng.normal();
    }
    return {
      taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
      classes: this.plan.classNames?.slice(0, K) ?? Array.from({ length: K }, (_, k) => `c${k}`),
      features: { data, columns: D },
      prototypes: { ids: Array.from(classOf, (_, p) => `p${p}`), classOf },
    };
  }

  /** What a learner might say of the items. */
  learnerOutput(): LearnerOutput {
    const { items, classes: K } = this.plan;
    const rng = this.#chance('learner');
    const rows = Float64Array.from({ length: items * K }, () => 0.05 + rng.uniform());
    normalizeRows(rows, K);
    return { probability: Float32Array.from(rows), includesOwnAnswers: this.plan.seed % 2 === 0 };
  }

  /** May the worker be asked about the item? Everybody about everything in half of the worlds. */
  may(worker: number, item: number): boolean {
    if (this.plan.seed % 2 === 0) return true;
    return (Math.imul(this.plan.seed + 31 * worker + 7 * item + worker * item, 0x9e3779b1) >>> 0) % 8 > 1;
  }

  /** What P_j(z | k) might be, bounded away from 0, laid out as the contract says. */
  confusions(): WorkerConfusions {
    const { workers, classes: K } = this.plan;
    const probability = new Float64Array(workers * K * K);
    for (let j = 0; j < workers; j++) {
      const matrix = this.confusion(j);
      for (let k = 0; k < K; k++) for (let z = 0; z < K; z++) probability[(j * K + z) * K + k] = matrix[k * K + z]!;
    }
    return { workers, classes: K, probability };
  }

  /** Worker j's K×K `[true][observed]`. */
  confusion(worker: number): Float64Array {
    const { classes: K } = this.plan;
    const rng = this.#chance(`worker/${worker}`);
    const skill = rng.uniform() * 3;
    const matrix = Float64Array.from(
      { length: K * K },
      (_, x) => 0.2 + rng.uniform() + (x % (K + 1) === 0 ? skill : 0),
    );
    normalizeRows(matrix, K);
    return matrix;
  }

  knowledge(): WorkerKnowledge {
    const { classes: K } = this.plan;
    const rng = this.#chance('counts');
    const counts = Float64Array.from({ length: K * K }, (_, x) => 1 + rng.int(4) + (x % (K + 1) === 0 ? 20 : 0));
    return { pooledCounts: counts, confusion: (worker) => this.confusion(worker) };
  }

  setup(overrides: Partial<PartSetup> = {}): PartSetup {
    return {
      dataset: this.dataset(),
      truth: this.truth(),
      knowledge: this.knowledge(),
      rng: makeRng(this.plan.seed),
      files: noFiles,
      ...overrides,
    };
  }

  #chance(label: string): Rng {
    return makeRng(`testkit/${this.plan.seed}/${label}`);
  }
}

/** A project without files: nothing can be located. */
export const noFiles: Files = {
  resolve: (path) => path,
  locate: () => undefined,
  cacheDir: 'no-cache',
  note: () => undefined,
};

export interface WorldShape {
  readonly maxItems?: number;
  readonly maxWorkers?: number;
  /** K is in minClasses..maxClasses. */
  readonly minClasses?: number;
  readonly maxClasses?: number;
  readonly maxAnnotations?: number;
  /** May a worker answer about one item twice? */
  readonly repeats?: boolean;
  readonly retractions?: boolean;
  /** Names of the classes; fixes K. */
  readonly classNames?: readonly ClassLabel[];
}

/** Random small projects. They shrink to fewer answers, items, workers and classes. */
export function anyWorld(shape: WorldShape = {}): fc.Arbitrary<World> {
  const { maxItems = 8, maxWorkers = 5, maxAnnotations = 30, repeats = true, retractions = true } = shape;
  const classNames = shape.classNames ?? null;
  const minClasses = classNames?.length ?? shape.minClasses ?? 2;
  const maxClasses = classNames?.length ?? Math.max(minClasses, shape.maxClasses ?? 4);
  return fc
    .record({
      items: fc.integer({ min: 1, max: maxItems }),
      workers: fc.integer({ min: 1, max: maxWorkers }),
      classes: fc.integer({ min: minClasses, max: maxClasses }),
      columns: fc.integer({ min: 1, max: 3 }),
      prototypesPerClass: fc.integer({ min: 1, max: 3 }),
      answers: fc.array(fc.tuple(fc.nat(maxItems), fc.nat(maxWorkers), fc.nat(maxClasses)), {
        maxLength: maxAnnotations,
      }),
      retracted: retractions ? fc.array(fc.nat(maxAnnotations), { maxLength: 3 }) : fc.constant([]),
      beliefs: fc.array(fc.tuple(fc.nat(maxClasses), fc.nat(LEVELS.length - 1)), {
        minLength: maxItems,
        maxLength: maxItems,
      }),
      riskThreshold: fc.constantFrom(0.1, 0.02, 0.35),
      seed: fc.nat(9999),
      classNames: fc.constant(classNames),
    })
    .map((raw) => new World(fitted(raw, repeats)));
}

function fitted(raw: WorldPlan, repeats: boolean): WorldPlan {
  const seen = new Set<string>();
  const answers: [number, number, number][] = [];
  for (const [a, b, c] of raw.answers) {
    const answer: [number, number, number] = [a % raw.items, b % raw.workers, c % raw.classes];
    const pair = `${answer[0]}/${answer[1]}`;
    if (repeats || !seen.has(pair)) answers.push(answer);
    seen.add(pair);
  }
  const retracted = answers.length > 0 ? [...new Set(raw.retracted.map((x) => x % answers.length))] : [];
  return { ...raw, answers, retracted, beliefs: raw.beliefs.slice(0, raw.items) };
}
