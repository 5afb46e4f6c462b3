import { argmax, defineComponent, type LearnRequest, type TrainingSet } from '@quorate/core';
import { z } from 'zod';

/** Items of which `wanted` holds, each with its most probable class. */
function itemsWhere({ dataset, posterior }: LearnRequest, wanted: (item: number) => boolean): TrainingSet {
  const K = dataset.classes.length;
  const rows: number[] = [];
  for (let i = 0; i < dataset.taskIds.length; i++) if (wanted(i)) rows.push(i);
  return {
    rows: Int32Array.from(rows),
    labels: Int32Array.from(rows, (i) => argmax(posterior, i * K, K)),
    weights: null,
  };
}

export const annotated = defineComponent({
  kind: 'trainingSetSelector',
  name: 'annotated',
  summary: 'every task with an annotation, with its most probable class',
  options: z.strictObject({}),
  create: () => ({ select: (request) => itemsWhere(request, (i) => request.annotations.perItem[i]! > 0) }),
});

/** MixMatch [Berthelot19] with the published program's settings: annotated tasks have a class, all others are guessed. */
export const mixmatch = defineComponent({
  kind: 'trainingSetSelector',
  name: 'mixmatch',
  summary: 'every task with an annotation, and by MixMatch every task without one',
  options: z.strictObject({
    mu: z.int().min(1).default(5).describe('unlabelled tasks of a minibatch for each labelled one'),
    alpha: z
      .number()
      .min(0)
      .default(0.75)
      .describe('two examples are mixed in shares drawn from Beta(alpha, alpha); 0 mixes nothing'),
    temperature: z
      .number()
      .positive()
      .default(0.5)
      .describe("the network's guesses are sharpened: to the power of 1/temperature"),
    weight: z
      .number()
      .min(0)
      .default(75)
      .describe('weight of the squared loss of unlabelled tasks at the end of a fit; it grows from 0'),
    noise: z
      .number()
      .min(0)
      .default(0)
      .describe('normal noise on the features of every example, in standard deviations of a column'),
  }),
  create: (options) => ({
    select: (request) => {
      const { perItem } = request.annotations;
      const unlabelled = Int32Array.from(request.dataset.taskIds.keys()).filter((i) => perItem[i] === 0);
      return { ...itemsWhere(request, (i) => perItem[i]! > 0), mixMatch: { ...options, unlabelled } };
    },
  }),
});

/**
 * Pseudo-labels [Lee13] of [Liao21]: whatever is certain enough is trained on, whether somebody was asked or the learner of
 * the step before was sure of it.
 */
export const pseudolabel = defineComponent({
  kind: 'trainingSetSelector',
  name: 'pseudolabel',
  summary: 'every task of low risk, annotated or not, with its most probable class',
  options: z.strictObject({
    riskThreshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe('tasks with a lower risk are trained on; it is not the risk at which the run is done with a task'),
  }),
  create: ({ riskThreshold }) => ({
    select: (request) => itemsWhere(request, (i) => request.risk[i]! < riskThreshold),
  }),
});
