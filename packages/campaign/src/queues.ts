import type { Desk } from './desk/desk.js';
import type { InferenceService } from './inference/service.js';
import type { Steps } from './steps.js';

/** Items in the sampler's order, and how many of the first ones are gone for good. */
interface Queue {
  readonly items: Int32Array;
  gone: number;
  /** The step that it was planned after. */
  readonly step: number;
  /** False where the sampler had no more to ask. */
  readonly full: boolean;
}

/** Questions that are planned for one person, for each of those who were here lately, and at least for all together. */
const LENGTH = 40;
const LEAST = 1000;
/** Whoever has not asked for so long is not counted. */
const ACTIVE_MS = 60_000;
/** In `Inference.plan`: whoever comes. */
const ANYBODY = 0;

/**
 * What the sampler would have people asked next: one queue for whoever comes, and one of their own for those to whom
 * that one has nothing left to offer. A queue is a plan, not a promise: an item is asked only if it may still be when its
 * turn comes, so that a plan that is a step old does no harm. The common queue is planned anew while the rest of it is
 * served: nobody waits for a plan as long as anything is planned.
 */
export class Queues {
  readonly #desk: Desk;
  readonly #steps: Steps;
  readonly #inference: InferenceService;
  readonly #clock: () => number;
  #common: Queue | null = null;
  readonly #own = new Map<number, Queue>();
  readonly #planning = new Map<number, Promise<void>>();
  /** When each worker asked last. */
  readonly #asked = new Map<number, number>();
  #plans = 0;

  constructor(parts: { desk: Desk; steps: Steps; inference: InferenceService; clock: () => number }) {
    ({ desk: this.#desk, steps: this.#steps, inference: this.#inference, clock: this.#clock } = parts);
  }

  /** The next item for a worker that they may be asked about; undefined where nothing is planned that they may. */
  take(worker: number): number | undefined {
    this.#asked.set(worker, this.#clock());
    const own = this.#own.get(worker);
    const item = this.#first(own, worker) ?? this.#first(this.#common, worker);
    if (this.#common && this.#isLow(this.#common)) this.#planAhead(ANYBODY);
    return item;
  }

  /** Plans for a worker for whom `take` has nothing; resolves when it knows of the plan. */
  async plan(worker: number): Promise<void> {
    if (!this.#common || this.#isLow(this.#common)) {
      await this.#planned(ANYBODY);
      if (this.#first(this.#common, worker) !== undefined) return;
    }
    await this.#planned(worker);
  }

  /** A step has brought other beliefs: plans for whoever was here lately. */
  renew(): void {
    this.#own.clear();
    if (this.#common) this.#planAhead(ANYBODY);
  }

  #isLow({ items, gone, step, full }: Queue): boolean {
    return step !== this.#steps.outcome?.n || (full && items.length - gone < items.length / 2);
  }

  /** How many people were here lately. */
  get #people(): number {
    const since = this.#clock() - ACTIVE_MS;
    for (const [worker, at] of this.#asked) if (at < since) this.#asked.delete(worker);
    return this.#asked.size;
  }

  #first(queue: Queue | null | undefined, worker: number): number | undefined {
    if (!queue) return undefined;
    const { items } = queue;
    while (queue.gone < items.length && !this.#isOpen(items[queue.gone]!)) queue.gone++;
    for (let x = queue.gone; x < items.length; x++) {
      const item = items[x]!;
      if (this.#isOpen(item) && !this.#desk.hasHad(worker, item)) return item;
    }
    return undefined;
  }

  /** May anybody be asked about it? Not while an answer to it has not been looked at. */
  #isOpen(item: number): boolean {
    return this.#desk.answers.lastSeq[item]! <= this.#steps.upto && this.#desk.isFree(item);
  }

  #planAhead(worker: number): void {
    // A failure comes up again when somebody waits for the plan.
    void this.#planned(worker).catch(() => undefined);
  }

  #planned(worker: number): Promise<void> {
    let planning = this.#planning.get(worker);
    if (!planning) {
      planning = this.#plan(worker).finally(() => this.#planning.delete(worker));
      this.#planning.set(worker, planning);
    }
    return planning;
  }

  async #plan(worker: number): Promise<void> {
    const desk = this.#desk;
    const step = this.#steps.outcome?.n ?? -1;
    const count = worker === ANYBODY ? Math.max(LEAST, LENGTH * this.#people) : LENGTH;
    const items = await this.#inference.plan({
      worker,
      count,
      closed: worker === ANYBODY ? new Int32Array(0) : desk.had(worker),
      room: roomOf(desk, this.#steps.upto),
      budgetLeft: desk.rules.budget - desk.spent,
      plan: this.#plans++,
    });
    const queue = { items, gone: 0, step, full: items.length === count };
    if (worker === ANYBODY) this.#common = queue;
    else this.#own.set(worker, queue);
  }
}

/** How many more people may have each item now: nobody where an answer after `upto` has not been looked at. */
function roomOf(desk: Desk, upto: number): Uint8Array {
  const { overlap, answersPerTask } = desk.rules;
  const room = new Uint8Array(desk.tasks.length);
  for (let i = 0; i < room.length; i++) {
    if (desk.answers.lastSeq[i]! <= upto)
      room[i] = Math.max(0, Math.min(255, overlap, answersPerTask - desk.index.perItem[i]!));
  }
  for (const item of [...desk.leases.items(), ...desk.gold.keys()]) if (room[item]! > 0) room[item] = desk.roomOf(item);
  return room;
}
