import type { SampleRequest } from '@quorate/core';

/** What is expected of one more answer of a random worker, by going through workers, answers and classes. */
export function enumeratedGain(
  { posterior, confusions: { workers: W, classes: K, probability } }: Pick<SampleRequest, 'posterior' | 'confusions'>,
  item: number,
): number {
  const belief = Array.from(posterior.subarray(item * K, (item + 1) * K));
  let right = 0;
  for (let z = 0; z < K; z++) {
    // Who answers is not told to the one who labels: the answer is that of the workers' mixture.
    const joint = belief.map((y, k) => {
      let sum = 0;
      for (let j = 0; j < W; j++) sum += probability[(j * K + z) * K + k]! / W;
      return y * sum;
    });
    const answered = joint.reduce((a, b) => a + b, 0);
    if (answered > 0) right += answered * Math.max(...joint.map((p) => p / answered));
  }
  return right - Math.max(...belief);
}
