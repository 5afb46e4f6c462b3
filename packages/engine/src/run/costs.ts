import type { Prices } from '@quorate/host';
import type { Journal } from './journal.js';
import type { Parts } from './parts.js';

/** What was spent, in the currency of the prices. */
export interface Spent {
  readonly total: number;
  readonly people: number;
  /** Left out without any. */
  readonly models?: number;
  readonly audits?: number;
}

/** What answers and audits cost, and the most that they may. */
export class Costs {
  readonly currency: string;
  /** Infinity without a budget of money. */
  readonly budget: number;
  readonly #prices: Prices;
  #perWorker = new Float64Array(0);

  constructor(prices: Prices | null, budget: number | null) {
    this.#prices = prices ?? { answer: 0, audit: 0, currency: '' };
    this.currency = this.#prices.currency;
    this.budget = budget ?? Infinity;
  }

  /** Price of an answer of each worker, at least as long as there are workers. */
  perWorker({ workerIds }: Pick<Journal, 'workerIds'>): Float64Array {
    if (this.#perWorker.length < workerIds.length) {
      const { workers = {}, answer } = this.#prices;
      this.#perWorker = Float64Array.from(workerIds, (id) => (Object.hasOwn(workers, id) ? workers[id]! : answer));
    }
    return this.#perWorker;
  }

  spent({ models, audits }: Pick<Parts, 'models' | 'audits'>, journal: Journal): Spent {
    const prices = this.perWorker(journal);
    let people = 0;
    for (let j = 0; j < journal.view.workers; j++) people += prices[j]! * journal.view.perWorker[j]!;
    const ofModels = models?.spent ?? 0;
    const ofAudits = (audits.count ?? 0) * this.#prices.audit;
    return {
      total: cents(people + ofModels + ofAudits),
      people: cents(people),
      ...(models ? { models: cents(ofModels) } : {}),
      ...(audits.count === null ? {} : { audits: cents(ofAudits) }),
    };
  }
}

/** Without the last digits of a sum, which depend on its order. */
function cents(money: number): number {
  return Number(money.toPrecision(12));
}
