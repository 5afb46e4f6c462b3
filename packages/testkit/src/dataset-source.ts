import { isQuorateError, makeRng, type ClassLabel, type DatasetSource } from '@quorate/core';
import type { LoadedDataset, LoadRequest } from '@quorate/core';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { disposes } from './disposing.js';
import { describeLaws, insane, must, type Law, type SuiteOptions } from './law.js';
import { World } from './world.js';

export interface DatasetSourceCapabilities extends SuiteOptions {
  /** Classes that the run asks for; null (the default) for all. */
  readonly classes?: readonly ClassLabel[] | null;
  /** What the test knows of the data, for S1: some tasks with their true class and their first features. */
  readonly knows?: readonly KnownTask[];
}

export interface KnownTask {
  readonly task: string;
  readonly label?: ClassLabel;
  readonly features?: readonly number[];
}

export interface DatasetSourceSubject {
  readonly make: Make<DatasetSource>;
  readonly capabilities: DatasetSourceCapabilities;
}

const SEEDS = [1, 2, 3];
const plan = { items: 1, workers: 1, classes: 2, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 };
const nowhere = new World({ ...plan, answers: [], retracted: [], beliefs: [], classNames: null });

async function load(
  { make, capabilities }: DatasetSourceSubject,
  seed: number,
  request: Partial<LoadRequest> = {},
): Promise<LoadedDataset> {
  const source = await make(nowhere.setup({ rng: makeRng(seed) }));
  const classes = capabilities.classes ?? null;
  const asked = { classes, featuresNeeded: false, neededBy: [], ...request };
  const loaded = await source.load(asked, makeRng(`load/${seed}`));
  await source.dispose?.();
  return loaded;
}

/** What a source of features gives when they are asked for, else what it gives without. */
async function loadWithFeatures(subject: DatasetSourceSubject, seed: number): Promise<LoadedDataset> {
  try {
    return await load(subject, seed, { featuresNeeded: true, neededBy: ['testkit'] });
  } catch (thrown) {
    if (isQuorateError(thrown) && thrown.code === 'DATA_UNAVAILABLE') return load(subject, seed);
    throw thrown;
  }
}

function mustBeClasses(classOf: Int32Array, K: number, what: string): void {
  must(classOf instanceof Int32Array, `${what} is no Int32Array`);
  classOf.forEach((k, x) => must(k >= 0 && k < K, () => `${what} ${x} is of class ${k}, there are ${K}`));
}

function mustHaveShapes({ dataset, truth, description }: LoadedDataset, wanted: readonly ClassLabel[] | null): void {
  const { taskIds, classes, features, prototypes } = dataset;
  const [N, K, P] = [taskIds.length, classes.length, prototypes.ids.length];
  must(N >= 1, 'there are no items');
  must(K >= 2, `there are ${K} classes`);
  wanted?.forEach((name, k) =>
    must(classes[k] === name, () => `class ${k} is ${String(classes[k])}, asked for ${name}`),
  );
  must(prototypes.classOf.length === P, `${P} prototypes, classes of ${prototypes.classOf.length}`);
  mustBeClasses(prototypes.classOf, K, 'prototype');
  if (features) {
    const { data, columns: D } = features;
    must(Number.isInteger(D) && D >= 1, `${D} feature columns`);
    must(data.length === (N + P) * D, `features have ${data.length} entries, expected (N+P)·D = ${(N + P) * D}`);
  }
  if (truth) {
    must(truth.classOf.length === N, `the truth is of ${truth.classOf.length} items, there are ${N}`);
    mustBeClasses(truth.classOf, K, 'item');
  }
  const oneLine = description.length > 0 && !description.includes('\n');
  must(oneLine, 'the description is not one line');
}

export const datasetSourceLaws: readonly Law<DatasetSourceSubject>[] = [
  {
    id: 'L1',
    text: 'shapes agree: N >= 1 task ids, K >= 2 class names as asked, P prototypes, (N+P)×D features, truth 0..K-1',
    check: async (subject) => {
      const wanted = subject.capabilities.classes ?? null;
      for (const seed of SEEDS) {
        mustHaveShapes(await load(subject, seed), wanted);
        mustHaveShapes(await loadWithFeatures(subject, seed), wanted);
      }
    },
  },
  {
    id: 'L2',
    text: 'features are finite; ids are unique and no item is also a prototype; so are class names',
    check: async (subject) => {
      for (const seed of SEEDS) {
        const { dataset } = await loadWithFeatures(subject, seed);
        const bad = dataset.features?.data.findIndex((x) => !Number.isFinite(x)) ?? -1;
        must(bad < 0, () => `feature entry ${bad} is ${dataset.features!.data[bad]}`);
        const seen = new Set<string>();
        for (const id of [...dataset.taskIds, ...dataset.prototypes.ids]) {
          must(!seen.has(id), `"${id}" is there twice`);
          seen.add(id);
        }
        must(new Set(dataset.classes).size === dataset.classes.length, 'two classes have one name');
      }
    },
  },
  {
    id: 'L3',
    text: 'deterministic for a stream, hash included; other data has another hash',
    check: async (subject) => {
      const hashes = new Map<string, string>();
      for (const seed of SEEDS) {
        const [one, two] = [await loadWithFeatures(subject, seed), await loadWithFeatures(subject, seed)];
        const [a, b] = [fingerprint(one), fingerprint(two)];
        must(a === b, () => `two loads from one stream differ: ${firstDifference(a, b)}`);
        must(/^[0-9a-f]{64}$/.test(one.hash), `"${one.hash}" is no SHA-256 in hex`);
        const data = fingerprint({ dataset: one.dataset, truth: one.truth });
        const known = hashes.get(one.hash);
        must(known === undefined || known === data, 'two different data sets have one hash');
        hashes.set(one.hash, data);
      }
    },
  },
  {
    id: 'L4',
    text: 'asked for features it has them or throws DATA_UNAVAILABLE; it never invents them',
    check: async (subject) => {
      for (const seed of SEEDS) {
        let asked: LoadedDataset;
        try {
          asked = await load(subject, seed, { featuresNeeded: true, neededBy: ['learner "testkit"'] });
        } catch (thrown) {
          must(isQuorateError(thrown) && thrown.code === 'DATA_UNAVAILABLE', () => `threw ${String(thrown)}`);
          const { dataset } = await load(subject, seed);
          must(dataset.features === null, 'refuses features that it gives unasked');
          continue;
        }
        must(asked.dataset.features !== null, 'was asked for features and gave none');
        const { dataset } = await load(subject, seed);
        if (dataset.features === null || fingerprint(dataset.taskIds) !== fingerprint(asked.dataset.taskIds)) continue;
        const [a, b] = [fingerprint(dataset.features), fingerprint(asked.dataset.features)];
        must(a === b, () => `asked for features it gives others than unasked: ${firstDifference(a, b)}`);
      }
    },
  },
  {
    id: 'S1',
    text: 'sane: the tasks that the test knows have the classes and the features that it knows',
    waived: ({ capabilities }) =>
      capabilities.knows ? insane({ capabilities }) : 'the test says of no task what it `knows`',
    check: async (subject) => {
      const { dataset, truth } = await loadWithFeatures(subject, SEEDS[0]!);
      const itemOf = new Map(dataset.taskIds.map((id, i) => [id, i]));
      for (const { task, label, features } of subject.capabilities.knows!) {
        const i = itemOf.get(task);
        must(i !== undefined, `there is no task "${task}"`);
        const named = truth ? dataset.classes[truth.classOf[i]!] : undefined;
        must(label === undefined || named === label, () => `task "${task}" is of class ${named}, known to be ${label}`);
        const D = dataset.features?.columns ?? 0;
        features?.forEach((x, d) => {
          const got = dataset.features?.data[i * D + d];
          must(
            got !== undefined && Math.abs(got - x) <= 1e-5 * (1 + Math.abs(x)),
            () => `task "${task}", feature ${d}: ${got}, known to be ${x}`,
          );
        });
      }
    },
  },
  disposes(({ make }: DatasetSourceSubject) => make(nowhere.setup())),
];

/** Runs every law of `DatasetSource` against one implementation. */
export function describeDatasetSource(
  name: string,
  make: Make<DatasetSource>,
  capabilities: DatasetSourceCapabilities = {},
): void {
  describeLaws(`${name} keeps the DatasetSource contract`, datasetSourceLaws, { make, capabilities });
}
