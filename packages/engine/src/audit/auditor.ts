import {
  AnnotationIndex,
  QuorateError,
  type Audit,
  type AuditRequest as RuleRequest,
  type Auditing,
  type Beliefs,
  type KnownClasses,
  type Rng,
  type Verdict,
  type WorkerSimulator,
} from '@quorate/core';
import { bayesRisk, recalibrate, type Recalibration } from '@quorate/core/numbers';
import { labelsOf, type AuditRequest, type Audits, type Ruling } from './audits.js';
import { reportOf, type AuditRound, type AuditState, type Delivery } from './report.js';
import type { DeliveredBeliefs } from '../run/delivered.js';
import type { Setting } from '../run/setting.js';
import { awaitPart, callPart } from '../run/part-checks.js';
import { countValid } from '../run/valid.js';

/** Where the run's calibration learns from audits, the rule's own recalibration changes nothing. */
const AS_IT_IS: Recalibration = { power: 1, mix: 0 };

/** Has delivered labels audited as a rule demands: keeps the order secret, the answers safe, and the labels in place. */
export class Auditor implements Audits {
  readonly auditing: Auditing;
  readonly #expert: WorkerSimulator;
  readonly #setting: Setting;
  /** Of each round, drawn before anybody is asked anything. */
  #orders: readonly Int32Array[] = [];
  /** Stream of the answer about a task: of its own, so that an answer that is read from the log is not missed. */
  readonly #expertRng: (task: string) => Rng;
  /** Is what audits find out left to the run's calibration, which takes the place of the rule's recalibration? */
  readonly #calibrated: boolean;
  #round = 1;
  /** How many of the rule's looks are over. */
  #looks = 0;
  #recalibration: Recalibration | null = null;
  #audits: Audit[] = [];
  #rounds: AuditRound[] = [];
  /** After the verdict of the run nothing is secret any more. */
  #over = false;
  /** Labels that the last verdict was about. */
  #judged: Int32Array | null = null;

  constructor(
    auditing: Auditing,
    expert: WorkerSimulator,
    setting: Setting,
    { calibrated, expertRng }: { calibrated: boolean; expertRng: (task: string) => Rng },
  ) {
    this.auditing = auditing;
    this.#calibrated = calibrated;
    this.#expert = expert;
    this.#setting = setting;
    this.#expertRng = expertRng;
    this.#draw(setting.rng.fork('audit'));
  }

  draw(anew: number): void {
    this.#draw(this.#setting.rng.fork('audit').fork(String(anew)));
  }

  #draw(order: Rng): void {
    const { dataset } = this.#setting;
    const N = dataset.taskIds.length;
    const orders = Array.from({ length: this.auditing.rounds }, () => order.permutation(N));
    const nobody = new AnnotationIndex(N, 1, dataset.classes.length);
    const expert = this.#expert;
    this.#orders = expert.may ? orders.map((items) => items.filter((i) => expert.may!(0, i, nobody))) : orders;
  }

  /** Answers of the expert so far. */
  get count(): number {
    return this.#audits.length;
  }

  snapshot(): AuditState {
    const [round, looks, recalibration] = [this.#round, this.#looks, this.#recalibration];
    return { round, looks, recalibration, audits: [...this.#audits], rounds: [...this.#rounds] };
  }

  restore({ round, looks, recalibration, audits, rounds }: AuditState): void {
    [this.#round, this.#looks, this.#recalibration] = [round, looks, recalibration];
    [this.#audits, this.#rounds] = [[...audits], [...rounds]];
  }

  disclosed(): KnownClasses {
    const told = this.#audits.filter(({ round }) => this.#over || round < this.#round);
    return { item: Int32Array.from(told, ({ item }) => item), label: Int32Array.from(told, ({ label }) => label) };
  }

  /** What sampler and stopping rules may know: nothing of audits before there is a verdict. */
  disclose<B extends Beliefs>(beliefs: B): B {
    return this.#round === 1 ? beliefs : this.correct(beliefs);
  }

  /** Begins the last of the rule's looks that so many valid items allow: its number, null where none is left to do. */
  beginLook({ risk }: Beliefs): number | null {
    const shares = this.auditing.looks ?? [];
    const share = countValid(risk, this.#setting.riskThreshold) / risk.length;
    const due = this.#round === 1 ? shares.filter((least) => least <= share).length : 0;
    if (due <= this.#looks) return null;
    return (this.#looks = due);
  }

  /** What would be delivered now: the beliefs, recalibrated after a failed round, with the truth where it is known. */
  correct<B extends Beliefs>(beliefs: B): B {
    if (this.#audits.length === 0) return beliefs;
    const K = this.#setting.dataset.classes.length;
    const posterior = beliefs.posterior.slice();
    if (this.#recalibration) recalibrate(posterior, K, this.#recalibration, posterior);
    for (const { item, label } of this.#audits) {
      posterior.fill(0, item * K, (item + 1) * K);
      posterior[item * K + label] = 1;
    }
    const risk = new Float64Array(beliefs.risk.length);
    bayesRisk(posterior, K, risk);
    return { ...beliefs, posterior, risk };
  }

  ahead(beliefs: Beliefs, { step, look }: Pick<AuditRequest, 'step' | 'look'>, count: number): Int32Array {
    const standing = this.#standing(beliefs);
    const { label, round } = standing;
    const audits = [...this.#audits];
    const items: number[] = [];
    while (items.length < count) {
      const item = this.#next({ ...standing, look, audits });
      if (typeof item !== 'number') break;
      items.push(item);
      audits.push({ item, label: label[item]!, delivered: label[item]!, round, step });
    }
    return Int32Array.from(items);
  }

  bound(beliefs: Beliefs, look: number | null): number | null {
    return this.auditing.bound?.({ ...this.#standing(beliefs), look, audits: this.#audits }) ?? null;
  }

  async rule(beliefs: Beliefs, request: AuditRequest): Promise<Ruling> {
    const verdict = await this.#audit(beliefs, request);
    if (verdict === undefined) return { next: 'interrupted' };
    return verdict === null || verdict.goOn ? { next: 'ask' } : { next: 'end', verdict };
  }

  /** Where recalibration cannot part two classes of equal rounding, the label is still the one that was audited. */
  #labels(beliefs: Beliefs, audits = this.#audits): Int32Array {
    const label = labelsOf(beliefs, this.#setting.dataset.classes.length);
    for (const audit of audits) label[audit.item] = audit.label;
    return label;
  }

  /**
   * One round, or a look before its end: the expert looks at what the rule names until there is a verdict, or none yet
   * (null). Undefined when `signal` aborts.
   */
  async #audit(
    beliefs: Beliefs,
    { step, look, log, signal, onAudit }: AuditRequest,
  ): Promise<Verdict | null | undefined> {
    const standing = this.#standing(beliefs);
    const { label, risk, round } = standing;
    const seen = new Set(this.#audits.map(({ item }) => item));
    for (;;) {
      const ruling = this.#next({ ...standing, look, audits: [...this.#audits] });
      if (ruling === null && look !== null) return null;
      if (ruling === null) throw this.#refuse('null', 'an item, or the verdict of the round');
      if (typeof ruling === 'object') return this.#conclude(ruling, label, risk, step);
      if (!(ruling >= 0 && ruling < label.length) || seen.has(ruling)) {
        throw this.#refuse(`item ${ruling}`, 'an item that exists and was not audited before');
      }
      const question = { item: ruling, delivered: label[ruling]!, round, step };
      const known = log.recorded(question);
      if (known === undefined && signal?.aborted) return undefined;
      seen.add(ruling);
      this.#setting.onPhase('audit');
      const audit = { ...question, label: known ?? (await this.#ask(ruling)) };
      if (known === undefined) log.append(audit);
      this.#audits.push(audit);
      onAudit?.(audit);
    }
  }

  /** What the rule sees of labels that stand still. */
  #standing(beliefs: Beliefs): Omit<RuleRequest, 'look' | 'audits'> {
    const round = this.#round;
    const label = this.#labels(
      beliefs,
      this.#audits.filter((audit) => audit.round < round),
    );
    const { risk } = this.correct(beliefs);
    const { riskThreshold } = this.#setting;
    return { round, order: this.#orders[round - 1]!, label, risk, riskThreshold, posterior: beliefs.posterior };
  }

  #next(request: RuleRequest): number | Verdict | null {
    const rule = `audit of the rule ${this.#setting.names.get('stoppingRule') ?? 'stop'}`;
    return callPart(rule, () => this.auditing.audit(request));
  }

  async #ask(item: number): Promise<number> {
    const { dataset } = this.#setting;
    const answer = Int32Array.of(-1);
    const question = { count: 1, item: Int32Array.of(item), worker: Int32Array.of(0) };
    const where = `answer of the expert "${this.auditing.expert}" about task "${dataset.taskIds[item]}"`;
    await awaitPart(where, () => this.#expert.answer(question, answer, this.#expertRng(dataset.taskIds[item]!)));
    if (answer[0]! >= 0 && answer[0]! < dataset.classes.length) return answer[0]!;
    throw new QuorateError('ANNOTATION_INVALID', {
      where: `the expert's answer about task "${dataset.taskIds[item]}" (item ${item})`,
      expected: `a class below ${dataset.classes.length}`,
      got: answer[0] === -1 ? 'no answer' : `class ${answer[0]}`,
      fix: 'This is a fault of the simulator that plays the expert.',
    });
  }

  #refuse(got: string, expected: string): QuorateError {
    return new QuorateError('PART_FAILED', {
      where: `audit ${this.#audits.length + 1}, round ${this.#round}`,
      expected,
      got,
      fix: 'This is a fault of the stopping rule; the contract suite of @quorate/testkit names the law.',
    });
  }

  #conclude(verdict: Verdict, inferred: Int32Array, risk: Float64Array, step: number): Verdict {
    const mine = this.#audits.filter(({ round }) => round === this.#round);
    this.#rounds.push({
      round: this.#round,
      step,
      certified: verdict.certified,
      why: verdict.why,
      labels: verdict.covers.reduce((sum, one) => sum + one, 0),
      audits: mine.length,
      errors: mine.filter(({ item, label }) => label !== inferred[item]).length,
      bound: verdict.bound,
      confidence: verdict.confidence,
      recalibration: this.#calibrated ? AS_IT_IS : verdict.recalibration,
      ...(this.#calibrated && mine.length > 0
        ? { claimed: mine.reduce((sum, { item }) => sum + 1 - risk[item]!, 0) / mine.length }
        : {}),
    });
    this.#recalibration = this.#calibrated ? null : verdict.recalibration;
    if (verdict.goOn && this.#round === this.auditing.rounds) throw this.#refuse('another round', 'an end of the last');
    if (verdict.goOn) this.#round++;
    this.#over = !verdict.goOn;
    this.#judged = inferred;
    return verdict;
  }

  /** Without a verdict nothing is vouched for but what was audited. */
  deliver(given: DeliveredBeliefs, verdict?: Verdict): Delivery {
    const audited = new Uint8Array(given.risk.length);
    for (const { item } of this.#audits) audited[item] = 1;
    const corrected = this.correct(given);
    // A certificate is about the labels that were judged, also where the calibration would now change them.
    const pinned = this.#calibrated && verdict?.certified === true;
    const label = pinned ? this.#judged!.slice() : this.#labels(given);
    for (const audit of this.#audits) label[audit.item] = audit.label;
    const beliefs = pinned ? { ...corrected, risk: this.#riskOf(corrected, label) } : corrected;
    const needsReview = audited.map((looked, i) => (looked === 1 || this.#vouches(i, beliefs.risk, verdict) ? 0 : 1));
    const raw = given.inferred;
    const { truth } = this.#setting;
    const report = verdict
      ? reportOf({
          auditing: this.auditing,
          verdict,
          rounds: this.#rounds,
          raw,
          beliefs,
          label,
          audited,
          needsReview,
          truth,
        })
      : null;
    return { beliefs, label, review: { audited, needsReview }, report };
  }

  /** Without a certificate to ask for, calibrated confidence is what vouches for a label. */
  #vouches(item: number, risk: Float64Array, verdict: Verdict | undefined): boolean {
    if (this.#calibrated && this.auditing.certifies === false) return risk[item]! <= this.#setting.riskThreshold;
    return verdict?.certified === true && verdict.covers[item] === 1;
  }

  #riskOf({ posterior }: Beliefs, label: Int32Array): Float64Array {
    const K = this.#setting.dataset.classes.length;
    return Float64Array.from(label, (k, i) => (k < 0 ? 1 : 1 - posterior[i * K + k]!));
  }
}
