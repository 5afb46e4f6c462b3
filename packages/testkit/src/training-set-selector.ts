import { makeRng, type LearnRequest, type TrainingSet, type TrainingSetSelector } from '@quorate/core';
import type { Make } from './setup.js';
import type { PartSetup } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { edgeRequests, farApart, learnRequest } from './learn-request.js';
import { disposes } from './disposing.js';
import { describeLaws, forAll, insane, must, type Law, type SuiteOptions } from './law.js';
import { noKnowledge } from './knowledge.js';
import { anyWorld, noFiles } from './world.js';

export type TrainingSetSelectorCapabilities = SuiteOptions;

export interface TrainingSetSelectorSubject {
  readonly make: Make<TrainingSetSelector>;
  readonly capabilities: TrainingSetSelectorCapabilities;
}

async function forAnyRequest(
  { make, capabilities }: TrainingSetSelectorSubject,
  law: (fresh: () => Promise<TrainingSetSelector>, request: () => LearnRequest) => Promise<void>,
): Promise<void> {
  await forAll(anyWorld(), capabilities.runs ?? 100, async (world) => {
    let built = 0;
    // What it is built for must not matter: the truth is another one every time.
    const setup = (): PartSetup => world.setup({ truth: world.truth(built++ % 2) });
    await law(
      async () => make(setup()),
      () => learnRequest(world),
    );
  });
}

function mustBeItems(rows: Int32Array, N: number): void {
  rows.forEach((row, x) => {
    must(row >= 0 && row < N, () => `there is no item ${row}`);
    must(x === 0 || row > rows[x - 1]!, () => `row ${row} follows row ${rows[x - 1]}`);
  });
}

function mustBeTrainingSet({ rows, labels, weights, mixMatch }: TrainingSet, { dataset }: LearnRequest): void {
  const [N, K] = [dataset.taskIds.length, dataset.classes.length];
  must(rows.length === labels.length, `${rows.length} rows, ${labels.length} labels`);
  mustBeItems(rows, N);
  rows.forEach((row, x) => {
    must(labels[x]! >= 0 && labels[x]! < K, () => `row ${row} is of class ${labels[x]}, there are ${K}`);
  });
  if (mixMatch) {
    const { unlabelled, mu, alpha, temperature, weight, noise } = mixMatch;
    mustBeItems(unlabelled, N);
    const both = unlabelled.find((row) => rows.includes(row));
    must(both === undefined, () => `row ${both} is labelled and unlabelled`);
    must(Number.isInteger(mu) && mu >= 1, () => `mu is ${mu}`);
    must(temperature > 0, () => `the temperature is ${temperature}`);
    must(alpha >= 0 && weight >= 0 && noise >= 0, 'alpha, the weight or the noise is negative');
  }
  if (!weights) return;
  must(weights.length === rows.length, `${rows.length} rows, ${weights.length} weights`);
  weights.forEach((w, x) => must(w > 0 && w < Infinity, () => `the weight of row ${rows[x]} is ${w}`));
}

export const trainingSetSelectorLaws: readonly Law<TrainingSetSelectorSubject>[] = [
  {
    id: 'L1',
    text: 'rows are distinct, ascending, 0..N-1, unlabelled ones others; labels 0..K-1; weights > 0. May be empty',
    check: async (subject) => {
      await forAnyRequest(subject, async (fresh, request) => {
        const given = request();
        mustBeTrainingSet((await fresh()).select(given), given);
      });
      await forAll(anyWorld(), 1, async (world) => {
        for (const { request } of edgeRequests()) {
          mustBeTrainingSet((await subject.make(world.setup({ dataset: request.dataset }))).select(request), request);
        }
      });
    },
  },
  {
    id: 'L2',
    text: 'deterministic and pure, whatever the truth is',
    check: (subject) =>
      forAnyRequest(subject, async (fresh, request) => {
        const selector = await fresh();
        const given = request();
        const before = fingerprint(given);
        const first = fingerprint(selector.select(given));
        const after = fingerprint(given);
        must(before === after, () => `the request changed: ${firstDifference(before, after)}`);
        must(first === fingerprint(selector.select(given)), 'selects otherwise the second time');
        must(first === fingerprint((await fresh()).select(request())), 'a fresh selector selects otherwise');
      }),
  },
  {
    id: 'S1',
    text: 'sane: where a third of the items are sure of their class it trains on some, and on that class',
    waived: insane,
    check: async ({ make }) => {
      const { request, truth } = farApart();
      const { rows, labels } = (await make(setupOf(request))).select(request);
      must(rows.length > 0, 'it trains on nothing');
      const wrong = rows.findIndex((row, x) => row % 3 === 0 && labels[x] !== truth[row]);
      must(wrong < 0, () => `item ${rows[wrong]} is of class ${truth[rows[wrong]!]}, trained on as ${labels[wrong]}`);
    },
  },
  disposes(({ make }: TrainingSetSelectorSubject) => make(setupOf(farApart().request))),
];

const setupOf = ({ dataset }: LearnRequest): PartSetup => {
  return { dataset, truth: null, knowledge: noKnowledge, rng: makeRng('sane'), files: noFiles };
};

/** Runs every law of `TrainingSetSelector` against one implementation. */
export function describeTrainingSetSelector(
  name: string,
  make: Make<TrainingSetSelector>,
  capabilities: TrainingSetSelectorCapabilities = {},
): void {
  describeLaws(`${name} keeps the TrainingSetSelector contract`, trainingSetSelectorLaws, { make, capabilities });
}
