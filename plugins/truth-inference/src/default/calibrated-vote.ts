import { argmax, type AggregateRequest, type Annotations, type Calibrated, type Snapshot } from '@quorate/core';
import {
  AccuracyTally,
  CalibrationDraws,
  Urn,
  fitCalibration,
  type AccuracyTallyState,
  type Calibration,
  type CalibrationPrior,
  type UrnState,
} from '@quorate/core/numbers';
import { answersByItem, answersOf, type AnswersByItem } from '../answers-by-item.js';
import { PRIOR_FLOOR } from '../probability-floors.js';
import { oneVoice } from './one-voice.js';
import type { Voters } from './voters.js';

/** What makes confidence out of votes. */
export interface CalibrationSetting {
  /** κ of the urn; Infinity: workers err independently. */
  readonly dependence: number;
  readonly prior: CalibrationPrior;
}

interface State {
  readonly urn: UrnState;
  readonly calibration: Calibration;
  readonly order: Int32Array;
  readonly tally: AccuracyTallyState;
  readonly sure: Float64Array;
  readonly items: number;
  readonly audit: Calibrated['audit'];
}

/** Gold is judged in so many parts, each by the calibration that the others say. */
const AUDIT_FOLDS = 10;

/** From so many probabilities on, half of the draws are made: they cost as much as everything else together. */
const MANY_ENTRIES = 500_000;

/** Sums that are equal but for rounding are level. */
const LEVEL = 1e-9;

/**
 * From votes to calibrated rows: evidence of an urn, pooled with the votes, calibrated by gold (`Urn`, `fitCalibration`,
 * `CalibrationDraws`). Without gold nothing speaks against the votes: their label stays the label, and where the
 * calibrated row prefers another class, the two are level. A learner's class probabilities are multiplied to what the
 * crowd says once that is calibrated, q_i(k) ∝ crowd_i(k) π_i(k).
 */
export class CalibratedVote {
  readonly #voters: Voters;
  readonly #urn: Urn;
  readonly #calibration: Calibration;
  readonly #order: Int32Array;
  readonly #draws: CalibrationDraws;
  readonly #tally: AccuracyTally;
  readonly #audit: Calibrated['audit'];
  #sure: Float64Array;
  /** N of the last call; rows from here on are new. */
  #items: number;
  readonly #votes: Float64Array;
  readonly #pooled: Float64Array;

  private constructor(voters: Voters, { urn, calibration, order, tally, sure, items, audit }: State) {
    this.#voters = voters;
    this.#urn = new Urn(urn);
    this.#calibration = calibration;
    this.#order = order;
    this.#draws = new CalibrationDraws(calibration, { order, draws: tally.right.length });
    this.#tally = new AccuracyTally(tally);
    this.#sure = Float64Array.from(sure);
    this.#items = items;
    this.#audit = audit;
    this.#votes = new Float64Array(calibration.classes);
    this.#pooled = new Float64Array(calibration.classes);
  }

  /** @param voters Fitted to the request's answers. Writes all rows of the posterior. */
  static fit(voters: Voters, request: AggregateRequest, { dependence, prior }: CalibrationSetting): CalibratedVote {
    const { annotations, posterior, gold } = request;
    const { items, classes: K } = annotations;
    const answers = oneVoice(answersByItem(annotations));
    for (let i = 0; i < items; i++) {
      if (annotations.perItem[i]! > 0) voters.labels(answers, i, i, posterior, i * K);
    }
    const urn = Urn.fit(answers, posterior, dependence);

    const checked: number[] = [];
    gold?.forEach((g, i) => g >= 0 && i < items && annotations.perItem[i]! > 0 && checked.push(i));
    const pooled = new Float64Array(checked.length * K);
    checked.forEach((i, g) => {
      if (dependence === Infinity) pooled.set(posterior.subarray(i * K, (i + 1) * K), g * K);
      else urn.pool(answers, i, posterior, i * K, pooled, g * K);
    });
    const known = { item: checked.map((_, g) => g), label: checked.map((i) => gold![i]!) };
    const calibration = fitCalibration(pooled, K, known, prior);

    const order = orderOfClasses(annotations, known.label);
    const draws = items * K < MANY_ENTRIES ? 64 : 32;
    const vote = new CalibratedVote(voters, {
      urn: urn.snapshot(),
      calibration,
      order,
      tally: AccuracyTally.empty(draws, checked.length).snapshot(),
      sure: new Float64Array(0),
      items: 0,
      audit: audited(pooled, K, Int32Array.from(checked), Int32Array.from(known.label), prior, order),
    });
    vote.#grow(items);
    for (let i = 0; i < items; i++) {
      for (let k = 0; k < K; k++) vote.#votes[k] = posterior[i * K + k]!;
      vote.#write(answers, i, i, request);
    }
    vote.#items = items;
    return vote;
  }

  /** @param touched The items of the answers from `first` on. Brings their rows, and new ones, up to date. */
  absorb(request: AggregateRequest, first: number, touched: Int32Array): void {
    const { annotations, gold } = request;
    const K = annotations.classes;
    const before = oneVoice(answersOf(annotations, touched, first));
    touched.forEach((i, n) => {
      if (before.start[n] === before.start[n + 1]) return;
      this.#voters.labels(before, n, i, this.#votes, 0);
      this.#urn.count(before, n, this.#votes, 0, -1);
      if ((gold?.[i] ?? -1) >= 0) return;
      this.#calibrate(before, n, i, request, new Float64Array(K), 0);
      this.#tally.add(this.#draws.labelByDraw, -1);
    });
    this.#voters.absorb(request, first);
    this.#grow(annotations.items);
    this.#urn.grow(annotations.workers);
    const answers = oneVoice(answersOf(annotations, touched, Infinity));
    touched.forEach((i, n) => {
      this.#voters.labels(answers, n, i, this.#votes, 0);
      this.#urn.count(answers, n, this.#votes, 0, 1);
    });
    touched.forEach((i, n) => {
      this.#voters.labels(answers, n, i, this.#votes, 0);
      this.#write(answers, n, i, request);
    });
    for (let i = this.#items; i < annotations.items; i++) {
      if (annotations.perItem[i] === 0) this.#write(answersOf(annotations, Int32Array.of(i), 0), 0, i, request);
    }
    this.#items = annotations.items;
  }

  /** The row of an item whose L is in `#votes`, `sure`, and its part of the expected accuracy. */
  #write(answers: AnswersByItem, n: number, item: number, request: AggregateRequest): void {
    const { annotations, gold, posterior } = request;
    const K = annotations.classes;
    const g = gold?.[item] ?? -1;
    if (g >= 0) {
      posterior.fill(0, item * K, (item + 1) * K)[item * K + g] = 1;
      this.#sure[item] = 1;
    } else if (annotations.perItem[item] === 0) {
      posterior.set(this.#urn.shares, item * K);
      if (request.prior) posterior.set(request.prior.subarray(item * K, (item + 1) * K), item * K);
      normalize(posterior, item * K, K);
      this.#sure[item] = 0;
    } else {
      this.#sure[item] = this.#calibrate(answers, n, item, request, posterior, item * K);
      this.#tally.add(this.#draws.labelByDraw);
    }
  }

  /** Writes a calibrated row of an item with answers, whose L is in `#votes`, and its label by draw. @returns `sure`. */
  #calibrate(
    answers: AnswersByItem,
    n: number,
    item: number,
    { prior }: AggregateRequest,
    out: Float64Array,
    to: number,
  ): number {
    const [votes, pooled, draws] = [this.#votes, this.#pooled, this.#draws];
    const K = votes.length;
    this.#pool(answers, n);
    const byVotes = this.#calibration.gold === 0;
    const first = draws.row(pooled, 0, out, to, byVotes ? labelOf(votes, pooled) : -1);
    if (byVotes) level(out, to, K, first.label);
    if (!prior) return first.sure;

    const crowd = out.slice(to, to + K);
    for (let k = 0; k < K; k++) out[to + k]! *= Math.max(prior[item * K + k]!, PRIOR_FLOOR);
    normalize(out, to, K);
    const label = argmax(out, to, K);
    const { sure } = draws.row(pooled, 0, new Float64Array(K), 0, label);
    // By how much the learner multiplies the odds of the label.
    const factor = odds(out[to + label]!) / odds(crowd[label]!);
    const tilted = (p: number): number => (factor < Infinity ? (p * factor) / (p * factor + 1 - p) : 1);
    draws.labelByDraw.forEach((p, d) => (draws.labelByDraw[d] = tilted(p)));
    return tilted(sure);
  }

  /** Evidence counts beside the votes unless workers err independently: then a model's posterior has all of it. */
  #pool(answers: AnswersByItem, n: number): void {
    if (this.#urn.dependence === Infinity) this.#pooled.set(this.#votes);
    else this.#urn.pool(answers, n, this.#votes, 0, this.#pooled, 0);
  }

  #grow(items: number): void {
    if (items <= this.#sure.length) return;
    const wide = new Float64Array(items + (items >> 3));
    wide.set(this.#sure);
    this.#sure = wide;
  }

  calibrated(): Calibrated {
    const { bias, covariance, ...rest } = this.#calibration;
    return {
      calibration: { ...rest, bias: bias.slice(), covariance: covariance.slice() },
      sure: this.#sure.slice(0, this.#items),
      accuracy: this.#tally.expected(),
      audit: structuredClone(this.#audit),
    };
  }

  get classPrior(): Float64Array {
    return this.#urn.shares.slice();
  }

  snapshot(): Snapshot {
    return {
      urn: { ...this.#urn.snapshot() },
      calibration: { ...this.#calibration },
      order: this.#order,
      tally: { ...this.#tally.snapshot() },
      sure: this.#sure.slice(0, this.#items),
      items: this.#items,
      audit: { ...this.#audit },
    };
  }

  static restored(voters: Voters, saved: Snapshot): CalibratedVote {
    return new CalibratedVote(voters, saved as unknown as State);
  }
}

/**
 * What is said of every gold item where a tenth of the gold, with it, is left out of the calibration.
 * @param pooled Q of the gold items, G×K. @param truth Their classes.
 */
function audited(
  pooled: Float64Array,
  K: number,
  item: Int32Array,
  truth: Int32Array,
  prior: CalibrationPrior,
  order: Int32Array,
): Calibrated['audit'] {
  const label = new Int32Array(item.length);
  const confidence = new Float64Array(item.length);
  const row = new Float64Array(K);
  // Dealt by class, so that no part lacks one that the others have.
  const dealt = Array.from(item.keys()).sort((a, b) => truth[a]! - truth[b]! || a - b);
  for (let part = 0; part < Math.min(AUDIT_FOLDS, item.length); part++) {
    const others = dealt.filter((_, n) => n % AUDIT_FOLDS !== part);
    const known = { item: others, label: others.map((g) => truth[g]!) };
    const draws = new CalibrationDraws(fitCalibration(pooled, K, known, prior), { order });
    for (let n = part; n < dealt.length; n += AUDIT_FOLDS) {
      const g = dealt[n]!;
      label[g] = draws.row(pooled, g * K, row, 0).label;
      confidence[g] = row[label[g]]!;
    }
  }
  return { item, truth, label, confidence };
}

/** The class with most votes; of level ones that of the best evidence, the lowest of equals. */
function labelOf(votes: Float64Array, pooled: Float64Array): number {
  const most = votes[argmax(votes)]!;
  let label = -1;
  for (let k = 0; k < votes.length; k++) {
    if (votes[k]! >= most - LEVEL && (label < 0 || pooled[k]! > pooled[label]!)) label = k;
  }
  return label;
}

/** Where another class is more probable than the label, both get the mean of the two, the label a breath more. */
function level(row: Float64Array, at: number, K: number, label: number): void {
  const best = argmax(row, at, K);
  if (row[at + best]! <= row[at + label]!) return;
  // Several may be ahead: all of them come down to the mean of those and the label.
  let [sum, ahead] = [row[at + label]!, 1];
  for (let k = 0; k < K; k++) {
    if (row[at + k]! <= row[at + label]!) continue;
    sum += row[at + k]!;
    ahead++;
  }
  const mean = sum / ahead;
  for (let k = 0; k < K; k++) {
    if (row[at + k]! > row[at + label]!) row[at + k] = mean * (1 - LEVEL);
  }
  row[at + label] = mean * (1 + LEVEL * (ahead - 1));
}

function odds(p: number): number {
  return p / (1 - p);
}

function normalize(row: Float64Array, at: number, K: number): void {
  let sum = 0;
  for (let k = 0; k < K; k++) sum += row[at + k]!;
  for (let k = 0; k < K; k++) row[at + k]! /= sum;
}

/**
 * The classes that answers or gold name, in an order that does not depend on their numbers: by answers, most first, then
 * by first appearance; those that gold alone names last, by number of gold items.
 */
function orderOfClasses({ items, classes: K, label, ...lists }: Annotations, gold: readonly number[]): Int32Array {
  const named = new Float64Array(K);
  const since = new Float64Array(K).fill(Infinity);
  for (let i = 0; i < items; i++) {
    for (let a = lists.firstOfItem[i]!; a >= 0; a = lists.nextOfItem[a]!) {
      named[label[a]!]!++;
      since[label[a]!] = Math.min(since[label[a]!]!, a);
    }
  }
  const checked = new Float64Array(K);
  for (const k of gold) checked[k]!++;
  return Int32Array.from({ length: K }, (_, k) => k)
    .filter((k) => named[k]! + checked[k]! > 0)
    .sort((a, b) => named[b]! - named[a]! || checked[b]! - checked[a]! || since[a]! - since[b]! || a - b);
}
