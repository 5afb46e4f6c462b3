import type { Annotations } from '@quorate/core';
import { binomialAtLeast } from './beta.js';
import type { WorkerEvidence } from './worker-evidence.js';

/** Two workers who share more mistakes than independent workers would. */
export interface SharedMistakes {
  readonly workers: readonly [number, number];
  /** Dissents of the one at which the other says the same. */
  readonly shared: number;
  /** Dissents of the one at tasks that both answered. */
  readonly dissents: number;
  /** How many of them independent workers would share. */
  readonly expected: number;
  /** Bound of the probability of that many, without correction. */
  readonly p: number;
  /** Of the level of all pairs, the part that this one gets, times their number: 1 on average. */
  readonly weight: number;
  /** Which of the two has copied, where the file tells; null where it does not. */
  readonly copier: number | null;
}

export interface SharedMistakesReport {
  readonly pairs: readonly SharedMistakes[];
  /** Pairs of workers who share a dissent at all: the number of hypotheses for a correction. */
  readonly tests: number;
}

/** A mistake that more workers share is what the task suggests, not copying. */
const CROWD = 20;
const LONGEST_TASK = 1000;
/** Fewer shared dissents are no evidence; a copier shares at least this part of them; most pairs that are tested. */
const LEAST = 5;
const LEAST_SHARE = 0.8;
const MOST_PAIRS = 10_000;
/** Who has copied is said only where chance would say so less often. */
const ORDER_LEVEL = 0.005;
/** Shares of their tasks that a copier, and the one who was copied, have in common with the other. */
const ALL_TASKS = 0.95;
const OWN_TASKS = 0.7;
/** Weight of a worker's own rate against the votes of the others at a task, in votes. */
const OWN_WEIGHT = 2;

/**
 * Copied answers are seen at *shared mistakes*: independent workers who are right agree too, but they seldom make the
 * same mistake at the same task, unless the task suggests it. Let ρ = P(z | answers to item i but those of worker j),
 * where l has said z, under one-coin Dawid-Skene with the skills s of `WorkerEvidence`:
 *
 *     ρ(z) ∝ exp(Σ_{a of i, j_a ≠ j, z_a = z} w_{j_a}),   w_j = ln(s_j (K - 1) / (1 - s_j)), in 0..4
 *
 * l *dissents* where ρ(z) < 1/2: even with their own voice, the others rather name another class. Were j independent of l
 * given the true class, they would say z too with probability at most
 *
 *     e = max( ρ + (1 - ρ) r_j(z), (v_iz + 2 r_j(z)) / (v_i + 2) )
 *
 * with r_j(z) = P(j says z | z is not true), a bias of their own, and v the votes of the others at the item, a mistake that
 * the task suggests. The number of dissents of l that j shares then has a tail below that of Binomial(dissents, mean e)
 * [Hoeffding, Ann. Math. Stat. 27, 1956]. Both directions are tested, the greater p counts, and a pair that shares less
 * than 80 % of the dissents is none.
 *
 * How many tasks two workers share says nothing of their answers, but a copier needs the tasks of the one they copy. So a
 * pair gets a part of the level in proportion to the square of its common tasks [Genovese, Roeder and Wasserman, Biometrika
 * 93, 2006]: with equal overlaps that is the same for all.
 *
 * Who has copied is told by the order of the answers in the file, where it is not one fixed order of the workers: whoever
 * nearly always comes after the other at the mistakes, or at the tasks, that both share. Else by the tasks: one who has
 * hardly any task without the other, who has many. Else it is not told.
 *
 * Pairs are found along the tasks, at which groups of more than 20 equal dissents (and tasks with more than 1,000
 * answers) are passed over; at most 10,000 pairs, those that share most, are tested. So the cost is O(20 M + 10,000 answers
 * of a worker), never workers². Only the first
 * answer of a worker to a task is looked at. Copied right answers, or a few copies among many answers, leave no trace.
 */
export function sharedMistakes(annotations: Annotations, evidence: WorkerEvidence): SharedMistakesReport {
  const { items, workers: W, classes: K, firstOfItem, nextOfItem, perItem, worker, label } = annotations;
  const weights = Float64Array.from({ length: W }, (_, j) => {
    const skill = (evidence.right[j]! + 1) / (evidence.compared[j]! + 2);
    return Math.min(4, Math.max(0, Math.log((skill * (K - 1)) / (1 - skill))));
  });
  const votes = new Int32Array(K);
  const sums = new Float64Array(K);
  const pairs = new Map<number, number>();
  for (let i = 0; i < items; i++) {
    if (perItem[i]! < 3 || perItem[i]! > LONGEST_TASK) continue;
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      votes[label[a]!]!++;
      sums[label[a]!]! += weights[worker[a]!]!;
    }
    let [top, second] = [-1, 0];
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!)
      if (top < 0 || sums[label[a]!]! > sums[top]!) top = label[a]!;
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      if (label[a] !== top) second = Math.max(second, sums[label[a]!]!);
    }
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      const z = label[a]!;
      if (votes[z]! < 2 || votes[z]! > CROWD) continue;
      const rival = z === top ? second : sums[top]!;
      for (let b = nextOfItem[a]!; b >= 0; b = nextOfItem[b]!) {
        if (label[b] !== z || worker[a] === worker[b]) continue;
        const [j, l] = [Math.min(worker[a]!, worker[b]!), Math.max(worker[a]!, worker[b]!)];
        if (sums[z]! - Math.max(weights[j]!, weights[l]!) < rival)
          pairs.set(j * W + l, (pairs.get(j * W + l) ?? 0) + 1);
      }
    }
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) votes[label[a]!] = sums[label[a]!] = 0;
  }
  const candidates = [...pairs]
    .filter(([, shared]) => shared >= LEAST)
    .sort(([p, a], [q, b]) => b - a || p - q)
    .slice(0, MOST_PAIRS)
    .sort(([p], [q]) => p - q);
  const step = Math.ceil(pairs.size / MOST_PAIRS);
  const some = [...pairs.keys()].filter((_, n) => n % step === 0);
  const overlaps = commonTasks(annotations, [...new Set([...some, ...candidates.map(([key]) => key)])]);
  const meanSquare = some.reduce((sum, key) => sum + overlaps.get(key)! ** 2, 0) / Math.max(1, some.length);
  const test = new PairTest(annotations, weights, evidence.wrongly);
  const found: SharedMistakes[] = [];
  for (const [key] of candidates) {
    const [j, l] = [Math.floor(key / W), key % W];
    const [one, other] = test.of(j, l);
    const weaker = one.p >= other.p ? one : other;
    if (weaker.shared >= LEAST && weaker.shared >= LEAST_SHARE * weaker.dissents) {
      const weight = overlaps.get(key)! ** 2 / meanSquare;
      found.push({ workers: [j, l], ...weaker, weight, copier: test.copier(j, l) });
    }
  }
  return { pairs: found, tests: pairs.size };
}

type Direction = Pick<SharedMistakes, 'shared' | 'dissents' | 'expected' | 'p'>;

/** At how many tasks the two workers of each pair meet, O(answers of the workers of the pairs). */
function commonTasks(annotations: Annotations, pairs: readonly number[]): Map<number, number> {
  const { workers: W, perWorker } = annotations;
  const [items, starts] = itemsByWorker(annotations);
  const found = new Map<number, number>();
  for (const key of pairs) {
    const [j, l] = [Math.floor(key / W), key % W];
    let [x, y, common] = [starts[j]!, starts[l]!, 0];
    const [endOfJ, endOfL] = [x + perWorker[j]!, y + perWorker[l]!];
    while (x < endOfJ && y < endOfL) {
      const [one, other] = [items[x]!, items[y]!];
      if (one === other) common++;
      if (one <= other) x++;
      if (one >= other) y++;
    }
    found.set(key, common);
  }
  return found;
}

/** Of the dissents of one at tasks that both answered: at how many the other says the same, and how many are expected. */
class PairTest {
  /** The items of the answers of each worker, ascending, one worker after another; those of worker j from `#starts[j]` on. */
  readonly #items: Int32Array;
  readonly #starts: Int32Array;
  readonly #votes: Int32Array;
  readonly #sums: Float64Array;

  constructor(
    readonly annotations: Annotations,
    readonly weights: Float64Array,
    readonly wrongly: Float32Array,
  ) {
    [this.#items, this.#starts] = itemsByWorker(annotations);
    this.#votes = new Int32Array(annotations.classes);
    this.#sums = new Float64Array(annotations.classes);
  }

  /** The dissents of l, and those of j. */
  of(j: number, l: number): readonly [Direction, Direction] {
    const common = this.#common(j, l);
    const ofJ = common.map((i) => firstAnswer(this.annotations, i, j));
    const ofL = common.map((i) => firstAnswer(this.annotations, i, l));
    return [this.#direction(j, l, common, ofL, ofJ), this.#direction(l, j, common, ofJ, ofL)];
  }

  /** Which of the two comes after the other too often for chance, or has no tasks of their own; null where neither tells. */
  copier(j: number, l: number): number | null {
    const common = this.#common(j, l);
    if (!this.#ordered(j, l)) {
      let [jFirst, same, jFirstWrong, wrong] = [0, 0, 0, 0];
      for (const i of common) {
        const [a, b] = [firstIndex(this.annotations, i, j), firstIndex(this.annotations, i, l)];
        const z = this.annotations.label[a]!;
        if (z !== this.annotations.label[b]) continue;
        same++;
        if (a < b) jFirst++;
        if (this.#without(i, j, l, z).probability >= 0.5) continue;
        wrong++;
        if (a < b) jFirstWrong++;
      }
      for (const [first, n] of [
        [jFirstWrong, wrong],
        [jFirst, same],
      ] as const) {
        if (binomialAtLeast(Math.max(first, n - first), n, 0.5) < ORDER_LEVEL) return first > n - first ? l : j;
      }
    }
    const share = (worker: number): number => common.length / this.annotations.perWorker[worker]!;
    const [ofJ, ofL] = [share(j), share(l)];
    if (ofJ >= ALL_TASKS && ofL <= OWN_TASKS) return j;
    return ofL >= ALL_TASKS && ofJ <= OWN_TASKS ? l : null;
  }

  /** Whether the answers to a task stand in one fixed order of the workers, as in a file that is sorted by worker. */
  #ordered(j: number, l: number): boolean {
    const { firstOfItem, nextOfItem, worker } = this.annotations;
    const before = new Map<number, readonly [number, number]>();
    for (let x = this.#starts[j]!; x < this.#starts[j + 1]!; x++) {
      let seen = false;
      for (let a = firstOfItem[this.#items[x]!]!; a >= 0; a = nextOfItem[a]!) {
        const other = worker[a]!;
        if (other === j) seen = true;
        if (other === j || other === l) continue;
        const [early, late] = before.get(other) ?? [0, 0];
        before.set(other, seen ? [early, late + 1] : [early + 1, late]);
      }
    }
    const counted = [...before.values()].filter(([early, late]) => early + late >= 5);
    return counted.filter(([early, late]) => early === 0 || late === 0).length > counted.length / 2;
  }

  /** The items that both answered, ascending. */
  #common(j: number, l: number): number[] {
    const items = this.#items;
    const [endOfJ, endOfL] = [this.#starts[j + 1]!, this.#starts[l + 1]!];
    let [x, y] = [this.#starts[j]!, this.#starts[l]!];
    const common: number[] = [];
    while (x < endOfJ && y < endOfL) {
      const [one, other] = [items[x]!, items[y]!];
      if (one === other && common.at(-1) !== one) common.push(one);
      if (one <= other) x++;
      if (one >= other) y++;
    }
    return common;
  }

  /** @param common Items that both answered. @param said What l says of them. @param answers What j says. */
  #direction(
    j: number,
    l: number,
    common: readonly number[],
    said: readonly number[],
    answers: readonly number[],
  ): Direction {
    const K = this.annotations.classes;
    let [shared, dissents, expected] = [0, 0, 0];
    for (const [x, i] of common.entries()) {
      const z = said[x]!;
      const { probability, others, forIt } = this.#without(i, j, l, z);
      if (probability >= 0.5) continue;
      const own = this.wrongly[j * K + z]!;
      dissents++;
      expected += Math.max(probability + (1 - probability) * own, (forIt + OWN_WEIGHT * own) / (others + OWN_WEIGHT));
      if (answers[x] === z) shared++;
    }
    // Hoeffding's bound holds from the mean upwards; below it there is nothing to see.
    const p = shared > expected + 1 ? binomialAtLeast(shared, dissents, expected / dissents) : 1;
    return { shared, dissents, expected, p };
  }

  /** ρ(z) without j, and the votes of those who are neither j nor l: all, and those for z. */
  #without(i: number, j: number, l: number, z: number): { probability: number; others: number; forIt: number } {
    const { classes: K, firstOfItem, nextOfItem, worker, label } = this.annotations;
    const [votes, sums] = [this.#votes, this.#sums];
    let [others, named] = [0, 0];
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      if (worker[a] === j) continue;
      sums[label[a]!]! += this.weights[worker[a]!]!;
      if (worker[a] === l) continue;
      others++;
      votes[label[a]!]!++;
    }
    const forIt = votes[z]!;
    const own = sums[z]!;
    let rest = 0;
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      const k = label[a]!;
      if (sums[k] === -1) continue;
      if (k !== z) rest += Math.exp(sums[k]! - own);
      named++;
      sums[k] = -1;
    }
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) votes[label[a]!] = sums[label[a]!] = 0;
    return { probability: 1 / (1 + rest + (K - named) * Math.exp(-own)), others, forIt };
  }
}

function firstIndex({ firstOfItem, nextOfItem, worker }: Annotations, i: number, j: number): number {
  let a = firstOfItem[i]!;
  while (worker[a] !== j) a = nextOfItem[a]!;
  return a;
}

function firstAnswer(annotations: Annotations, i: number, j: number): number {
  return annotations.label[firstIndex(annotations, i, j)]!;
}

function itemsByWorker({ items, perWorker, firstOfItem, nextOfItem, worker, live }: Annotations) {
  const starts = new Int32Array(perWorker.length + 1);
  perWorker.forEach((count, j) => (starts[j + 1] = starts[j]! + count));
  const ends = starts.slice();
  const ofWorkers = new Int32Array(live);
  for (let i = 0; i < items; i++) {
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) ofWorkers[ends[worker[a]!]!++] = i;
  }
  return [ofWorkers, starts] as const;
}
