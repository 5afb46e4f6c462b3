import type { StoppingRule } from '@quorate/core';
import type { Prepared } from '@quorate/host';
import { callPart } from './part-checks.js';
import type { StepRecord } from './records.js';

/**
 * Where early stopping would end a run that it does not end: the rule is asked as it would be, and its answer is written down.
 * The rule sees numbers that are in the records, so that what it remembers is made again out of the records of a run that is
 * resumed.
 */
export class WouldStop {
  readonly #rule: StoppingRule | null;
  readonly #items: number;
  readonly #annotationsPerStep: number;
  #at: StepRecord | null = null;

  /** @param earlier Records of the steps before, of a run that is resumed. */
  constructor(
    { registry, config }: Prepared,
    run: { readonly items: number; readonly annotationsPerStep: number; readonly earlier: readonly StepRecord[] },
  ) {
    const stops = config.earlyStop || config.choices.stoppingRule?.some(({ use }) => use === 'early_stop');
    const component = stops ? undefined : registry.component('stoppingRule', 'early_stop')?.value;
    this.#rule = (component?.create?.({}) as StoppingRule | undefined) ?? null;
    this.#items = run.items;
    this.#annotationsPerStep = run.annotationsPerStep;
    for (const record of run.earlier) this.marked(record);
  }

  /** The step at which it would have; null where it would not, or where it is a rule of the run. */
  get at(): { readonly step: number; readonly annotations: number } | null {
    return this.#at && { step: this.#at.step, annotations: this.#at.annotations };
  }

  /** The record, with `earlyStop` where it would end the run here for the first time. */
  marked(record: StepRecord): StepRecord {
    const { valid, annotations } = record;
    const request = { valid, items: this.#items, annotations, annotationsPerStep: this.#annotationsPerStep };
    const rule = this.#rule;
    const why = rule && callPart('early_stop', () => rule.stop(request as Parameters<StoppingRule['stop']>[0]));
    if (why === null || this.#at) return record;
    this.#at = record;
    return { ...record, earlyStop: true };
  }
}
