import { defineComponent, QuorateError, T } from '@quorate/core';
import { z } from 'zod';
import { TransductiveLearner } from './transductive-learner.js';

export default defineComponent({
  kind: 'learner',
  name: 'transductive',
  summary:
    'a discriminant and a vote of neighbours on the features of all tasks, in closed form, as far as the answers support it',
  options: z.strictObject({
    components: z
      .union([z.literal('auto'), z.int().min(1)])
      .default('auto')
      .describe('most principal components of the features that are used; auto: 128 to 512, a third of the rows'),
    neighbours: z.int().min(0).default(20).describe('nearest rows that have a vote; 0: the discriminant alone'),
  }),
  needs: () => ['features'],
  inject: [T.LearnerBackend, T.Dataset, T.Files, T.Rng],
  create: (options, backend, dataset, files, rng) => {
    const { features } = dataset;
    if (features) return new TransductiveLearner(options, { backend, dataset, features, files }, rng);
    throw new QuorateError('DATA_INVALID', {
      where: 'learner',
      expected: 'a dataset with features',
      got: 'one without',
      fix: 'Give the dataset section its features, or set learner.use=none.',
    });
  },
});
