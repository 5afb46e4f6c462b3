import { normalizeRows } from '@quorate/core/numbers';
import { type WorkerModel } from '@quorate/core';
import type { PartSetup } from './setup.js';
import { noKnowledge } from './knowledge.js';
import type { Mutant } from './mutants.js';
import { referenceWorkerModel } from './reference/worker-model.js';
import type { WorkerModelSubject } from './worker-model.js';

function mutant(name: string, breaks: string, change: (right: WorkerModel, setup: PartSetup) => Partial<WorkerModel>) {
  const make = (setup: PartSetup): WorkerModel => {
    const right = referenceWorkerModel(setup.dataset.classes.length, setup.knowledge);
    const wrong = change(right, setup);
    return {
      get confusions() {
        return wrong.confusions ?? right.confusions;
      },
      reset: wrong.reset ?? ((workers) => right.reset(workers)),
      update: wrong.update ?? ((annotations, posterior, rng) => right.update(annotations, posterior, rng)),
    };
  };
  return { name, breaks, subject: { make, capabilities: {} } } satisfies Mutant<WorkerModelSubject>;
}

export const workerModelMutants: readonly Mutant<WorkerModelSubject>[] = [
  mutant('normalises over the true classes', 'L1', (right) => ({
    update: (annotations, posterior, rng) => {
      right.update(annotations, posterior, rng);
      normalizeRows(right.confusions.probability, right.confusions.classes);
    },
  })),
  mutant('makes no room for more workers', 'L1', (right) => {
    let room = 0;
    return {
      reset: (workers) => {
        room ||= workers;
        right.reset(room);
      },
    };
  }),
  mutant('reset does nothing the second time', 'L2', (right) => {
    let done = false;
    return {
      reset: (workers) => {
        if (!done || workers !== right.confusions.workers) right.reset(workers);
        done = true;
      },
    };
  }),
  mutant('averages with what it showed before', 'L3', (right) => ({
    update: (annotations, posterior, rng) => {
      const { probability } = right.confusions;
      const before = probability.slice();
      right.update(annotations, posterior, rng);
      probability.forEach((p, x) => (probability[x] = (p + before[x]!) / 2));
    },
  })),
  mutant('gives worker 0 the prior of worker 1', 'L4', (_right, { dataset, knowledge }) =>
    referenceWorkerModel(dataset.classes.length, {
      ...knowledge,
      confusion: (worker) => knowledge.confusion(Math.max(1, worker)),
    }),
  ),
  mutant('sees no difference between class 0 and class 1', 'L4', (right) => ({
    update: (annotations, posterior, rng) => {
      const { classes: K } = annotations;
      const lumped = posterior.map((p, x) => (x % K === 0 ? p + posterior[x + 1]! : x % K === 1 ? 0 : p));
      right.update(annotations, lumped, rng);
    },
  })),
  mutant('hardens the posterior in place', 'L5', (right) => ({
    update: (annotations, posterior, rng) => {
      posterior.forEach((p, x) => (posterior[x] = Math.round(p)));
      right.update(annotations, posterior, rng);
    },
  })),
  mutant('has a stream of its own', 'L5', (right) => ({
    update: (annotations, posterior, rng) => {
      right.update(annotations, posterior, rng);
      const { probability, classes: K } = right.confusions;
      const share = (jitter = (jitter + 0.37) % 1) / 10;
      for (let x = 0; x < probability.length; x++) probability[x] = (1 - share) * probability[x]! + share / K;
    },
  })),
  mutant('shrinks all workers to their mean', 'L6', (right) => ({
    update: (annotations, posterior, rng) => {
      right.update(annotations, posterior, rng);
      const { probability, workers, classes: K } = right.confusions;
      for (let x = 0; x < K * K; x++) {
        let mean = 0;
        for (let j = 0; j < workers; j++) mean += probability[j * K * K + x]! / workers;
        for (let j = 0; j < workers; j++) probability[j * K * K + x] = (mean + probability[j * K * K + x]!) / 2;
      }
    },
  })),
  {
    name: 'pools all workers but the last',
    breaks: 'L6',
    subject: { make: (setup) => pooledWorkers(setup, 1), capabilities: { pools: true } },
  },
  mutant('learns from what is not believed', 'S1', (right) => ({
    update: (annotations, posterior, rng) => {
      const K = annotations.classes;
      right.update(
        annotations,
        posterior.map((p) => (1 - p) / (K - 1)),
        rng,
      );
    },
  })),
  mutant('a worker is as good as the truth says', 'L5', (right, { truth }) => ({
    update: (annotations, posterior, rng) => {
      const moved = posterior.slice();
      const K = annotations.classes;
      if (truth && annotations.items > 0) moved.fill(0, 0, K)[truth.classOf[0]!] = 1;
      right.update(annotations, moved, rng);
    },
  })),
];

/** One matrix for all workers, the mean of what the reference says of each, but for the last `apart` of them. */
export function pooledWorkers({ dataset }: PartSetup, apart = 0): WorkerModel {
  const right = referenceWorkerModel(dataset.classes.length, noKnowledge);
  return {
    get confusions() {
      return right.confusions;
    },
    reset: (workers) => right.reset(workers),
    update: (annotations, posterior, rng) => {
      right.update(annotations, posterior, rng);
      const { probability, workers, classes: K } = right.confusions;
      for (let x = 0; x < K * K; x++) {
        let mean = 0;
        for (let j = 0; j < workers; j++) mean += probability[j * K * K + x]! / workers;
        for (let j = 0; j < workers - apart; j++) probability[j * K * K + x] = mean;
      }
    },
  };
}

let jitter = 0;
