import { defineComponent } from '@quorate/core';
import { z } from 'zod';
import { ascentOptions } from './ascent.js';
import { modelAggregator } from './model-aggregator.js';
import { digamma, dirichletDivergence } from './special-functions.js';
import { VoteModel, setProbabilities, type VoteRule, type Votes } from './vote-model.js';

interface MaceOptions {
  readonly effort: number;
  readonly strategy: number;
}

/**
 * MACE, multi-annotator competence estimation [Hovy13]: worker j tries with probability θ_j and is then right; else the
 * answer comes from j's own habit ξ_j, whatever the truth is:
 *
 *     P_j(z | k) = θ_j [z = k] + (1 − θ_j) ξ_j(z),    θ_j ~ Beta(effort, effort),    ξ_j ~ Dirichlet(strategy, ...)
 *
 * Variational Bayes, as in the paper: q(y, tried) q(θ) q(ξ). With the expected counts t_j of answers that were tried and
 * s_j(z) of those that were not,
 *
 *     ln θ̃ = ψ(t_j + effort) − ψ(n_j + 2 effort),    ln ξ̃(z) = ψ(s_j(z) + strategy) − ψ(Σ s_j + K strategy)
 *
 * take the parameters' place in the E step. All classes are equally likely from the start. The objective is the evidence
 * lower bound, ln Σ of the E step − KL(q(θ) ‖ p) − KL(q(ξ) ‖ p), and never falls. The paper starts from random
 * parameters, many times; this from the shares of the votes, once.
 *
 * D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy: Learning Whom to Trust with MACE. NAACL-HLT 2013.
 */
export function maceRule({ effort, strategy }: MaceOptions): VoteRule {
  return {
    estimatesClassPrior: false,
    estimate(votes, worker) {
      const { classes: K } = votes;
      const { said, tried, habit } = expectedEffort(votes, worker);
      const spammed = habit.reduce((sum, s) => sum + s, 0);
      const all = digamma(said + 2 * effort);
      const tries = Math.exp(digamma(tried + effort) - all);
      const spams = Math.exp(digamma(Math.max(0, said - tried) + effort) - all);
      const habits = digamma(spammed + K * strategy);
      for (let z = 0; z < K; z++) {
        const wrong = spams * Math.exp(digamma(habit[z]! + strategy) - habits);
        setProbabilities(votes, worker * K + z, tries + wrong, wrong);
      }
      const beta = [tried + effort, Math.max(0, said - tried) + effort];
      const dirichlet = habit.map((s) => s + strategy);
      return -dirichletDivergence(beta, effort) - dirichletDivergence(dirichlet, strategy);
    },
    pool: () => 0,
    skill(votes, worker) {
      const { said, tried } = expectedEffort(votes, worker);
      return (tried + effort) / (said + 2 * effort);
    },
    snapshot: () => 0,
    restore: () => undefined,
  };
}

/** t_j, s_j(z) and n_j. An answer that is right was tried with probability θ̃ / (θ̃ + (1 − θ̃) ξ̃(z)) = 1 − exp(−log odds). */
function expectedEffort(votes: Votes, worker: number): { said: number; tried: number; habit: Float64Array } {
  const { classes: K } = votes;
  const habit = new Float64Array(K);
  let said = 0;
  let tried = 0;
  for (let z = 0; z < K; z++) {
    const x = worker * K + z;
    // Before the first estimate: an even chance of trying, and of every class otherwise.
    const share = votes.logOdds[x] === 0 ? K / (K + 1) : -Math.expm1(-votes.logOdds[x]!);
    const effort = Math.min(votes.said[x]!, Math.max(0, votes.right[x]!)) * share;
    said += votes.said[x]!;
    tried += effort;
    habit[z] = votes.said[x]! - effort;
  }
  return { said, tried, habit };
}

export default defineComponent({
  kind: 'aggregator',
  name: 'mace',
  summary: 'every worker tries, or else answers by habit: MACE by variational Bayes (Hovy et al. 2013)',
  options: z.strictObject({
    ...ascentOptions,
    effort: z.number().positive().default(0.5).describe('both parameters of the Beta prior of trying'),
    strategy: z
      .number()
      .positive()
      .default(10)
      .describe("pseudo-counts of each class in the prior of a worker's habit"),
  }),
  create: ({ effort, strategy, ...ascent }) =>
    modelAggregator((workers, classes) => new VoteModel(workers, classes, maceRule({ effort, strategy })), ascent),
});
