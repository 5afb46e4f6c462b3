import type { Annotations } from '@quorate/core';

/** Agreement of two workers over the tasks that both answered. */
export interface PairKappa {
  readonly workers: readonly [number, number];
  /** Tasks that both answered. */
  readonly tasks: number;
  /** Share of them with the same answer. */
  readonly percent: number;
  /** Cohen's kappa; null where both named one and the same class throughout. */
  readonly kappa: number | null;
}

export interface PairwiseKappa {
  /** Pairs with at least `minTasks` tasks in common, by the numbers of the workers. */
  readonly pairs: readonly PairKappa[];
  /** Mean kappa of these pairs, each counting once; null without any. */
  readonly mean: number | null;
  /** How many workers were compared: those with the most answers. */
  readonly workers: number;
}

export interface PairwiseOptions {
  /** Most workers that are compared with each other, those with the most answers. */
  readonly maxWorkers: number;
  readonly minTasks: number;
}

/**
 * Cohen's kappa of every pair of the most active workers,
 *
 *     κ = (p_o - p_e) / (1 - p_e),   p_e = Σ_c f_1(c) f_2(c)                 [Cohen, Educ. Psychol. Meas. 20, 1960]
 *
 * with p_o the share of common tasks with the same answer and f the shares of the classes over these tasks. A rater has
 * one rating of a task: of several answers of one worker the first counts. Limiting the workers keeps the cost at
 * O(M + Σ_i min(m_i, maxWorkers)²) and the memory at O(maxWorkers² K).
 */
export function pairwiseKappa(annotations: Annotations, { maxWorkers, minTasks }: PairwiseOptions): PairwiseKappa {
  const { items, workers, classes: K, perWorker, firstOfItem, nextOfItem, worker, label } = annotations;
  const active = Array.from({ length: workers }, (_, j) => j)
    .filter((j) => perWorker[j]! > 0)
    .sort((a, b) => perWorker[b]! - perWorker[a]! || a - b)
    .slice(0, maxWorkers)
    .sort((a, b) => a - b);
  const A = active.length;
  const place = new Int32Array(workers).fill(-1);
  active.forEach((j, n) => (place[j] = n));
  const common = new Float64Array(A * A);
  const same = new Float64Array(A * A);
  const named = new Int32Array(A * A * K);
  const seen = new Int32Array(A).fill(-1);
  const here = new Int32Array(A);
  const said = new Int32Array(A);
  for (let i = 0; i < items; i++) {
    let present = 0;
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      const n = place[worker[a]!]!;
      if (n < 0 || seen[n] === i) continue;
      seen[n] = i;
      here[present++] = n;
      said[n] = label[a]!;
    }
    for (let x = 0; x < present; x++) {
      for (let y = 0; y < present; y++) {
        if (x === y) continue;
        const pair = here[x]! * A + here[y]!;
        common[pair]!++;
        named[pair * K + said[here[x]!]!]!++;
        if (said[here[x]!] === said[here[y]!]) same[pair]!++;
      }
    }
  }
  const pairs: PairKappa[] = [];
  for (let x = 0; x < A; x++) {
    for (let y = x + 1; y < A; y++) {
      const tasks = common[x * A + y]!;
      if (tasks < minTasks) continue;
      let expected = 0;
      for (let c = 0; c < K; c++) expected += named[(x * A + y) * K + c]! * named[(y * A + x) * K + c]!;
      expected /= tasks * tasks;
      const percent = same[x * A + y]! / tasks;
      const kappa = expected < 1 ? (percent - expected) / (1 - expected) : null;
      pairs.push({ workers: [active[x]!, active[y]!], tasks, percent, kappa });
    }
  }
  const known = pairs.flatMap(({ kappa }) => (kappa === null ? [] : [kappa]));
  const mean = known.length > 0 ? known.reduce((sum, kappa) => sum + kappa, 0) / known.length : null;
  return { pairs, mean, workers: A };
}
