import type { Questions, Rng, WorkerSimulator } from '@quorate/core';
import type { PartSetup } from './setup.js';
import type { Mutant } from './mutants.js';
import { referenceSimulator } from './reference/worker-simulator.js';
import type { WorkerSimulatorSubject } from './worker-simulator.js';

interface Answering {
  (questions: Questions, labels: Int32Array, rng: Rng): void;
}

function mutant(
  name: string,
  breaks: string,
  change: (right: WorkerSimulator, answer: Answering, setup: PartSetup) => Partial<WorkerSimulator>,
): Mutant<WorkerSimulatorSubject> {
  const make = (setup: PartSetup): WorkerSimulator => {
    const right = referenceSimulator(setup.truth!, setup.dataset.classes.length);
    const answer: Answering = (questions, labels, rng) => void right.answer(questions, labels, rng);
    return { ...right, ...change(right, answer, setup) };
  };
  return { name, breaks, subject: { make, capabilities: {} } };
}

let callsOfAll = 0;

export const workerSimulatorMutants: readonly Mutant<WorkerSimulatorSubject>[] = [
  mutant('answers K for "none of these"', 'L1', (_right, answer, { dataset }) => ({
    answer: (questions, labels, rng) => {
      answer(questions, labels, rng);
      if (questions.count > 3) labels[3] = dataset.classes.length;
    },
  })),
  mutant('declines without saying that its workers may', 'L1', (_right, answer) => ({
    answer: (questions, labels, rng) => {
      answer(questions, labels, rng);
      if (questions.count > 2) labels[2] = -1;
    },
  })),
  mutant('fills labels to the end', 'L1', (_right, answer) => ({
    answer: (questions, labels, rng) => {
      labels.fill(0);
      answer(questions, labels, rng);
    },
  })),
  mutant('two workers of one id', 'L1', ({ workerIds }) => ({ workerIds: workerIds.map(() => 'w00') })),
  mutant('one stream for all workers', 'L2', (_right, _answer, { truth, dataset }) => ({
    answer: ({ count, item }, labels, rng) => {
      const K = dataset.classes.length;
      for (let a = 0; a < count; a++) labels[a] = (truth!.classOf[item[a]!]! + (rng.uniform() < 0.5 ? 1 : 0)) % K;
    },
  })),
  mutant('a stream of the process', 'L2', (_right, answer, { dataset }) => ({
    answer: (questions, labels, rng) => {
      answer(questions, labels, rng);
      if (callsOfAll++ % 3 === 0 && questions.count > 0) labels[0] = (labels[0]! + 1) % dataset.classes.length;
    },
  })),
  mutant('the first question of a batch is a warm-up', 'L2', (_right, answer, { truth }) => ({
    answer: (questions, labels, rng) => {
      answer(questions, labels, rng);
      if (questions.count > 0) labels[0] = truth!.classOf[questions.item[0]!]!;
    },
  })),
  mutant('workers tire, and the snapshot does not say so', 'L3', ({ workerIds }, answer) => {
    const given = new Int32Array(workerIds.length);
    return {
      answer: (questions, labels, rng) => {
        answer(questions, labels, rng);
        for (let a = 0; a < questions.count; a++) if (++given[questions.worker[a]!]! > 1) labels[a] = 0;
      },
    };
  }),
  mutant('confusion matrices are [observed][true]', 'L4', ({ knowledge }, _answer, { dataset }) => ({
    knowledge: {
      ...knowledge,
      confusion: (worker) => {
        const K = dataset.classes.length;
        const skewed = knowledge.confusion(worker)!.map((p, x) => (x < K ? (x === 0 ? 0.9 : 0.1 / (K - 1)) : p));
        return skewed.map((_, x) => skewed[(x % K) * K + Math.floor(x / K)]!);
      },
    },
  })),
  mutant('a class without counts has an empty row', 'L4', ({ knowledge }, _answer, { dataset }) => ({
    knowledge: { ...knowledge, confusion: (worker) => knowledge.confusion(worker)!.fill(0, 0, dataset.classes.length) },
  })),
  mutant('knows how often each class occurs', 'L4', ({ knowledge }, _answer, { truth, dataset }) => ({
    knowledge: {
      ...knowledge,
      pooledCounts: knowledge.pooledCounts!.map(
        (n, x) => n * truth!.classOf.filter((k) => k === Math.floor(x / dataset.classes.length)).length,
      ),
    },
  })),
  mutant('ids of two lines', 'L1', ({ workerIds }) => ({ workerIds: workerIds.map((id) => `${id}\n`) })),
  mutant('answers about the next item', 'S1', (_right, answer, { dataset }) => ({
    answer: (questions, labels, rng) => {
      const item = questions.item.map((i) => (i + 1) % dataset.taskIds.length);
      answer({ ...questions, item }, labels, rng);
    },
  })),
  mutant('is known to be nearly always right, and guesses', 'S1', ({ knowledge }, answer, { dataset }) => ({
    knowledge: {
      ...knowledge,
      confusion: () => {
        const K = dataset.classes.length;
        return Float64Array.from({ length: K * K }, (_, x) => (x % (K + 1) === 0 ? 0.99 : 0.01 / (K - 1)));
      },
    },
    answer: (questions, labels, rng) => answer(questions, labels, rng),
  })),
  mutant('assigns an item of two HITs to one worker', 'L5', () => ({
    assign: (plan) => [{ worker: 0, items: Int32Array.from(plan.flatMap((hit) => [...hit.items])) }],
  })),
  mutant('assigns the worker who has just answered', 'L5', ({ workerIds }) => ({
    assign: (plan, { firstOfItem, worker }) => {
      const itemsOf = new Map<number, Set<number>>();
      for (const hit of plan) {
        for (const i of hit.items) {
          const j = firstOfItem[i]! >= 0 ? worker[firstOfItem[i]!]! : i % workerIds.length;
          itemsOf.set(j, (itemsOf.get(j) ?? new Set()).add(i));
        }
      }
      return Array.from(itemsOf, ([j, items]) => ({ worker: j, items: Int32Array.from(items) }));
    },
  })),
  mutant('assigns what nobody asked', 'L5', () => ({
    assign: (plan) => plan.map((hit) => ({ ...hit, items: hit.items.map(() => 0).slice(0, 1) })),
  })),
  mutant('invents nothing, and declines what it assigned', 'L5', (_right, answer) => ({
    assign: (plan) => plan.slice(0, 1),
    may: () => false,
    answer: (questions, labels, rng) => {
      answer(questions, labels, rng);
      labels.fill(-1, 0, questions.count);
    },
  })),
  mutant('leaves an item open of which nothing is left', 'L5', () => ({ assign: () => [], may: () => true })),
];
