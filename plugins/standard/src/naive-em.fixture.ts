/** EM written down as the paper says it, with nested arrays and logarithms: slow, short, and independent of ours. */
export interface NaiveEm {
  readonly items: number;
  readonly classes: number;
  readonly workers: number;
  /** [item, worker, label]. */
  readonly answers: readonly (readonly [number, number, number])[];
  /** [worker][true][observed]. */
  readonly alpha: readonly (readonly (readonly number[])[])[];
  /** [item][class], or null. */
  readonly prior: readonly (readonly number[])[] | null;
  readonly criterion: 'soft' | 'hard';
}

const argmax = (row: readonly number[]): number => row.indexOf(Math.max(...row));

export function naiveEm({ items, classes, workers, answers, alpha, prior, criterion }: NaiveEm): {
  posterior: number[][];
  iterations: number;
} {
  const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);
  const zero = range(workers).map(() => range(classes).map(() => range(classes).map(() => 0)));
  const confusion = (counts: number[][][]): number[][][] =>
    counts.map((matrix, j) =>
      matrix.map((row, k) => {
        const sums = row.map((count, z) => count + alpha[j]![k]![z]!);
        const total = sums.reduce((a, b) => a + b, 0);
        return sums.map((x) => x / total);
      }),
    );
  const expectation = (P: number[][][]): number[][] =>
    range(items).map((i) => {
      const log = range(classes).map((k) =>
        answers
          .filter(([item]) => item === i)
          .reduce((sum, [, j, z]) => sum + Math.log(P[j]![k]![z]! + 1e-8), Math.log((prior?.[i]![k] ?? 1) + 1e-8)),
      );
      const weights = log.map((x) => Math.exp(x - Math.max(...log)));
      const total = weights.reduce((a, b) => a + b, 0);
      return weights.map((x) => x / total);
    });

  let P = confusion(zero);
  let before: number[] = [];
  let likelihoodBefore = 0;
  let iterations = 0;
  while (answers.length > 0 && iterations < 10) {
    const labels = expectation(P).map(argmax);
    const counts = structuredClone(zero);
    for (const [i, j, z] of answers) counts[j]![labels[i]!]![z]!++;
    P = confusion(counts);
    const likelihood = answers.reduce((sum, [i, j, z]) => sum + P[j]![labels[i]!]![z]!, 0) / answers.length;
    const settled =
      criterion === 'soft' ? Math.abs(likelihood - likelihoodBefore) < 1e-3 : labels.every((k, i) => k === before[i]);
    if (++iterations > 1 && settled) break;
    before = labels;
    likelihoodBefore = likelihood;
  }
  return { posterior: expectation(P), iterations };
}
