import { AnnotationIndex, makeRng, type Dataset, type LearnRequest, type LearnerOutput } from '@quorate/core';
import { bayesRisk } from '@quorate/core/numbers';

/** What is believed of the class that the coin has named; the rest is shared by the other classes. */
const BELIEF = 0.98;

/** Features that say nothing of the classes, beside answers that everybody believes. */
export interface CoinFlips {
  readonly request: LearnRequest;
  /** The class that the coin has named for each item, length N: there is nothing else to know about them. */
  readonly coin: Int32Array;
}

/** N items and 10 prototypes per class with standard normal features, and a fair coin of K sides for the class of each. */
export function coinFlips(seed: number, items = 120, classes = 2, columns = 48): CoinFlips {
  const rng = makeRng(`coin-flips/${seed}`);
  const [N, K, D, P] = [items, classes, columns, 10 * classes];
  const dataset: Dataset = {
    taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
    classes: Array.from({ length: K }, (_, k) => `c${k}`),
    features: { data: Float32Array.from({ length: (N + P) * D }, () => rng.normal()), columns: D },
    prototypes: {
      ids: Array.from({ length: P }, (_, p) => `p${p}`),
      classOf: Int32Array.from({ length: P }, (_, p) => p % K),
    },
  };
  const coin = Int32Array.from({ length: N }, () => rng.int(K));
  const annotations = new AnnotationIndex(N, 3, K);
  const posterior = new Float64Array(N * K).fill((1 - BELIEF) / (K - 1));
  coin.forEach((k, i) => {
    for (let j = 0; j < 3; j++) annotations.append(i, j, k);
    posterior[i * K + k] = BELIEF;
  });
  const risk = new Float64Array(N);
  bayesRisk(posterior, K, risk);
  const annotationLogLikelihood = (item: number, out: Float64Array): void => {
    for (let k = 0; k < K; k++) out[k] = Math.log(posterior[item * K + k]!);
  };
  return { coin, request: { dataset, annotations, posterior, risk, riskThreshold: 0.1, annotationLogLikelihood } };
}

/**
 * How much what a learner says of the items knows of their coins:
 *
 *     Z = Σ_i (s_i(c_i) - m_i) / √Σ_i v_i,    s_i(k) = ln p_i(k) - mean_j ln p_j(k),
 *     m_i and v_i: mean and variance of s_i(k) over the classes k
 *
 * Where row i is made without item i's own answers, c_i is a fair coin to it, and Z about standard normal (leaving an item
 * out of its class makes it a little negative). What it says of all items alike, such as how often each class is named, is
 * no knowledge of one of them: such rows give 0.
 */
export function knowledgeOfCoins(
  said: readonly { readonly output: LearnerOutput; readonly coin: Int32Array }[],
): number {
  let [above, variance] = [0, 0];
  for (const { output, coin } of said) {
    const N = coin.length;
    const K = output.probability.length / N;
    const logs = Array.from(output.probability, (p) => Math.log(Math.max(p, 1e-6)));
    const ofAll = Array.from({ length: K }, (_, k) => logs.reduce((sum, x, at) => sum + (at % K === k ? x / N : 0), 0));
    coin.forEach((c, i) => {
      const own = ofAll.map((all, k) => logs[i * K + k]! - all);
      const mean = own.reduce((a, b) => a + b, 0) / K;
      above += own[c]! - mean;
      variance += own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / K;
    });
  }
  return variance > 1e-9 ? above / Math.sqrt(variance) : 0;
}
