import { definePreset, type Preset } from '@quorate/core';
import { groups, imagenet100 } from './classes.js';

const HIT_SIZE = 40;

interface Experiment {
  readonly name: string;
  readonly summary: string;
  readonly classes: readonly string[];
  readonly itemsPerClass: number;
  readonly hitsPerStep: number;
  /** As the original's configuration has it. */
  readonly originalBudget: number;
}

const about = [
  '19 dogs',
  '18 other vertebrates',
  '13 insects, fungi and dishes',
  '19 things',
  '16 things',
  '15 things',
];

const experiments: readonly Experiment[] = [
  ...groups.map((group, g) => ({
    name: `imagenet_split_${g}`,
    summary: `${about[g]!} of ImageNet`,
    classes: Object.keys(group),
    itemsPerClass: 2000,
    hitsPerStep: 5,
    originalBudget: 400_000,
  })),
  {
    name: 'imagenet_animal',
    summary: '37 vertebrates of ImageNet: imagenet_split_0 and imagenet_split_1 together',
    classes: [0, 1].flatMap((g) => Object.keys(groups[g]!)),
    itemsPerClass: 3000,
    hitsPerStep: 5,
    originalBudget: 500_000,
  },
  {
    name: 'imagenet_100_classes',
    summary: 'all 100 classes of the paper, 125,689 images',
    classes: imagenet100,
    itemsPerClass: 3000,
    hitsPerStep: 50,
    originalBudget: 800_000,
  },
];

function hitsOf(hitsPerStep: number) {
  const hits = { hitSize: HIT_SIZE, hitsPerStep };
  return { random: hits, greedy_task_assignment: hits, expected_gain: hits };
}

/** The eight published experiments [Liao21]. The sampler is the method's choice. */
export const presets: readonly Preset[] = experiments.map(
  ({ name, summary, classes, itemsPerClass, hitsPerStep, originalBudget }) =>
    definePreset({
      group: 'experiment',
      name,
      summary,
      config: {
        classes,
        riskThreshold: 0.1,
        // The original makes floor(budget / hit size) steps of `hitsPerStep` HITs each, so that what it calls a budget
        // allows `hitsPerStep` times as many annotations. Ours counts annotations.
        budget: originalBudget * hitsPerStep,
        dataset: { use: 'imagenet', itemsPerClass, prototypesPerClass: 10, distractorsPerClass: 0 },
      },
      options: { sampler: hitsOf(hitsPerStep) },
    }),
);
