import type { Verdict } from '@quorate/core';
import {
  deliver,
  type AuditState,
  type DeliveredBeliefs,
  type Delivery,
  type Journal,
  type OpenedParts,
} from '@quorate/engine';
import type { AuditProgress } from './contract.js';

/** Nobody is called here: auditors answer when they like. */
const nobody = AbortSignal.abort();

/**
 * The audits of a campaign. When nothing more is asked of workers, or a look is due, the labels stand still and auditors are
 * asked, in the order that was drawn at the start of the generation, until the rule has its verdict.
 *
 * What happens is a function of the beliefs and of what auditors had said: the round in hand is gone through again from its
 * beginning whenever they say more, so that a changed answer counts as if it had been the first.
 */
export class AuditPhase {
  readonly #opened: OpenedParts;
  readonly #journal: Journal;
  readonly #gold: ReadonlyMap<number, number>;
  #phase: AuditProgress['phase'] = 'ask';
  #why: string | null = null;
  #look: number | null = null;
  /** What was known when the round in hand began. */
  #before: AuditState | null = null;
  #verdict: Verdict | undefined;
  /** Class by the auditors of each item that they looked at. */
  #said: ReadonlyMap<number, number> = new Map();

  /** @param gold Class of the items that need no auditor. */
  constructor(opened: OpenedParts, journal: Journal, gold: ReadonlyMap<number, number>) {
    [this.#opened, this.#journal, this.#gold] = [opened, journal, gold];
  }

  /** Do labels stand still? */
  get frozen(): boolean {
    return this.#phase !== 'ask';
  }

  get #audits() {
    return this.#opened.parts.audits;
  }

  hear(said: ReadonlyMap<number, number>): void {
    this.#said = said;
  }

  /**
   * Goes as far as what the auditors have said allows.
   * @param stopOf Why workers are asked nothing, or null.
   * @returns The beliefs as the verdicts leave them, and why nothing is asked any more, for good.
   */
  async advance(
    given: DeliveredBeliefs,
    step: number,
    stopOf: (seen: DeliveredBeliefs) => string | null,
  ): Promise<{ readonly beliefs: DeliveredBeliefs; readonly stop: string | null }> {
    const audits = this.#audits;
    const { parts, setting } = this.#opened;
    let beliefs = given;
    for (;;) {
      if (this.#phase === 'ask') {
        const seen = audits.disclose(beliefs);
        const look = audits.beginLook(seen);
        const why = look === null ? stopOf(seen) : 'so many labels are sure that an expert looks at some';
        if (why === null || audits.count === null) return { beliefs, stop: why };
        [this.#phase, this.#why, this.#look, this.#before] = ['audit', why, look, audits.snapshot()];
      }
      if (this.#phase === 'end') return { beliefs, stop: this.#verdict!.why };
      audits.restore(this.#before!);
      const recorded = ({ item }: { item: number }): number | undefined => this.#gold.get(item) ?? this.#said.get(item);
      const log = { recorded, append: () => undefined };
      const { next, verdict } = await audits.rule(beliefs, { step, look: this.#look, log, signal: nobody });
      if (next === 'interrupted') return { beliefs, stop: null };
      // What auditors said in a round that is over is known to the calibration too.
      beliefs = deliver(parts, setting, this.#journal.view, beliefs.inferred);
      this.#phase = next === 'end' ? 'end' : 'ask';
      this.#verdict = verdict;
      if (this.#phase === 'ask') this.#why = null;
    }
  }

  /** What auditors are to look at next, as far as one can say before they have: up to `count` items, in order. */
  wanted(beliefs: DeliveredBeliefs, step: number, count: number): Int32Array {
    if (this.#phase === 'end') return new Int32Array(0);
    const most = count + this.#gold.size;
    const items = this.#audits.ahead(beliefs, { step, look: this.#look }, most);
    return items.filter((item) => !this.#gold.has(item)).subarray(0, count);
  }

  /** What auditors said beyond what their rule asked for corrects labels, too. */
  deliver(given: DeliveredBeliefs): Delivery {
    const delivery = this.#audits.deliver(given, this.#verdict);
    const { review } = delivery;
    const more = [...this.#said].filter(([item]) => review?.audited[item] === 0);
    if (!review || more.length === 0) return delivery;
    const { beliefs } = delivery;
    const [label, posterior, risk] = [delivery.label.slice(), beliefs.posterior.slice(), beliefs.risk.slice()];
    const [audited, needsReview] = [review.audited.slice(), review.needsReview.slice()];
    const K = posterior.length / risk.length;
    for (const [item, k] of more) {
      [label[item], risk[item], audited[item], needsReview[item]] = [k, 0, 1, 0];
      posterior.fill(0, item * K, (item + 1) * K);
      posterior[item * K + k] = 1;
    }
    return { ...delivery, beliefs: { ...beliefs, posterior, risk }, label, review: { audited, needsReview } };
  }

  progress(beliefs: DeliveredBeliefs): AuditProgress | null {
    const rule = this.#opened.parts.stoppingRules.find((one) => one.auditing)?.auditing;
    const state = this.#audits.snapshot();
    if (!rule || !state) return null;
    const last = state.rounds.at(-1);
    const certified = this.#verdict && rule.certifies !== false ? this.#verdict.certified : null;
    // Gold was known before: nobody looked at it.
    const looked = state.audits.filter(({ item }) => !this.#gold.has(item));
    const counted = this.#phase === 'end' ? last!.bound : this.#audits.bound(beliefs, this.#look);
    return {
      phase: this.#phase,
      why: this.#why,
      round: this.#phase === 'end' ? last!.round : state.round,
      rounds: rule.rounds,
      audits: looked.length,
      errors: looked.filter(({ label, delivered }) => label !== delivered).length,
      bound: rule.certifies === false ? null : counted,
      maxError: rule.maxError,
      confidence: rule.confidence,
      certified,
      most:
        this.#phase === 'end' ? 0 : rule.budget === undefined ? null : Math.max(0, rule.budget - state.audits.length),
    };
  }
}
