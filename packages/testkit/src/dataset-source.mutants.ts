import { makeRng, type DatasetSource, type LoadedDataset, type LoadRequest } from '@quorate/core';
import type { DatasetSourceSubject, KnownTask } from './dataset-source.js';
import type { Mutant } from './mutants.js';
import { referenceSource } from './reference/dataset-source.js';

function mutant(
  name: string,
  breaks: string,
  change: (loaded: LoadedDataset, request: LoadRequest) => LoadedDataset,
  classes: readonly string[] | null = null,
): Mutant<DatasetSourceSubject> {
  const right = referenceSource();
  const load: DatasetSource['load'] = async (request, rng) => change(await right.load(request, rng), request);
  return { name, breaks, subject: { make: () => ({ load }), capabilities: { classes } } };
}

/** What the reference says of two tasks, with the seed that the suite loads it with first. */
export const KNOWN: readonly KnownTask[] = await (async () => {
  const { dataset, truth } = await referenceSource().load(
    { classes: null, featuresNeeded: true, neededBy: [] },
    makeRng('load/1'),
  );
  const { data, columns } = dataset.features!;
  return [0, 3].map((i) => ({
    task: dataset.taskIds[i]!,
    label: dataset.classes[truth!.classOf[i]!]!,
    features: [...data.subarray(i * columns, (i + 1) * columns)],
  }));
})();

function known(name: string, change: (loaded: LoadedDataset) => LoadedDataset): Mutant<DatasetSourceSubject> {
  const { subject } = mutant(name, 'S1', change);
  return { name, breaks: 'S1', subject: { ...subject, capabilities: { knows: KNOWN } } };
}

let loadsOfAll = 0;

export const datasetSourceMutants: readonly Mutant<DatasetSourceSubject>[] = [
  mutant('features of the items alone', 'L1', (loaded) => {
    const { data, columns } = loaded.dataset.features!;
    const features = { columns, data: data.subarray(0, loaded.dataset.taskIds.length * columns) };
    return { ...loaded, dataset: { ...loaded.dataset, features } };
  }),
  mutant('classes in its own order', 'L1', (l) => ({ ...l, dataset: { ...l.dataset, classes: ['a', 'b'] } }), [
    'b',
    'a',
  ]),
  mutant('-1 where the class is unknown', 'L1', (loaded) => {
    return { ...loaded, truth: { classOf: loaded.truth!.classOf.map((k, i) => (i === 0 ? -1 : k)) } };
  }),
  mutant('missing values are NaN', 'L2', (loaded) => {
    loaded.dataset.features!.data[3] = NaN;
    return loaded;
  }),
  mutant('prototypes are items too', 'L2', (loaded) => {
    const ids = loaded.dataset.prototypes.ids.map((_, p) => loaded.dataset.taskIds[p]!);
    return { ...loaded, dataset: { ...loaded.dataset, prototypes: { ...loaded.dataset.prototypes, ids } } };
  }),
  mutant('a hash of the moment', 'L3', (loaded) => ({ ...loaded, hash: `${loadsOfAll++}`.padStart(64, '0') })),
  mutant('a hash of the name', 'L3', (loaded) => ({ ...loaded, hash: 'c'.repeat(64) })),
  mutant('forgets that it was asked for features', 'L4', (loaded) => {
    return { ...loaded, dataset: { ...loaded.dataset, features: null } };
  }),
  mutant('invents features where it was asked for them', 'L4', (loaded, { featuresNeeded }) => {
    if (featuresNeeded) loaded.dataset.features!.data.fill(1);
    return loaded;
  }),
  {
    name: 'throws any error',
    breaks: 'L4',
    subject: {
      capabilities: {},
      make: () => ({
        load: (request, rng) => {
          if (request.featuresNeeded) throw new Error('no features');
          return referenceSource({ features: false }).load(request, rng);
        },
      }),
    },
  },
  known('rows of the features in another order than the tasks', (loaded) => {
    const { data, columns: D } = loaded.dataset.features!;
    const N = loaded.dataset.taskIds.length;
    const rows = Float32Array.from(data, (x, at) => {
      const row = Math.floor(at / D);
      return row < N ? data[(N - 1 - row) * D + (at % D)]! : x;
    });
    return { ...loaded, dataset: { ...loaded.dataset, features: { data: rows, columns: D } } };
  }),
  known('classes of the tasks in another order', (loaded) => {
    return { ...loaded, truth: { classOf: loaded.truth!.classOf.map((k) => (k + 1) % loaded.dataset.classes.length) } };
  }),
  mutant('a hash of the ids alone', 'L3', (loaded) => {
    return { ...loaded, hash: Buffer.from(loaded.dataset.taskIds.join()).toString('hex').padEnd(64, '0').slice(0, 64) };
  }),
];
