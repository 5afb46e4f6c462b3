import {
  QuorateError,
  type Beliefs,
  type Dataset,
  type ModelEvidence,
  type Questions,
  type Rng,
  type Snapshot,
  type WorkerSimulator,
} from '@quorate/core';
import { ExpectedGain, meanConfusion } from '@quorate/core/numbers';
import { Journal } from '../run/journal.js';
import { awaitPart, fault } from '../run/part-checks.js';
import { FamilyAnswers } from './family-answers.js';
import { JoinedEvidence } from './evidence.js';
import { chooseItems, itemsOfTrial } from './worth.js';

/** A component that answers as a model, each of its workers a member of the family. */
export interface ModelPart {
  readonly simulator: WorkerSimulator;
  /** `models.0 "chat"`, for messages. */
  readonly name: string;
  /** Of one answer, >= 0. */
  readonly price: number;
  readonly family: string;
}

interface Member {
  readonly part: ModelPart;
  /** Number among the workers of its part. */
  readonly worker: number;
  readonly family: number;
}

/** What a step wants from the models. */
export interface ModelRequest {
  readonly beliefs: Beliefs;
  /** People's answers. */
  readonly people: Journal;
  readonly riskThreshold: number;
  /** What an answer of a person costs. */
  readonly personPrice: number;
  /** What the models may cost in this step. */
  readonly moneyLeft: number;
  /** Answers of people in one step: what models say about fewer items can wait for the next inference with theirs. */
  readonly personStep: number;
  readonly step: number;
  readonly rng: Rng;
}

/** What became of a model. */
export interface ModelReport {
  readonly model: string;
  readonly family: string;
  readonly answers: number;
  readonly declined: number;
  readonly spent: number;
  /** w, how far its family is believed, and the mean over classes of how often it names the right one; null before any step. */
  readonly weight: number | null;
  readonly skill: number | null;
}

/** How much was asked of models: nothing, no more than people are asked in a step, or so much that people wait. */
export type Asked = 'nothing' | 'little' | 'much';

/** The models of a run: their answers, in a journal of their own, and what these are worth. */
export class Models {
  readonly journal: Journal;
  readonly #members: readonly Member[];
  readonly #families: readonly FamilyAnswers[];
  readonly #evidence: JoinedEvidence;
  #read = -1;

  constructor(dataset: Dataset, parts: readonly ModelPart[]) {
    const names = [...new Set(parts.map(({ family }) => family))];
    this.#members = parts.flatMap((part) =>
      part.simulator.workerIds.map((_, worker) => ({ part, worker, family: names.indexOf(part.family) })),
    );
    this.journal = new Journal(dataset, uniqueIds(this.#members));
    this.#families = names.map((_, family) => {
      const members = this.#members.flatMap((member, model) => {
        return member.family === family ? [{ model, worker: member.worker, simulator: member.part.simulator }] : [];
      });
      return new FamilyAnswers(dataset.taskIds.length, dataset.classes.length, members);
    });
    this.#evidence = new JoinedEvidence(this.#families, dataset.taskIds.length);
  }

  /** What the models have said so far; undefined before they have said anything. */
  evidence(): ModelEvidence | undefined {
    if (this.journal.view.live === 0) return undefined;
    if (this.#read !== this.journal.entries) for (const family of this.#families) family.read(this.journal.view);
    this.#read = this.journal.entries;
    return this.#evidence;
  }

  /** What all answers so far have cost. */
  get spent(): number {
    const { perWorker } = this.journal.view;
    return this.#members.reduce((sum, { part }, m) => sum + part.price * perWorker[m]!, 0);
  }

  /** Asks those models that are worth it about the items that they are worth it for. */
  async ask(request: ModelRequest): Promise<Asked> {
    let asked: Asked = 'nothing';
    let left = request.moneyLeft;
    for (const [family, answers] of this.#families.entries()) {
      const [m, member] = this.#next(family);
      const { price } = member.part;
      const items = this.#choose(request, family, answers, price);
      const may = items.filter((i) => this.#may(m, member, i));
      const paid = price > 0 ? may.slice(0, Math.max(0, Math.floor(left / price + 1e-9))) : may;
      if (paid.length === 0) continue;
      await this.#put(m, member, paid, request);
      left -= price * paid.length;
      if (paid.length > request.personStep) asked = 'much';
      else if (asked === 'nothing') asked = 'little';
    }
    return asked;
  }

  /** Asks models that are on trial about items that people have answered about, which is what judges them. */
  async try(request: Pick<ModelRequest, 'people' | 'moneyLeft' | 'step' | 'rng'>): Promise<void> {
    let left = request.moneyLeft;
    for (const [family, answers] of this.#families.entries()) {
      const [m, member] = this.#next(family);
      const { price } = member.part;
      if (price === 0) continue;
      const open = itemsOfTrial(answers, request.people.view).filter((i) => this.#may(m, member, i));
      const paid = open.slice(0, Math.max(0, Math.floor(left / price + 1e-9)));
      if (paid.length === 0) continue;
      await this.#put(m, member, paid, request);
      left -= price * paid.length;
    }
  }

  #choose({ beliefs, riskThreshold, personPrice }: ModelRequest, f: number, family: FamilyAnswers, price: number) {
    const K = family.classes;
    const trust = this.#evidence.trust[f] ?? null;
    return chooseItems({
      family,
      trust,
      price,
      personPrice,
      riskThreshold,
      posterior: beliefs.posterior,
      risk: beliefs.risk,
      person: new ExpectedGain(meanConfusion(beliefs.workers), K),
    });
  }

  /** The cheapest member of a family, the first of equals: what one has said another would not add to. */
  #next(family: number): readonly [number, Member] {
    const of = [...this.#members.entries()].filter(([, member]) => member.family === family);
    return of.reduce((best, one) => (one[1].part.price < best[1].part.price ? one : best));
  }

  #may(m: number, { part, worker }: Member, item: number): boolean {
    if (this.journal.hasDeclined(m, item)) return false;
    return part.simulator.may?.(worker, item, this.journal.view) ?? true;
  }

  async #put(
    m: number,
    { part, worker }: Member,
    item: Int32Array,
    { step, rng }: Pick<ModelRequest, 'step' | 'rng'>,
  ): Promise<void> {
    const { view } = this.journal;
    const count = item.length;
    const label = new Int32Array(count).fill(-2);
    const questions: Questions = { count, item, worker: new Int32Array(count).fill(worker) };
    const where = `answers of ${part.name} in step ${step}`;
    await awaitPart(where, () => part.simulator.answer(questions, label, rng.fork(`models/${part.name}`)));
    const odd = label.find((z) => !(z >= -1 && z < view.classes));
    if (odd !== undefined) {
      const got = odd === -2 ? 'a question without an answer' : String(odd);
      throw fault(where, `a class, 0..${view.classes - 1}, for every question, or -1 where the model declines`, got);
    }
    label.forEach((z, a) => z < 0 && this.journal.decline(m, item[a]!));
    const kept = item.filter((_, a) => label[a]! >= 0);
    const columns = { item: kept, worker: new Int32Array(kept.length).fill(m), label: label.filter((z) => z >= 0) };
    this.journal.collect({ count: kept.length, ...columns }, step);
  }

  /** What became of each model: for `models.csv`. */
  report(): readonly ModelReport[] {
    const { perWorker, classes: K } = this.journal.view;
    return this.#members.map(({ part, family }, m) => {
      const trust = this.#evidence.trust[family];
      let skill = 0;
      for (let k = 0; k < K; k++) skill += (trust?.confusion[k * K + k] ?? 0) / K;
      const answers = perWorker[m]!;
      return {
        model: this.journal.workerIds[m]!,
        family: part.family,
        answers,
        declined: this.journal.declinedBy(m),
        spent: answers * part.price,
        weight: trust?.weight ?? null,
        skill: trust ? skill : null,
      };
    });
  }

  snapshot(): Snapshot {
    return { answers: this.journal.snapshot(), evidence: this.#evidence.snapshot() };
  }

  restore(state: Snapshot): void {
    const { answers, evidence } = state as { answers: { workerIds: string[] }; evidence: Snapshot };
    const { workerIds } = answers;
    const mine = this.journal.workerIds;
    if (workerIds.length === mine.length && workerIds.every((id, m) => id === mine[m])) {
      this.journal.restore(answers);
      this.#evidence.restore(evidence);
      return;
    }
    throw new QuorateError('RUN_FOLDER', {
      where: 'models',
      expected: `the models that the run was started with: ${workerIds.join(', ')}`,
      got: mine.join(', '),
      fix: 'Bring them back (a changed prompt is another model), or start the run again with another --out.',
    });
  }
}

/** Ids of the members, with a number where two are alike. */
function uniqueIds(members: readonly Member[]): string[] {
  const seen = new Set<string>();
  return members.map(({ part, worker }) => {
    const id = part.simulator.workerIds[worker]!;
    let unique = id;
    for (let n = 2; seen.has(unique); n++) unique = `${id}-${n}`;
    seen.add(unique);
    return unique;
  });
}
