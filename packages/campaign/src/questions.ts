import type { Desk } from './desk/desk.js';
import type { InferenceService } from './inference/service.js';
import type { LeaseRow, WorkerRow } from './journal/statements.js';
import { Queues } from './queues.js';
import type { Steps } from './steps.js';

/** How long a question is out, and in which file. */
export interface GrantTerms {
  readonly ms: number;
  readonly batch?: string;
}

/** Audits that are looked up ahead for one auditor. */
const AHEAD = 20;

/** Decides what is asked next, and grants it. */
export class Questions {
  readonly #desk: Desk;
  readonly #steps: Steps;
  readonly #inference: InferenceService;
  readonly #queues: Queues;

  constructor(parts: { desk: Desk; steps: Steps; inference: InferenceService; clock: () => number }) {
    ({ desk: this.#desk, steps: this.#steps, inference: this.#inference } = parts);
    this.#queues = new Queues(parts);
  }

  /** Up to `count` questions for a worker, what matters most first; audits for an auditor. */
  grant(worker: WorkerRow, count: number, terms: GrantTerms): Promise<LeaseRow[]> {
    if (worker.disabled_at !== null) return Promise.resolve([]);
    return worker.role === 'auditor' ? this.#audits(worker, count, terms) : this.#asks(worker, count, terms);
  }

  /** A step has brought other beliefs. */
  renew(): void {
    if (!this.#steps.frozen) this.#queues.renew();
  }

  async #asks(worker: WorkerRow, count: number, terms: GrantTerms): Promise<LeaseRow[]> {
    const desk = this.#desk;
    const granted: Promise<LeaseRow>[] = [];
    let planned = false;
    while (granted.length < count && this.#steps.outcome?.stop === null && !this.#steps.frozen) {
      const gold = desk.goldDue(worker);
      if (gold !== undefined) {
        granted.push(desk.grant(worker.id, gold, 'gold', terms));
        continue;
      }
      if (desk.spent >= desk.rules.budget) break;
      const item = this.#queues.take(worker.id);
      if (item !== undefined) {
        granted.push(desk.grant(worker.id, item, 'ask', terms));
        planned = false;
      } else if (planned) break;
      else {
        await this.#queues.plan(worker.id);
        planned = true;
      }
    }
    return Promise.all(granted);
  }

  /**
   * In the order that was drawn before the first answer; what others have before them is left out. What this auditor has
   * skipped comes again when nothing else is left: the proof needs all that was drawn.
   */
  async #audits(auditor: WorkerRow, count: number, terms: GrantTerms): Promise<LeaseRow[]> {
    const desk = this.#desk;
    if (!this.#steps.frozen || count < 1) return [];
    const items = await this.#inference.audits(
      count + desk.leases.count + desk.answers.audits.since(this.#steps.audited) + AHEAD,
    );
    const open = [...items].filter((item) => desk.mayAudit(item));
    const skipped = (item: number): boolean => desk.hasSkipped(auditor.id, item);
    const fresh = open.filter((item) => !skipped(item));
    const chosen = fresh.length > 0 ? fresh : open;
    return Promise.all(chosen.slice(0, count).map((item) => desk.grant(auditor.id, item, 'audit', terms)));
  }
}
