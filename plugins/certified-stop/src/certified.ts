import {
  QuorateError,
  T,
  defineComponent,
  type Audit,
  type AuditRequest,
  type Auditing,
  type Dataset,
  type StoppingRule,
  type Verdict,
} from '@quorate/core';
import { z } from 'zod';
import { AuditTest, tooManyErrors } from './audit-test.js';
import { fitRecalibration } from './fit-recalibration.js';

export const options = z.strictObject({
  maxError: z.number().gt(0).lt(1).default(0.05).describe('share of wrong labels that is to be refuted'),
  confidence: z.number().gt(0).lt(1).default(0.95).describe('probability with which a certificate has to hold'),
  auditBudget: z.int().min(1).default(500).describe('most tasks that the expert looks at, in all rounds together'),
  rounds: z
    .int()
    .min(1)
    .max(20)
    .default(2)
    .describe('most rounds of audits; 1: what fails at once is not annotated further'),
  auditAt: z
    .array(z.number().gt(0).lt(1))
    .max(20)
    .default([])
    .describe('shares of valid tasks at which audits try to certify all labels, although tasks are open'),
  expert: z.string().default('perfect').describe('worker simulator that plays the expert'),
});
export type CertifiedOptions = z.output<typeof options>;

/**
 * Certifies that at most `maxError` of the delivered labels are wrong, from audits in random order.
 *
 * Round 1 is about all labels. A round that fails recalibrates the posterior: what is open again goes back to annotation,
 * and the next round is about what is valid then, without the audited items; whatever stays open needs review. Round j
 * of R may be wrong with probability
 *
 *     δ_j = (1 - confidence) (R+1)/R / (j (j+1)),          Σ_{j<=R} δ_j = 1 - confidence
 *
 * Round 1 may be tried at L looks before its end: δ_1/(L+1) for each of them and for the end. Audits stay: the test of a
 * look is about the labels of that look, and an audit answers for its item, whose label may have changed. No other part
 * knows of them or of the order, so that the labels of every look are what they would be without audits, the order is
 * uniformly random beside them, and the test of each look is as good as if there were no other (a union bound over looks;
 * one running test over changing labels would not be a supermartingale). Look l may spend l/(L+1) of the budget.
 */
export class Certified implements StoppingRule, Auditing {
  readonly auditing = this;
  readonly maxError: number;
  readonly confidence: number;
  readonly rounds: number;
  readonly expert: string;
  readonly looks: readonly number[];
  readonly assumes: readonly string[];
  readonly budget: number;
  readonly #classes: number;
  #test = new AuditTest(1);

  constructor(given: CertifiedOptions, classes: number) {
    ({ maxError: this.maxError, confidence: this.confidence, rounds: this.rounds, expert: this.expert } = given);
    this.looks = given.auditAt.toSorted((a, b) => a - b);
    this.budget = given.auditBudget;
    this.#classes = classes;
    this.assumes = [
      `the expert (${given.expert}) is right about every audited task`,
      'the order of the audits is uniformly random and unknown to everything that chooses or answers questions',
      'the labels delivered are those that stood when the audit began, but for the corrections',
    ];
  }

  /** Annotation ends by itself: the sampler's empty plan, or the budget. */
  stop(): null {
    return null;
  }

  check({ items }: { readonly items: number }): void {
    const needed = this.#testOf(items).fewestAudits(
      tooManyErrors(items, this.maxError),
      0,
      this.#delta(1) / this.#tries(1),
    );
    if (needed <= this.budget) return;
    throw new QuorateError('CONFIG_INVALID', {
      where: 'stop.auditBudget',
      expected: `at least ${needed}: so many audits without an error certify ${this.maxError} at ${this.confidence} for ${items} tasks`,
      got: String(this.budget),
      fix: 'Raise stop.auditBudget or stop.maxError, or lower stop.confidence.',
    });
  }

  audit(request: AuditRequest): number | Verdict | null {
    const { audits, round, look, label } = request;
    const { covers, count } = coveredBy(request);
    const test = this.#testOf(count);
    if (test.N === 0 && look !== null) return null;
    if (test.N === 0) return this.#verdict(request, [], covers, false, 'no label is left that could be certified');

    const delta = this.#delta(round) / this.#tries(round);
    const { mine, next } = inOrder(request, covers);
    const errors = mine.filter((audit) => audit.label !== label[audit.item]).length;
    const m = tooManyErrors(test.N, this.maxError);
    if (test.logEvidence(m, errors, mine.length) >= -Math.log(delta)) {
      const why = `${errors} of ${mine.length} audited labels were wrong, which refutes ${m} or more among ${test.N}`;
      return this.#verdict(request, mine, covers, true, why);
    }
    const most = look === null ? this.budget : Math.floor((this.budget * look) / this.#tries(round));
    const left = Math.min(Math.max(0, most - audits.length), test.N - mine.length);
    if (test.logEvidence(m, errors, mine.length + left) < -Math.log(delta)) {
      if (look !== null) return null;
      const why = `${errors} of ${mine.length} audited labels were wrong, too many for the ${left} audits that are left`;
      return this.#verdict(request, mine, covers, false, why);
    }
    return next;
  }

  #verdict(
    request: AuditRequest,
    mine: readonly Audit[],
    covers: Uint8Array,
    certified: boolean,
    why: string,
  ): Verdict {
    const { audits, round, posterior } = request;
    const { N } = this.#test;
    return {
      certified,
      why,
      covers,
      bound: this.#boundOf(request, mine),
      confidence: 1 - this.#delta(round),
      recalibration: fitRecalibration(posterior, this.#classes, audits),
      goOn: !certified && round < this.rounds && this.#couldCertify(N - mine.length, round + 1, audits.length),
    };
  }

  bound(request: AuditRequest): number {
    const { covers, count } = coveredBy(request);
    this.#testOf(count);
    return this.#boundOf(request, inOrder(request, covers).mine);
  }

  #boundOf({ round, label }: AuditRequest, mine: readonly Audit[]): number {
    const { N } = this.#test;
    if (N === 0) return 1;
    const delta = this.#delta(round) / this.#tries(round);
    let errors = 0;
    let bound = N;
    for (const [t, audit] of mine.entries()) {
      if (audit.label !== label[audit.item]) errors++;
      bound = this.#test.bound(errors, t + 1, delta, bound);
    }
    return bound / N;
  }

  /** Are there audits enough to certify so many labels, if none of them is wrong? */
  #couldCertify(labels: number, round: number, spent: number): boolean {
    const left = this.budget - spent;
    const needed = (N: number): number =>
      new AuditTest(N).fewestAudits(tooManyErrors(N, this.maxError), 0, this.#delta(round));
    return labels > 0 && left > 0 && needed(labels) <= left;
  }

  #delta(round: number): number {
    const R = this.rounds;
    return ((1 - this.confidence) * (R + 1)) / (R * round * (round + 1));
  }

  /** Label sets that a round is tried on: those of the looks, and the last one. */
  #tries(round: number): number {
    return round === 1 ? this.looks.length + 1 : 1;
  }

  #testOf(N: number): AuditTest {
    if (this.#test.N !== N) this.#test = new AuditTest(N);
    return this.#test;
  }
}

function coveredBy({ round, label, risk, riskThreshold, audits }: AuditRequest) {
  const covers = new Uint8Array(label.length);
  for (let i = 0; i < covers.length; i++) {
    if (label[i]! >= 0 && (round === 1 || risk[i]! <= riskThreshold)) covers[i] = 1;
  }
  for (const audit of audits) if (audit.round < round) covers[audit.item] = 0;
  let count = 0;
  for (let i = 0; i < covers.length; i++) count += covers[i]!;
  return { covers, count };
}

/**
 * The audits of this round as far as the order has no gap, and the first covered item behind them: the next one. What was
 * audited beyond a gap (a label that was missing in an earlier look) waits for it to close.
 */
function inOrder({ order, audits, round }: AuditRequest, covers: Uint8Array): { mine: Audit[]; next: number } {
  const looked = audits.filter((audit) => audit.round === round);
  const mine: Audit[] = [];
  for (const item of order) {
    if (covers[item] === 0) continue;
    // They were asked for in this order: the search is for what lies behind a gap.
    const next = looked[mine.length];
    const audit = next?.item === item ? next : looked.find((one) => one.item === item);
    if (audit === undefined) return { mine, next: item };
    mine.push(audit);
  }
  return { mine, next: -1 };
}

export default defineComponent({
  kind: 'stoppingRule',
  name: 'certified',
  summary: 'has labels audited at the end until the share of wrong ones is proven small, with an exact test',
  options,
  inject: [T.Dataset],
  create: (given, { classes }: Dataset) => new Certified(given, classes.length),
});
