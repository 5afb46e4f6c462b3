import { z } from 'zod';

/** Options that all learners of this package share. */
export const networkOptions = {
  steps: z.int().min(1).default(300).describe('minibatches of one fit'),
  batchSize: z.int().min(1).default(1024).describe('examples of a minibatch, drawn with replacement, classes alike'),
  learningRatePerRoot: z
    .number()
    .positive()
    .default(1e-4)
    .describe("Adam's learning rate is this times the square root of the batch size"),
  weightDecay: z.number().min(0).default(1e-3).describe('L2 coefficient, added to the gradient'),
  validateEvery: z.int().min(1).default(10).describe('minibatches between two looks at the validation examples'),
  validation: z
    .enum(['prototypes', 'holdout', 'folds'])
    .default('prototypes')
    .describe(
      'validate with the prototypes, with as many random examples (prototypes are trained on), or by cross-validation over all examples',
    ),
  minValidationPerClass: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe(
      'prototypes, holdout: a class with fewer validation examples gets some of the training examples; null: half the prototypes of a class, rounded down (5 without prototypes)',
    ),
  folds: z.int().min(2).default(3).describe('folds: networks to train, each without its fold'),
  outOfFold: z
    .boolean()
    .default(false)
    .describe(
      'folds: score a training example by the network that was trained without it, not by the mean of all networks',
    ),
  scope: z
    .enum(['global', 'local'])
    .default('global')
    .describe('the model with the lowest validation loss of all steps speaks, or that of this step'),
} as const;

export type NetworkOptions = z.output<z.ZodObject<typeof networkOptions>>;
