import { lnGamma } from './gamma.js';
import { softmax } from './log-space.js';

/** Answers sorted by item: item i has the answers start[i]..start[i+1]-1. */
export interface CrowdColumns {
  /** N, W and K. */
  readonly items: number;
  readonly workers: number;
  readonly classes: number;
  /** Length N + 1. */
  readonly start: Int32Array;
  /** Worker 0..W-1 and class 0..K-1 of every answer. */
  readonly worker: Int32Array;
  readonly label: Int32Array;
}

/** Pseudo-answers behind each worker's weight, pseudo-tasks of a row of the pooled confusion and of a class share. */
const WORKER_PSEUDO = 5;
const ROW_PSEUDO = 3;
const SHARE_PSEUDO = 3;
/** Share of uniform doubt about the labels that the pooled confusion is counted from. */
const DOUBT = 0.1;
const [LOWEST_ACCURACY, HIGHEST_ACCURACY] = [0.02, 0.98];
const [LEAST_WEIGHT, MOST_WEIGHT] = [0.02, 2];
/** Balls of every colour that an urn has beside those of the pooled confusion. */
const EXTRA_BALLS = 0.02;
/** No evidence and no vote rules a class out. */
const POOL_FLOOR = 1e-6;

/** κ, how soon more answers to one task stop to say more: chosen on 48 real crowd sets. */
export const CROWD_DEPENDENCE = 5;

/** What an urn knows, as plain data. */
export interface UrnState {
  readonly classes: number;
  readonly dependence: number;
  readonly confusion: Float64Array;
  readonly shares: Float64Array;
  /** Mean of a worker's weight over all answers, before the division by it; pooled accuracy of an answer. */
  readonly meanWeight: number;
  readonly accuracy: number;
  /** Expected right answers of each worker, and answers; length W. */
  readonly right: Float64Array;
  readonly said: Float64Array;
}

/**
 * Evidence of answers that are not independent: those to one task of class k are draws from a Pólya urn, of which the
 * Dirichlet-multinomial is the probability. More of the same answer says less and less.
 *
 *     p_j = (Σ_a L_i(z_a) + 5 p) / (n_j + 5) over j's answers a,  p = mean of L_i(z_a);  clipped to .02 .. .98
 *     w_j = max(.02, ln(p_j (K-1) / (1-p_j))), divided by its mean over all answers, at most 2
 *     X_iz = Σ w_j over the answers z to task i;   x_i = Σ_z X_iz
 *     T_kz = Σ_i (.9 L_i(k) + .1/K) X_iz / x_i;   a = tr T / Σ T;   D = a on the diagonal, (1-a)/(K-1) elsewhere
 *     C_kz = (T_kz + 3 D_kz) / (Σ_z T_kz + 3);   ρ_k ∝ Σ_i L_i(k) + 3 over the answered tasks
 *     A_kz = κ C_kz + .02
 *     ln P(X_i | k) = Σ_{z: X_iz > 0} [ln Γ(X_iz + A_kz) - ln Γ(A_kz)] + a term that is the same for every k
 *     U_i(k) ∝ ρ_k P(X_i | k)
 *
 * L are labels that somebody else inferred. κ is the dependence; with κ = ∞ answers are independent, Σ_z X_iz ln C_kz.
 * One pass, no iteration: fitted to its own result it drifts. What was fitted stays until the next `fit`, but for the
 * workers' counts (`count`).
 *
 * G. Pólya, F. Eggenberger: Über die Statistik verketteter Vorgänge. ZAMM 3, 1923.
 */
export class Urn {
  readonly classes: number;
  readonly dependence: number;
  /** C, K×K `[true][observed]`, rows sum to 1. */
  readonly confusion: Float64Array;
  /** ρ, length K, sums to 1. */
  readonly shares: Float64Array;
  /** Where κ is finite, A_kz and ln Γ(A_kz) at [z K + k]; else nothing and ln C_kz. */
  readonly #balls: Float64Array;
  readonly #logTerm: Float64Array;
  readonly #logShares: Float64Array;
  readonly #meanWeight: number;
  readonly #accuracy: number;
  #right: Float64Array;
  #said: Float64Array;
  #weight: Float64Array;
  /** X of the item in hand, which classes it has, and its U. */
  readonly #x: Float64Array;
  readonly #named: Int32Array;
  readonly #row: Float64Array;

  constructor({ classes: K, dependence, confusion, shares, meanWeight, accuracy, right, said }: UrnState) {
    this.classes = K;
    this.dependence = dependence;
    this.confusion = Float64Array.from(confusion);
    this.shares = Float64Array.from(shares);
    this.#logShares = this.shares.map(Math.log);
    this.#meanWeight = meanWeight;
    this.#accuracy = accuracy;
    this.#right = Float64Array.from(right);
    this.#said = Float64Array.from(said);
    this.#weight = Float64Array.from(right, (_, j) => this.#weigh(j));
    this.#balls = new Float64Array(K * K);
    this.#logTerm = new Float64Array(K * K);
    for (let k = 0; k < K; k++) {
      for (let z = 0; z < K; z++) {
        const p = confusion[k * K + z]!;
        const balls = dependence * p + EXTRA_BALLS;
        this.#balls[z * K + k] = balls;
        this.#logTerm[z * K + k] = dependence === Infinity ? Math.log(p) : lnGamma(balls);
      }
    }
    this.#x = new Float64Array(K);
    this.#named = new Int32Array(K);
    this.#row = new Float64Array(K);
  }

  /**
   * @param labels L, N×K row-major, rows of answered items sum to 1; others are not read.
   * @param dependence κ > 0, or Infinity.
   */
  static fit(answers: CrowdColumns, labels: Float64Array, dependence = CROWD_DEPENDENCE): Urn {
    const { items, workers, classes: K, start } = answers;
    const right = new Float64Array(workers);
    const said = new Float64Array(workers);
    const shares = new Float64Array(K).fill(SHARE_PSEUDO);
    for (let i = 0; i < items; i++) {
      if (start[i] === start[i + 1]) continue;
      countItem(answers, i, labels, i * K, { right, said }, 1);
      for (let k = 0; k < K; k++) shares[k]! += labels[i * K + k]!;
    }
    const total = sum(shares);
    for (let k = 0; k < K; k++) shares[k]! /= total;
    const count = sum(said);
    const accuracy = count > 0 ? sum(right) / count : 1 / K;
    const raw = right.map((n, j) => rawWeight(n, said[j]!, accuracy, K));
    const meanWeight = count > 0 ? raw.reduce((all, w, j) => all + said[j]! * w, 0) / count : 1;
    const weight = raw.map((w) => Math.min(MOST_WEIGHT, w / meanWeight));
    const confusion = pooledConfusion(answers, labels, weight);
    return new Urn({ classes: K, dependence, confusion, shares, meanWeight, accuracy, right, said });
  }

  #weigh(j: number): number {
    return Math.min(
      MOST_WEIGHT,
      rawWeight(this.#right[j]!, this.#said[j]!, this.#accuracy, this.classes) / this.#meanWeight,
    );
  }

  /**
   * U_i; ρ for an item without answers. O(distinct classes named · K).
   * @param out Gets K probabilities from `to` on.
   */
  evidence({ start, worker, label }: CrowdColumns, item: number, out: Float64Array, to: number): void {
    const K = this.classes;
    const [sums, named, weight, balls, term] = [this.#x, this.#named, this.#weight, this.#balls, this.#logTerm];
    const logShares = this.#logShares;
    const independent = this.dependence === Infinity;
    let distinct = 0;
    for (let a = start[item]!; a < start[item + 1]!; a++) {
      const z = label[a]!;
      if (sums[z] === 0) named[distinct++] = z;
      sums[z]! += weight[worker[a]!]!;
    }
    for (let k = 0; k < K; k++) out[to + k] = logShares[k]!;
    for (let n = 0; n < distinct; n++) {
      const z = named[n]!;
      const x = sums[z]!;
      sums[z] = 0;
      const at = z * K;
      if (independent) for (let k = 0; k < K; k++) out[to + k]! += x * term[at + k]!;
      else for (let k = 0; k < K; k++) out[to + k]! += lnGamma(x + balls[at + k]!) - term[at + k]!;
    }
    softmax(out, to, K);
  }

  /**
   * Q_i ∝ √(max(U_i, 1e-6) max(L_i, 1e-6)), the pooled posterior, which is what gets calibrated; U_i for an item without
   * answers.
   * @param labels Holds L_i from `at` on. @param out Gets Q_i from `to` on; may be the same place.
   */
  pool(answers: CrowdColumns, item: number, labels: Float64Array, at: number, out: Float64Array, to: number): void {
    const K = this.classes;
    const row = this.#row;
    this.evidence(answers, item, row, 0);
    if (answers.start[item] !== answers.start[item + 1]) {
      let total = 0;
      for (let k = 0; k < K; k++) {
        total += row[k] = Math.sqrt(Math.max(row[k]!, POOL_FLOOR) * Math.max(labels[at + k]!, POOL_FLOOR));
      }
      for (let k = 0; k < K; k++) row[k]! /= total;
    }
    for (let k = 0; k < K; k++) out[to + k] = row[k]!;
  }

  /** Adds (sign 1) or takes away (-1) what an item's answers say of its workers, if its labels are these. */
  count(answers: CrowdColumns, item: number, labels: Float64Array, at: number, sign: 1 | -1): void {
    this.grow(answers.workers);
    countItem(answers, item, labels, at, { right: this.#right, said: this.#said }, sign);
    for (let a = answers.start[item]!; a < answers.start[item + 1]!; a++) {
      const j = answers.worker[a]!;
      this.#weight[j] = this.#weigh(j);
    }
  }

  /** Makes room for workers of whom nothing is known: they count as one of the pooled accuracy. */
  grow(workers: number): void {
    const before = this.#weight.length;
    if (workers <= before) return;
    const widened = (old: Float64Array): Float64Array => {
      const wide = new Float64Array(workers + (workers >> 2));
      wide.set(old);
      return wide;
    };
    this.#right = widened(this.#right);
    this.#said = widened(this.#said);
    this.#weight = widened(this.#weight);
    for (let j = before; j < this.#weight.length; j++) this.#weight[j] = this.#weigh(j);
  }

  snapshot(): UrnState {
    const { classes, dependence } = this;
    return {
      classes,
      dependence,
      confusion: this.confusion.slice(),
      shares: this.shares.slice(),
      meanWeight: this.#meanWeight,
      accuracy: this.#accuracy,
      right: this.#right.slice(),
      said: this.#said.slice(),
    };
  }
}

interface WorkerCounts {
  readonly right: Float64Array;
  readonly said: Float64Array;
}

function countItem(
  { start, worker, label }: CrowdColumns,
  item: number,
  labels: Float64Array,
  at: number,
  { right, said }: WorkerCounts,
  sign: 1 | -1,
): void {
  for (let a = start[item]!; a < start[item + 1]!; a++) {
    right[worker[a]!]! += sign * labels[at + label[a]!]!;
    said[worker[a]!]! += sign;
  }
}

/** max(.02, ln(p_j (K-1) / (1-p_j))). */
function rawWeight(right: number, said: number, accuracy: number, K: number): number {
  const p = (right + WORKER_PSEUDO * accuracy) / (said + WORKER_PSEUDO);
  const clipped = Math.min(HIGHEST_ACCURACY, Math.max(LOWEST_ACCURACY, p));
  return Math.max(LEAST_WEIGHT, Math.log((clipped * Math.max(K - 1, 1)) / (1 - clipped)));
}

/** C, K×K: how the crowd names tasks of each class. A task counts once, however many answers it has. */
function pooledConfusion(
  { items, classes: K, start, worker, label }: CrowdColumns,
  labels: Float64Array,
  weight: Float64Array,
): Float64Array {
  const confusion = new Float64Array(K * K);
  const row = new Float64Array(K);
  for (let i = 0; i < items; i++) {
    const [from, to] = [start[i]!, start[i + 1]!];
    let total = 0;
    for (let a = from; a < to; a++) total += weight[worker[a]!]!;
    if (total === 0) continue;
    for (let k = 0; k < K; k++) row[k] = ((1 - DOUBT) * labels[i * K + k]! + DOUBT / K) / total;
    for (let a = from; a < to; a++) {
      const [z, w] = [label[a]!, weight[worker[a]!]!];
      for (let k = 0; k < K; k++) confusion[k * K + z]! += w * row[k]!;
    }
  }
  const total = sum(confusion);
  let diagonal = 0;
  for (let k = 0; k < K; k++) diagonal += confusion[k * K + k]!;
  const right = total > 0 ? diagonal / total : 1 / K;
  for (let k = 0; k < K; k++) {
    const rowTotal = sum(confusion.subarray(k * K, (k + 1) * K)) + ROW_PSEUDO;
    for (let z = 0; z < K; z++) {
      const share = z === k ? right : (1 - right) / Math.max(K - 1, 1);
      confusion[k * K + z] = (confusion[k * K + z]! + ROW_PSEUDO * share) / rowTotal;
    }
  }
  return confusion;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
