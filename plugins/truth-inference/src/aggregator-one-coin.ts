import { defineComponent } from '@quorate/core';
import { z } from 'zod';
import { ascentOptions } from './ascent.js';
import { coinRule } from './coin-rule.js';
import { classPriorOption, modelAggregator } from './model-aggregator.js';
import { VoteModel } from './vote-model.js';

/**
 * One-coin Dawid-Skene: a worker is right with one probability, whatever the class, and otherwise names any other class:
 *
 *     P_j(z | k) = p_j where z = k, else (1 − p_j) / (K − 1),    p_j = Σ_a y_i(z_a) / n_j    over j's answers a
 *
 * By EM from the shares of the votes, with estimated class shares ρ. The objective is the log-likelihood
 * Σ_i ln Σ_k ρ_k Π_a P_j(z_a | k), in nats; with `strength` > 0 the log posterior under a Beta prior around the pooled
 * accuracy.
 *
 * A. P. Dawid, A. M. Skene: Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm. Applied
 * Statistics 28(1), 1979; with one parameter a worker in Y. Zhang, X. Chen, D. Zhou, M. I. Jordan: Spectral Methods Meet
 * EM. JMLR 17, 2016.
 */
export default defineComponent({
  kind: 'aggregator',
  name: 'one_coin',
  summary: 'one accuracy for every worker, by maximum likelihood (one-coin Dawid-Skene)',
  options: z.strictObject({
    ...ascentOptions,
    ...classPriorOption,
    strength: z
      .number()
      .min(0)
      .default(0)
      .describe('pseudo-answers of the pooled accuracy that each worker starts from'),
  }),
  create: ({ strength, ...options }) =>
    modelAggregator((workers, classes) => new VoteModel(workers, classes, coinRule(strength)), options),
});
