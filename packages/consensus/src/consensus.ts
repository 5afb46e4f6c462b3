import {
  QuorateError,
  T,
  compose,
  isQuorateError,
  makeRng,
  type AggregateRequest,
  type Aggregator,
  type Inferred,
  type Registry,
} from '@quorate/core';
import type { CrowdAnswers } from './crowd-answers.js';

export interface AggregatorChoice {
  readonly registry: Registry;
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly seed: number;
}

/** Builds an aggregator as a run would. Throws PART_MISSING or CONFIG_INVALID. */
export async function openAggregator({ registry, name, options, seed }: AggregatorChoice): Promise<Aggregator> {
  const composition = compose({
    registry,
    choices: { aggregator: [{ use: name, options }] },
    rng: makeRng(seed),
  });
  const none = { ids: [], classOf: new Int32Array(0) };
  composition.provide(T.Dataset, { taskIds: [], classes: [], features: null, prototypes: none });
  const aggregator = await composition.get('aggregator', name);
  if (aggregator.inferred || aggregator.emptyRows) return aggregator;
  throw new QuorateError('CONFIG_INVALID', {
    where: 'aggregator',
    expected: 'one that finds out itself how workers err, or does without',
    got: `"${name}", which must be told`,
    fix: 'Use it in a run (quorate run), or choose another, for instance default.',
  });
}

export interface ConsensusSetting {
  readonly answers: CrowdAnswers;
  readonly aggregator: Aggregator;
  /** True class of task i where it is known, -1 elsewhere, length N or longer; null where none is. */
  readonly gold?: Int32Array | null;
  /** Class probabilities of a model, N×K row-major; null without one. */
  readonly prior?: Float64Array | null;
}

/** Most entries of the posterior: 8 bytes each. */
const MOST_ENTRIES = 500_000_000;

/**
 * Answers, an aggregator, and what it makes of them. `settle` infers from all answers afresh; `absorb` takes in answers
 * that were added since. After `settle` everything is as if all answers had been there from the start.
 *
 * What the aggregators' contract leaves out is done here: with one class only, an answered task has it with certainty;
 * with none (nothing but skips, or no answers) there is no posterior. Gold rows are the gold class, whatever the
 * aggregator does with gold.
 */
export class Consensus {
  readonly answers: CrowdAnswers;
  readonly #aggregator: Aggregator;
  prior: Float64Array | null;
  gold: Int32Array | null;
  #posterior: Float64Array = new Float64Array(0);
  /** K when it was last settled. */
  #classes = 0;
  /** Undefined: not asked for yet. */
  #inferred: Inferred | null | undefined = null;

  constructor({ answers, aggregator, gold, prior }: ConsensusSetting) {
    this.answers = answers;
    this.#aggregator = aggregator;
    this.gold = gold ?? null;
    this.prior = prior ?? null;
  }

  /** P(class | answers), N×K row-major; a view, valid until the next call of `settle` or `absorb`. */
  get posterior(): Float64Array {
    const { items, classes: K } = this.answers.index;
    return this.#posterior.subarray(0, items * K);
  }

  /** What the aggregator found out about the workers; null where it says nothing. */
  get inferred(): Inferred | null {
    // Asked for only when wanted: it is a copy of all matrices, too much to make for every new answer.
    if (this.#inferred === undefined) this.#run(() => (this.#inferred = this.#aggregator.inferred?.() ?? null));
    return this.#inferred ?? null;
  }

  /** Can `absorb` take in what was added since, without settling? Not an aggregator without it, nor a new class. */
  get canAbsorb(): boolean {
    const K = this.answers.index.classes;
    return this.#aggregator.absorb !== undefined && K >= 2 && K === this.#classes;
  }

  settle(): void {
    const { items, classes: K } = this.answers.index;
    checkSize(items, K);
    this.#posterior = new Float64Array(items * K);
    this.#classes = K;
    this.#inferred = K < 2 ? null : undefined;
    if (K < 2) this.#trivial();
    else this.#run(() => this.#aggregator.aggregate(this.#request()));
    for (let i = 0; i < items; i++) this.#fixGold(i);
  }

  /** Takes in answers `first`.. that were added; settles where it cannot. */
  absorb(first: number): void {
    const { items, classes: K, count, item } = this.answers.index;
    if (!this.canAbsorb) return this.settle();
    if (items * K > this.#posterior.length) this.#growPosterior(2 * items);
    this.#inferred = undefined;
    this.#run(() => this.#aggregator.absorb!(this.#request(), first));
    for (let a = first; a < count; a++) this.#fixGold(item[a]!);
  }

  /** Before answers come one by one: makes room for a share more of everything, so that none of them has to wait. */
  makeRoom(share: number): void {
    this.answers.makeRoom(share);
    this.#growPosterior(Math.ceil(this.answers.index.items * (1 + share)) + 1);
  }

  #growPosterior(items: number): void {
    const K = this.#classes;
    checkSize(items, K);
    if (items * K <= this.#posterior.length) return;
    const wide = new Float64Array(items * K);
    wide.set(this.#posterior);
    this.#posterior = wide;
  }

  /** The state of the aggregator, and the posterior that goes with it. */
  snapshot(): {
    readonly aggregator: ReturnType<NonNullable<Aggregator['snapshot']>>;
    readonly posterior: Float64Array;
  } {
    return { aggregator: this.#aggregator.snapshot?.() ?? null, posterior: this.posterior.slice() };
  }

  restore({ aggregator, posterior }: ReturnType<Consensus['snapshot']>): void {
    if (aggregator !== null) this.#aggregator.restore?.(aggregator);
    this.#posterior = posterior;
    this.#classes = this.answers.index.classes;
  }

  #request(): AggregateRequest {
    const { index } = this.answers;
    return {
      annotations: index,
      // Aggregators that are used here do not read it; there is nothing in it to mistake for knowledge.
      workers: { workers: 0, classes: index.classes, probability: new Float64Array(0) },
      prior: this.prior,
      rows: 'all',
      gold: this.gold,
      posterior: this.posterior,
    };
  }

  #run(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      if (isQuorateError(thrown) || !(thrown instanceof RangeError)) throw thrown;
      const { workers, classes } = this.answers.index;
      throw new QuorateError('ANSWERS_INVALID', {
        where: 'the answers',
        expected: 'workers and classes whose confusion matrices fit into memory',
        got: `${workers} workers and ${classes} classes (${thrown.message})`,
        fix: 'Check which column holds the label, or choose a simpler aggregator: majority_vote.',
        cause: thrown,
      });
    }
  }

  #trivial(): void {
    const { items, classes: K, perItem } = this.answers.index;
    if (K === 1) for (let i = 0; i < items; i++) this.#posterior[i] = perItem[i]! > 0 ? 1 : 0;
  }

  #fixGold(i: number): void {
    const known = this.gold?.[i] ?? -1;
    if (known < 0) return;
    const K = this.#classes;
    this.#posterior.fill(0, i * K, (i + 1) * K)[i * K + known] = 1;
  }
}

function checkSize(items: number, K: number): void {
  if (items * K <= MOST_ENTRIES) return;
  throw new QuorateError('ANSWERS_INVALID', {
    where: 'the answers',
    expected: `at most ${MOST_ENTRIES} probabilities (tasks × classes)`,
    got: `${items} tasks and ${K} classes`,
    fix: 'Check which column holds the label (--columns); free text has as many classes as answers.',
  });
}
