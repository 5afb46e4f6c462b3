import type { SampleRequest } from '../contracts/sampler.js';

/** What is expected of some more answers of random workers, by going through answers, workers and classes. */
export function enumeratedGain(
  { posterior, confusions: { workers: W, classes: K, probability } }: Pick<SampleRequest, 'posterior' | 'confusions'>,
  item: number,
  answers = 1,
): number {
  const belief = Array.from(posterior.subarray(item * K, (item + 1) * K));
  // Who answers is not told to the one who labels: the answer is that of the workers' mixture.
  const answered = (joint: readonly number[], z: number): number[] =>
    joint.map((y, k) => {
      let sum = 0;
      for (let j = 0; j < W; j++) sum += probability[(j * K + z) * K + k]! / W;
      return y * sum;
    });
  const right = (joint: readonly number[], left: number): number => {
    if (left === 0) return Math.max(...joint);
    let sum = 0;
    for (let z = 0; z < K; z++) sum += right(answered(joint, z), left - 1);
    return sum;
  };
  return right(belief, answers) - Math.max(...belief);
}
