import type { Desk } from './desk/desk.js';
import type { InferenceService } from './inference/local.js';
import type { Steps } from './steps.js';

interface Queue {
  items: Int32Array;
  next: number;
  /** The step that it was planned after. */
  step: number;
  used: number;
}

/** Questions that are planned for a worker at a time. */
const LENGTH = 40;
/** Fewer left than this: plan again, while the rest is served. */
const LOW = 10;
/** Whoever has not asked for so long has no claim to what was planned for them. */
const CLAIM_MS = 60_000;

/**
 * What the sampler would have each worker asked next. A queue is a plan, not a promise: an item is asked only if it may
 * still be when its turn comes, so that a plan that is a step old does no harm.
 */
export class Queues {
  readonly #desk: Desk;
  readonly #steps: Steps;
  readonly #inference: InferenceService;
  readonly #clock: () => number;
  readonly #queues = new Map<number, Queue>();
  readonly #planning = new Map<number, Promise<void>>();
  #plans = 0;

  constructor(parts: { desk: Desk; steps: Steps; inference: InferenceService; clock: () => number }) {
    ({ desk: this.#desk, steps: this.#steps, inference: this.#inference, clock: this.#clock } = parts);
  }

  /** The next item for a worker that they may be asked about; undefined where nothing is planned that they may. */
  take(worker: number): number | undefined {
    const queue = this.#queues.get(worker);
    if (!queue) return undefined;
    queue.used = this.#clock();
    const item = this.#next(queue, worker) ?? (this.#inference.busy ? this.#fromOthers(worker) : undefined);
    if (queue.items.length - queue.next < LOW || queue.step !== this.#step) this.#planAhead(worker);
    return item;
  }

  get #step(): number {
    return this.#steps.outcome?.n ?? -1;
  }

  #next(queue: Queue, worker: number): number | undefined {
    while (queue.next < queue.items.length) {
      const item = queue.items[queue.next++]!;
      if (this.#isOpen(worker, item)) return item;
    }
    return undefined;
  }

  /** While a step is computed nobody can plan: what was planned for another worker, last things first. */
  #fromOthers(worker: number): number | undefined {
    for (const { items, next } of this.#queues.values()) {
      for (let x = items.length - 1; x >= next; x--) if (this.#isOpen(worker, items[x]!)) return items[x];
    }
    return undefined;
  }

  #isOpen(worker: number, item: number): boolean {
    return this.#desk.answers.lastSeq[item]! <= this.#steps.upto && this.#desk.may(worker, item);
  }

  #planAhead(worker: number): void {
    // A failure comes up again when somebody waits for the plan.
    void this.plan(worker).catch(() => undefined);
  }

  /** Plans for a worker; resolves when `take` knows of it. */
  plan(worker: number): Promise<void> {
    let planning = this.#planning.get(worker);
    if (!planning) {
      planning = this.#plan(worker).finally(() => this.#planning.delete(worker));
      this.#planning.set(worker, planning);
    }
    return planning;
  }

  async #plan(worker: number): Promise<void> {
    let items = await this.#ask(worker, true);
    if (items.length === 0) items = await this.#ask(worker, false);
    this.#queues.set(worker, { items, next: 0, step: this.#step, used: this.#clock() });
  }

  async #ask(worker: number, politely: boolean): Promise<Int32Array> {
    const desk = this.#desk;
    const room = this.room();
    if (politely) this.#leaveToOthers(worker, room);
    const closed = desk.had(worker);
    const budgetLeft = desk.rules.budget - desk.spent;
    const workers = [{ worker, count: LENGTH, closed }];
    const [items] = await this.#inference.plan({ workers, room, budgetLeft, plan: this.#plans++ });
    return items!;
  }

  /** How many more people may have each item now. */
  room(): Uint8Array {
    const desk = this.#desk;
    const room = new Uint8Array(desk.tasks.length);
    for (let i = 0; i < room.length; i++) if (desk.answers.lastSeq[i]! <= this.#steps.upto) room[i] = desk.roomOf(i);
    return room;
  }

  #leaveToOthers(worker: number, room: Uint8Array): void {
    const since = this.#clock() - CLAIM_MS;
    for (const [other, { items, next, used }] of this.#queues) {
      if (other === worker || used < since) continue;
      for (let x = next; x < items.length; x++) if (room[items[x]!]! > 0) room[items[x]!]!--;
    }
  }
}
