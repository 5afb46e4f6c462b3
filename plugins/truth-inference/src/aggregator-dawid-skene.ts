import { defineComponent } from '@quorate/core';
import { z } from 'zod';
import { ascentOptions } from './ascent.js';
import { ConfusionModel } from './confusion-model.js';
import { classPriorOption, modelAggregator } from './model-aggregator.js';

/**
 * Dawid and Skene's model: each worker has a confusion matrix of their own,
 *
 *     y_i(k) ∝ ρ_k Π_a P_j(z_a | k),    P_j(z | k) = Σ_a y_i(k) [z_a = z] / Σ_a y_i(k),    ρ_k = Σ_i y_i(k) / N
 *
 * over item i's answers a in the first, over worker j's in the second; the class prior counts once per item. By EM from
 * the shares of the votes. The objective is the log-likelihood of the answers, Σ_i ln Σ_k ρ_k Π_a P_j(z_a | k), in nats,
 * without the multinomial coefficients of repeated answers, which do not depend on the parameters.
 *
 * A. P. Dawid, A. M. Skene: Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm. Applied
 * Statistics 28(1), 20-28, 1979.
 */
export default defineComponent({
  kind: 'aggregator',
  name: 'dawid_skene',
  summary: 'a full confusion matrix for every worker, by maximum likelihood (Dawid and Skene 1979)',
  options: z.strictObject({ ...ascentOptions, ...classPriorOption }),
  create: (options) => modelAggregator((workers, classes) => new ConfusionModel(workers, classes, 0), options),
});
