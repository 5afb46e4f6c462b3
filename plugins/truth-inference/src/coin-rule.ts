import { setProbabilities, type VoteRule, type Votes } from './vote-model.js';

/**
 * One coin a worker: right with probability p_j, else any other class,
 *
 *     p_j = (Σ_a y_i(z_a) + strength · p) / (n_j + strength),    p = Σ_a y_i(z_a) / M over all workers
 *
 * @param strength Pseudo-answers of the pooled accuracy p; 0 is maximum likelihood, Infinity gives all workers the same p.
 */
export function coinRule(strength: number): VoteRule {
  let pooled = NaN;
  return {
    estimatesClassPrior: true,
    estimate(votes, worker) {
      const { classes: K } = votes;
      const [right, said] = tally(votes, worker);
      let p = strength === Infinity ? pooled : (right + strength * pooled) / (said + strength);
      if (strength === 0) p = said > 0 ? right / said : 1 / K;
      // Counts that were added and taken away again leave rounding errors.
      p = Math.min(1, Math.max(0, p));
      const wrong = K > 1 ? (1 - p) / (K - 1) : 1;
      for (let z = 0; z < K; z++) setProbabilities(votes, worker * K + z, p, wrong);
      if (strength === 0 || strength === Infinity) return 0;
      const { logWrong, logOdds } = votes;
      return strength * (pooled * logOdds[worker * K]! + logWrong[worker * K]!);
    },
    pool(votes) {
      if (strength === 0) return 0;
      let right = 0;
      let said = 0;
      for (let x = 0; x < votes.workers * votes.classes; x++) {
        right += votes.right[x]!;
        said += votes.said[x]!;
      }
      const before = pooled;
      pooled = said > 0 ? right / said : 1 / votes.classes;
      return Math.abs(pooled - before);
    },
    skill(votes, worker) {
      if (strength !== Infinity)
        return Math.exp(votes.logWrong[worker * votes.classes]! + votes.logOdds[worker * votes.classes]!);
      const [right, said] = tally(votes, worker);
      return said > 0 ? right / said : pooled;
    },
    snapshot: () => pooled,
    restore: (shared) => (pooled = shared),
  };
}

function tally({ classes: K, right, said }: Votes, worker: number): [number, number] {
  let rightOnes = 0;
  let all = 0;
  for (let z = 0; z < K; z++) {
    rightOnes += right[worker * K + z]!;
    all += said[worker * K + z]!;
  }
  return [rightOnes, all];
}
