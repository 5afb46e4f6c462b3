import { defineComponent } from '@quorate/core';
import { z } from 'zod';
import { ascentOptions } from './ascent.js';
import { ConfusionModel } from './confusion-model.js';
import { classPriorOption, modelAggregator } from './model-aggregator.js';

/**
 * Dawid-Skene with a Dirichlet prior, the mode of the posterior: every row of every worker's matrix has five answers more
 * than they gave, right as often as the crowd is,
 *
 *     P_j(z | k) = (n_j(z, k) + α_kz) / (Σ_z' n_j(z', k) + 5),    α_kk = 5 p,    α_kz = 5 (1 − p) / (K − 1)
 *
 * so that a worker of few answers counts as an average one instead of as a perfect or a useless one. The pooled accuracy
 * p = Σ_a y_i(z_a) / M is re-estimated in each iteration until it has settled (moves by less than 1e-6), and then stays.
 * The objective, of the iterations since then, is Σ_i ln Σ_k ρ_k Π_a P_j(z_a | k) + Σ_jkz α_kz ln P_j(z | k), in nats.
 *
 * The model is that of [DawidSkene79].
 */
export default defineComponent({
  kind: 'aggregator',
  name: 'dawid_skene_map',
  summary: "Dawid-Skene with a Dirichlet prior: each worker's matrix starts from the crowd's pooled accuracy",
  options: z.strictObject({
    ...ascentOptions,
    ...classPriorOption,
    strength: z.number().positive().default(5).describe("pseudo-answers in each row of each worker's matrix"),
  }),
  create: ({ strength, ...options }) =>
    modelAggregator((workers, classes) => new ConfusionModel(workers, classes, strength), options),
});
