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
 */
export class Certified implements StoppingRule, Auditing {
  readonly auditing = this;
  readonly maxError: number;
  readonly confidence: number;
  readonly rounds: number;
  readonly expert: string;
  readonly assumes: readonly string[];
  readonly #budget: number;
  readonly #classes: number;
  #test = new AuditTest(1);

  constructor(given: CertifiedOptions, classes: number) {
    ({ maxError: this.maxError, confidence: this.confidence, rounds: this.rounds, expert: this.expert } = given);
    this.#budget = given.auditBudget;
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
    const needed = this.#testOf(items).fewestAudits(tooManyErrors(items, this.maxError), 0, this.#delta(1));
    if (needed <= this.#budget) return;
    throw new QuorateError('CONFIG_INVALID', {
      where: 'stop.auditBudget',
      expected: `at least ${needed}: so many audits without an error certify ${this.maxError} at ${this.confidence} for ${items} tasks`,
      got: String(this.#budget),
      fix: 'Raise stop.auditBudget or stop.maxError, or lower stop.confidence.',
    });
  }

  audit(request: AuditRequest): number | Verdict {
    const { audits, round } = request;
    const { covers, count } = coveredBy(request);
    const test = this.#testOf(count);
    if (test.N === 0) return this.#verdict(request, covers, false, 'no label is left that could be certified');

    const delta = this.#delta(round);
    const mine = audits.filter((audit) => audit.round === round);
    const errors = mine.filter(isError).length;
    const m = tooManyErrors(test.N, this.maxError);
    if (test.logEvidence(m, errors, mine.length) >= -Math.log(delta)) {
      const why = `${errors} of ${mine.length} audited labels were wrong, which refutes ${m} or more among ${test.N}`;
      return this.#verdict(request, covers, true, why);
    }
    const left = Math.min(this.#budget - audits.length, test.N - mine.length);
    if (test.logEvidence(m, errors, mine.length + left) < -Math.log(delta)) {
      const why = `${errors} of ${mine.length} audited labels were wrong, too many for the ${left} audits that are left`;
      return this.#verdict(request, covers, false, why);
    }
    return nextOf(request.order, covers, mine.length);
  }

  #verdict(request: AuditRequest, covers: Uint8Array, certified: boolean, why: string): Verdict {
    const { audits, round, posterior } = request;
    const { N } = this.#test;
    const delta = this.#delta(round);
    let errors = 0;
    let bound = N;
    const mine = audits.filter((audit) => audit.round === round);
    for (const [t, audit] of mine.entries()) {
      if (isError(audit)) errors++;
      bound = this.#test.bound(errors, t + 1, delta, bound);
    }
    return {
      certified,
      why,
      covers,
      bound: N > 0 ? bound / N : 1,
      confidence: 1 - delta,
      recalibration: fitRecalibration(posterior, this.#classes, audits),
      goOn: !certified && round < this.rounds && this.#couldCertify(N - mine.length, round + 1, audits.length),
    };
  }

  /** Are there audits enough to certify so many labels, if none of them is wrong? */
  #couldCertify(labels: number, round: number, spent: number): boolean {
    const left = this.#budget - spent;
    const needed = (N: number): number =>
      new AuditTest(N).fewestAudits(tooManyErrors(N, this.maxError), 0, this.#delta(round));
    return labels > 0 && left > 0 && needed(labels) <= left;
  }

  #delta(round: number): number {
    const R = this.rounds;
    return ((1 - this.confidence) * (R + 1)) / (R * round * (round + 1));
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

/** The audits of a round go by the order, so that the next one is the covered item with so many before it. */
function nextOf(order: Int32Array, covers: Uint8Array, audits: number): number {
  let before = 0;
  let place = 0;
  while (covers[order[place]!] === 0 || before++ < audits) place++;
  return order[place]!;
}

const isError = ({ label, delivered }: Audit): boolean => label !== delivered;

export default defineComponent({
  kind: 'stoppingRule',
  name: 'certified',
  summary: 'has labels audited at the end until the share of wrong ones is proven small, with an exact test',
  options,
  inject: [T.Dataset],
  create: (given, { classes }: Dataset) => new Certified(given, classes.length),
});
