import type { Annotations } from '@quorate/core';

/** How far the answers to one task agree, over the whole file. Null where it is not defined. */
export interface Agreement {
  /** Krippendorff's alpha, nominal. Null with fewer than two classes among the answers that can be compared. */
  readonly alpha: number | null;
  /** Fleiss' kappa; with unequal numbers of answers, its usual extension. */
  readonly fleiss: number | null;
  /** Mean over tasks of the share of its pairs of answers that agree. */
  readonly percent: number | null;
  /** Tasks with two answers or more: only these say anything. */
  readonly tasks: number;
  /** Answers to these tasks, one of each worker. */
  readonly answers: number;
  /** Further answers of a worker to a task, over all tasks: left out here. */
  readonly repeats: number;
  /** The number of answers where all these tasks have the same, as Fleiss' kappa was made for; else null. */
  readonly answersPerTask: number | null;
  readonly perClass: readonly ClassAgreement[];
}

export interface ClassAgreement {
  /** Class index, and how many of the compared answers name it. */
  readonly label: number;
  readonly answers: number;
  /** Alpha of this class against all others. */
  readonly alpha: number | null;
  /** Where one answer names the class, the probability that another answer to the task does too. */
  readonly percent: number | null;
}

/**
 * Chance-corrected agreement. With n_ic answers to task i that name class c, m_i = Σ_c n_ic >= 2, n = Σ_i m_i:
 *
 *     D_o = (1/n) Σ_i Σ_c n_ic (m_i - n_ic) / (m_i - 1)        D_e = Σ_c n_c (n - n_c) / (n (n - 1))
 *     α = 1 - D_o / D_e                                         [Krippendorff, Content Analysis, 2004, ch. 11]
 *
 *     P_i = Σ_c n_ic (n_ic - 1) / (m_i (m_i - 1))    P̄ = mean_i P_i    P_e = Σ_c (n_c / n)²
 *     κ = (P̄ - P_e) / (1 - P_e)                                [Fleiss, Psychological Bulletin 76, 1971]
 *
 * Missing answers are no matter for α. Tasks that fewer than two workers answered are left out of both. A worker has one
 * voice at a task: of several answers the first counts, since a worker who agrees with themselves says nothing about the
 * others. O(M + N + W + K).
 */
export function agreementOf(annotations: Annotations): Agreement {
  const { items, workers, classes: K, firstOfItem, nextOfItem, perItem, worker, label } = annotations;
  const counts = new Int32Array(K);
  const total = new Float64Array(K);
  const together = new Float64Array(K);
  let [n, tasks, sumOfShares, m] = [0, 0, 0, 0];
  let equal = true;
  let repeats = 0;
  /** The last item at which each worker was heard. */
  const heard = new Int32Array(workers).fill(-1);
  for (let i = 0; i < items; i++) {
    if (perItem[i]! < 2) continue;
    let answers = 0;
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      if (heard[worker[a]!] === i) continue;
      heard[worker[a]!] = i;
      answers++;
      counts[label[a]!]!++;
    }
    repeats += perItem[i]! - answers;
    if (answers < 2) {
      for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) counts[label[a]!] = 0;
      continue;
    }
    if (tasks > 0 && answers !== m) equal = false;
    m = answers;
    tasks++;
    n += answers;
    let pairs = 0;
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      const c = label[a]!;
      const named = counts[c]!;
      if (named === 0) continue;
      counts[c] = 0;
      total[c]! += named;
      together[c]! += (named * (named - 1)) / (answers - 1);
      pairs += named * (named - 1);
    }
    sumOfShares += pairs / (answers * (answers - 1));
  }
  let [agreeing, expectedPairs, squares] = [0, 0, 0];
  for (let c = 0; c < K; c++) {
    agreeing += together[c]!;
    expectedPairs += total[c]! * (n - total[c]!);
    squares += (total[c]! / n) ** 2;
  }
  const percent = tasks > 0 ? sumOfShares / tasks : null;
  const varied = expectedPairs > 0;
  return {
    alpha: varied ? 1 - ((n - agreeing) * (n - 1)) / expectedPairs : null,
    fleiss: varied && percent !== null ? (percent - squares) / (1 - squares) : null,
    percent,
    tasks,
    answers: n,
    repeats,
    answersPerTask: tasks > 0 && equal ? m : null,
    perClass: Array.from({ length: K }, (_, c) => {
      const named = total[c]!;
      const between = named * (n - named);
      return {
        label: c,
        answers: named,
        alpha: between > 0 ? 1 - ((named - together[c]!) * (n - 1)) / between : null,
        percent: named > 0 ? together[c]! / named : null,
      };
    }),
  };
}
