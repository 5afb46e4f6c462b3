import { type Calibration, type CalibrateRequest, type CalibratedBeliefs } from '@quorate/core';
import {
  AccuracyTally,
  LogLinearDraws,
  Urn,
  calibrationFeatures,
  fitLogLinear,
  type LogLinearPrior,
} from '@quorate/core/numbers';
import { columnsOf, type CrowdColumnsWithPrototypes } from './crowd-columns.js';
import { expectedGain } from './expected-gain.js';
import { crowdLabels } from './crowd-labels.js';

export interface CrowdOptions {
  /** κ of the urn; Infinity: answers to one task are independent. */
  readonly dependence: number;
  readonly minGain: number;
  readonly askPrototypes: boolean;
  readonly answersPerPrototype: number;
}

/**
 * What is known of a project's calibration before any label is checked: how far its crowd is believed (t, and c more where
 * one class leads clearly), how far the learner beside answers (e) and alone (a), and how the crowd favours classes (b).
 * t, c and b are those of 48 real crowds; e and a were chosen on two crowds with features, where the optimum is flat.
 */
const PRIOR: LogLinearPrior = {
  weights: [
    { mean: 0.85, sd: 0.25 },
    { mean: 0.4, sd: 0.25 },
    { mean: 0.6, sd: 0.25 },
    { mean: 0.6, sd: 0.25 },
  ],
  biasSd: 0.9,
};
const VIEWS = PRIOR.weights.length;
/** The least probability of a class that the learner is taken to mean, and the least share of one. */
const LEARNER_FLOOR = 1e-4;
const LEAST_SHARE = 1e-3;
/** Draws of θ; fewer where the data are so large that they would take longer than EM. */
const [DRAWS, FEW_DRAWS, MANY_NUMBERS] = [32, 8, 4e6];

/**
 * How far a run's posterior is to be believed where real people answer. They share mistakes: hard tasks are hard for all,
 * and a crowd reads a class otherwise than the expert does.
 *
 *     L_i = mean of the vote shares (V_ik + 1/K) / (n_i + 1) and of Π_a P_j(z_a | k), with the run's own confusions
 *     Q_i = √(U_i L_i),  U_i the evidence of the answers as draws from an urn (`Urn`)
 *     with answers      q_i(k) ∝ exp((t + c m_i/4) ln Q_i(k) + e ln(π_i(k) / π̄(k)) + b_k)
 *     without any       q_i(k) ∝ exp(a ln π_i(k) + b_k)
 *
 * m_i is the lead of ln Q_i, at most 4; π the learner, π̄ its mean, the class shares that it already contains. The crowd
 * alone is calibrated with t, c and b; the learner, which has learned from the same crowd and so shares its mistakes, is
 * multiplied in by the power that known classes bear out. θ = (t, c, e, a, b) has the prior of `PRIOR`; classes that an
 * expert has said, and answers to prototypes, move it (`fitLogLinear`). The result is the mean over draws of θ.
 *
 * Nothing here is remembered from call to call.
 */
export class CrowdCalibration implements Calibration {
  readonly calibrates = true;
  readonly meaning = 'calibrated for the answers of real people';
  readonly minGain: number;
  readonly answersPerPrototype: number;
  readonly #dependence: number;

  constructor({ dependence, minGain, askPrototypes, answersPerPrototype }: CrowdOptions) {
    this.#dependence = dependence;
    this.minGain = minGain;
    this.answersPerPrototype = askPrototypes ? answersPerPrototype : 0;
  }

  calibrate(request: CalibrateRequest): CalibratedBeliefs {
    const { annotations, beliefs, known } = request;
    const { items: N, classes: K } = annotations;
    const crowd = columnsOf(request);
    const labels = crowdLabels(crowd, beliefs.workers);
    const urn = Urn.fit(crowd, labels, this.#dependence);
    const views = new Views(crowd, urn, labels, beliefs.learner?.probability ?? null, N);
    const fit = fitLogLinear(...views.checked(known, crowd), K, PRIOR);
    const draws = new LogLinearDraws(fit, {
      draws: N * K > MANY_NUMBERS ? FEW_DRAWS : DRAWS,
      order: classesByAnswers(crowd),
    });

    const posterior = new Float64Array(N * K);
    const risk = new Float64Array(N);
    const sure = new Float64Array(N);
    const tally = AccuracyTally.empty(draws.draws, known.item.length);
    const row = new Float64Array(VIEWS * K);
    for (let i = 0; i < N; i++) {
      views.of(i, row);
      sure[i] = draws.row(row, posterior, i * K);
      let max = 0;
      for (let k = 0; k < K; k++) if (posterior[i * K + k]! > max) max = posterior[i * K + k]!;
      risk[i] = 1 - max;
      sure[i] = Math.min(max, sure[i]!);
      tally.add(draws.labelByDraw);
    }
    const gain = expectedGain(crowd, urn, posterior, N);
    return { posterior, risk, sure, gain, accuracy: tally.expected() };
  }
}

/** The four views of an item, S×K: t's and c's are 0 without answers, as is e's; a's is 0 with answers. */
class Views {
  readonly #crowd: CrowdColumnsWithPrototypes;
  readonly #urn: Urn;
  readonly #labels: Float64Array;
  readonly #learner: Float32Array | null;
  readonly #items: number;
  readonly #logShare: Float64Array;
  readonly #pooled: Float64Array;

  constructor(
    crowd: CrowdColumnsWithPrototypes,
    urn: Urn,
    labels: Float64Array,
    learner: Float32Array | null,
    items: number,
  ) {
    const K = crowd.classes;
    this.#crowd = crowd;
    this.#urn = urn;
    this.#labels = labels;
    this.#learner = learner;
    this.#items = items;
    this.#pooled = new Float64Array(K);
    const share = new Float64Array(K);
    if (learner) for (let x = 0; x < items * K; x++) share[x % K]! += learner[x]! / items;
    this.#logShare = share.map((s) => Math.log(Math.max(s, LEAST_SHARE)));
  }

  of(item: number, out: Float64Array): void {
    const K = this.#crowd.classes;
    out.fill(0);
    const answered = this.#crowd.start[item] !== this.#crowd.start[item + 1];
    if (answered) {
      this.#urn.pool(this.#crowd, item, this.#labels, item * K, this.#pooled, 0);
      // Prototypes are drawn class by class: the class shares of the items say nothing of them.
      const prototype = item >= this.#items;
      if (prototype) for (let k = 0; k < K; k++) this.#pooled[k]! /= Math.sqrt(this.#urn.shares[k]!);
      const lead = calibrationFeatures(this.#pooled, 0, out.subarray(0, K));
      for (let k = 0; k < K; k++) out[K + k] = lead * out[k]!;
      if (prototype) return;
    }
    if (!this.#learner) return;
    const view = answered ? 2 : 3;
    for (let k = 0; k < K; k++) {
      const said = Math.log(Math.max(this.#learner[item * K + k]!, LEARNER_FLOOR));
      out[view * K + k] = answered ? said - this.#logShare[k]! : said;
    }
  }

  /** Views and classes of what is known: audited items, and prototypes with answers. */
  checked(
    known: CalibrateRequest['known'],
    { prototypeClass, items, start }: CrowdColumnsWithPrototypes,
  ): [Float64Array, Int32Array] {
    const K = this.#crowd.classes;
    const item: number[] = [...known.item];
    const label: number[] = [...known.label];
    for (let p = 0; p < items - this.#items; p++) {
      if (start[this.#items + p] === start[this.#items + p + 1]) continue;
      item.push(this.#items + p);
      label.push(prototypeClass[p]!);
    }
    const rows = new Float64Array(item.length * VIEWS * K);
    item.forEach((i, g) => this.of(i, rows.subarray(g * VIEWS * K, (g + 1) * VIEWS * K)));
    return [rows, Int32Array.from(label)];
  }
}

/** Classes by how often they were named, most often first: an order that does not hang on their numbers. */
function classesByAnswers({ classes, label }: CrowdColumnsWithPrototypes): Int32Array {
  const named = new Float64Array(classes);
  for (const z of label) named[z]!++;
  return Int32Array.from({ length: classes }, (_, k) => k).sort((a, b) => named[b]! - named[a]! || a - b);
}
