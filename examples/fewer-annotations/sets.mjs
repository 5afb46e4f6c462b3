const amt = ['dataset.use=synthetic', 'dataset.separation=2.5', 'simulation=amt_structured_noise', 'earlyStop=false'];

/** What is measured: a name, and the words of `quorate run` that stand for it beside the method and the seed. */
export const sets = [
  { id: 'mnist', name: 'MNIST, 10 classes', words: ['experiment=mnist', 'simulation=structured'] },
  {
    id: 'split-2',
    name: 'synthetic, 13 classes, AMT',
    words: ['experiment=imagenet_split_2', ...amt, 'dataset.itemsPerClass=400', 'sampler.hitsPerStep=10'],
  },
  {
    id: 'split-0',
    name: 'synthetic, 19 classes, AMT',
    words: ['experiment=imagenet_split_0', ...amt, 'dataset.itemsPerClass=400', 'sampler.hitsPerStep=15'],
  },
  {
    id: 'imagenet-100',
    name: 'synthetic, 100 classes, AMT',
    words: ['experiment=imagenet_100_classes', ...amt, 'dataset.itemsPerClass=200', 'sampler.hitsPerStep=50'],
  },
];

export const methods = ['efficient_annotation', 'quorate'];
