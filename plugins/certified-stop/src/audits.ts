import {
  defineComponent,
  T,
  type Audit,
  type AuditRequest,
  type Auditing,
  type Dataset,
  type StoppingRule,
  type Verdict,
} from '@quorate/core';
import { z } from 'zod';
import { fitRecalibration } from './fit-recalibration.js';

const options = z.strictObject({
  audits: z.int().min(1).default(100).describe('tasks that the expert looks at, in all rounds together'),
  rounds: z
    .int()
    .min(1)
    .max(20)
    .default(4)
    .describe('the audits are asked for in so many rounds; after each, what is open again goes back to the workers'),
  expert: z.string().default('perfect').describe('worker simulator that plays the expert'),
});
export type AuditsOptions = z.output<typeof options>;

/**
 * Has an expert look at a fixed number of tasks, drawn at random, so that confidence can be calibrated with what they say.
 * It certifies nothing: `certified` does.
 */
export class Audits implements StoppingRule, Auditing {
  readonly auditing = this;
  readonly certifies = false;
  /** Nothing is claimed of labels that nobody looked at. */
  readonly maxError = 1;
  readonly confidence = 0.95;
  readonly rounds: number;
  readonly expert: string;
  readonly assumes: readonly string[];
  readonly budget: number;
  readonly #classes: number;

  constructor({ audits, rounds, expert }: AuditsOptions, classes: number) {
    this.budget = audits;
    this.#classes = classes;
    this.rounds = Math.min(rounds, audits);
    this.expert = expert;
    this.assumes = [`the expert (${expert}) is right about every audited task`];
  }

  /** Annotation ends by itself: the sampler's empty plan, or the budget. */
  stop(): null {
    return null;
  }

  audit(request: AuditRequest): number | Verdict {
    const { order, audits, round, label } = request;
    const seen = new Set(audits.map(({ item }) => item));
    const next = order.find((item) => label[item]! >= 0 && !seen.has(item));
    if (next !== undefined && audits.length < Math.ceil((this.budget * round) / this.rounds)) return next;
    const mine = audits.filter((audit) => audit.round === round);
    return this.#verdict(request, mine, next !== undefined && round < this.rounds);
  }

  #verdict({ label, posterior, audits }: AuditRequest, mine: readonly Audit[], goOn: boolean): Verdict {
    const covers = new Uint8Array(label.length);
    for (const { item } of mine) covers[item] = 1;
    const wrong = mine.filter((audit) => audit.label !== label[audit.item]).length;
    return {
      certified: false,
      why: `${wrong} of ${mine.length} audited labels were wrong`,
      covers,
      bound: mine.length > 0 ? wrong / mine.length : 0,
      confidence: this.confidence,
      recalibration: fitRecalibration(posterior, this.#classes, audits),
      goOn,
    };
  }
}

export default defineComponent({
  kind: 'stoppingRule',
  name: 'audits',
  summary: 'has an expert check a number of labels, so that confidence can be calibrated with them',
  options,
  inject: [T.Dataset],
  create: (given, { classes }: Dataset) => new Audits(given, classes.length),
});
