import { argmax, type AggregateRequest, type Aggregator, type Inferred } from '@quorate/core';
import type { AggregatorSubject } from './aggregator-case.js';
import type { Mutant } from './mutants.js';
import { referenceAggregator, referenceMajority, referenceWeighted } from './reference/aggregator.js';

function mutant(
  name: string,
  breaks: string,
  aggregate: (request: AggregateRequest, right: Aggregator) => void,
  exact = false,
): Mutant<AggregatorSubject> {
  const make = (): Aggregator => {
    const right = referenceAggregator();
    return { ...right, aggregate: (request) => aggregate(request, right) };
  };
  return { name, breaks, subject: { make, capabilities: { exact } } };
}

/** The reference, and then something done to every row. */
function rowwise(name: string, breaks: string, change: (row: Float64Array, i: number) => void, exact = false) {
  return mutant(
    name,
    breaks,
    (request, right) => {
      right.aggregate(request);
      const K = request.annotations.classes;
      for (let i = 0; i < request.annotations.items; i++) change(request.posterior.subarray(i * K, (i + 1) * K), i);
    },
    exact,
  );
}

/** Weighted votes that say something else of the workers. */
function weighted(name: string, breaks: string, change: (said: Inferred) => Inferred): Mutant<AggregatorSubject> {
  const make = (): Aggregator => {
    const right = referenceWeighted();
    return { ...right, inferred: () => change(right.inferred!()) };
  };
  return { name, breaks, subject: { make, capabilities: { infers: true, absorbs: true } } };
}

/** Products of probabilities, without logarithms. */
function naive({ annotations, workers, prior, posterior }: AggregateRequest): void {
  const { items, classes: K, firstOfItem, nextOfItem, worker, label } = annotations;
  for (let i = 0; i < items; i++) {
    let sum = 0;
    for (let k = 0; k < K; k++) {
      let p = prior ? prior[i * K + k]! : 1 / K;
      for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
        p *= workers.probability[(worker[a]! * K + label[a]!) * K + k]!;
      }
      sum += posterior[i * K + k] = p;
    }
    for (let k = 0; k < K; k++) posterior[i * K + k]! /= sum;
  }
}

function remembering(): Aggregator {
  const right = referenceAggregator();
  let earlier: Float64Array | null = null;
  return {
    ...right,
    aggregate: (request) => {
      right.aggregate(request);
      const { posterior } = request;
      const before = earlier;
      earlier = posterior.slice();
      if (before?.length === posterior.length) posterior.forEach((p, x) => (posterior[x] = (p + before[x]!) / 2));
    },
  };
}

const ONLY_NEW_ROWS = (request: AggregateRequest, right: Aggregator): void => {
  const { annotations, posterior } = request;
  const { classes: K, perItem } = annotations;
  const before = posterior.slice();
  right.aggregate(request);
  if (request.rows === 'all') return;
  for (let i = 0; i < annotations.items; i++) {
    if (perItem[i] === 0) posterior.set(before.subarray(i * K, (i + 1) * K), i * K);
  }
};

/** The reference that infers and absorbs, with something else in place of some of its methods. */
function inferring(
  name: string,
  breaks: string,
  change: (right: Aggregator) => Partial<Aggregator>,
): Mutant<AggregatorSubject> {
  const make = (): Aggregator => {
    const right = referenceWeighted();
    return { ...right, ...change(right) };
  };
  return { name, breaks, subject: { make, capabilities: { infers: true, absorbs: true } } };
}

function says(name: string, change: (inferred: Inferred) => Partial<Inferred>): Mutant<AggregatorSubject> {
  return inferring(name, 'L8', (right) => ({
    inferred: () => {
      const inferred = right.inferred!();
      return { ...inferred, ...change(inferred) };
    },
  }));
}

const inferenceMutants: readonly Mutant<AggregatorSubject>[] = [
  mutant('does not look at gold', 'L7', (request, right) => right.aggregate({ ...request, gold: null })),
  mutant('is only nearly sure of gold', 'L7', (request, right) => {
    right.aggregate(request);
    const K = request.annotations.classes;
    request.gold?.forEach((g, i) => {
      if (g >= 0) request.posterior.fill(0.01 / K, i * K, (i + 1) * K)[i * K + g]! += 0.99;
    });
  }),
  mutant('gives every row to gold class -1', 'L7', (request, right) => {
    right.aggregate(request);
    if (request.gold) request.posterior.fill(NaN, 0, request.annotations.classes);
  }),
  says('skills in percent', ({ skill }) => ({ skill: skill.map((s) => 100 * s) })),
  says('one skill too few', ({ skill }) => ({ skill: skill.subarray(1) })),
  says('an objective that falls', () => ({ objective: Float64Array.of(-3, -2, -2.5), iterations: 3 })),
  says('an objective that is not a number', () => ({ objective: Float64Array.of(NaN), iterations: 1 })),
  says('fewer iterations than values', () => ({ objective: Float64Array.of(-3, -2), iterations: 1 })),
  says('matrices whose rows over the truth sum to 1', ({ skill }) => {
    const probability = Float64Array.from({ length: 4 * skill.length }, (_, x) => [0.9, 0.1, 0.9, 0.1][x % 4]!);
    return { confusions: { workers: skill.length, classes: 2, probability } };
  }),
  inferring('gives out what it goes on with', 'L8', (right) => {
    const kept = new Float64Array(64);
    return {
      inferred: () => {
        const inferred = right.inferred!();
        const skill = kept.subarray(0, inferred.skill.length);
        if (skill.every((s) => s !== 7)) skill.set(inferred.skill);
        return { ...inferred, skill };
      },
    };
  }),
  inferring('absorbs nothing', 'L9', () => ({ absorb: () => undefined })),
  inferring('starts over and changes other rows', 'L9', (right) => ({ absorb: (request) => right.aggregate(request) })),
  inferring('brings rows up to date, but learns nothing of the workers', 'L9', (right) => {
    let skill = new Float64Array(0);
    return {
      aggregate: (request) => {
        right.aggregate(request);
        skill = Float64Array.from(right.inferred!().skill);
      },
      inferred: () => {
        const now = right.inferred!();
        return { ...now, skill: now.skill.map((s, j) => skill[j] ?? s) };
      },
    };
  }),
  inferring('absorbs into nothing after a restore', 'L9', () => ({ restore: () => undefined })),
  inferring('remembers what was absorbed when it starts over', 'L9', (right) => {
    let absorbed = 0;
    return {
      absorb: (request, first) => {
        right.absorb!(request, first);
        absorbed++;
      },
      aggregate: (request) => {
        right.aggregate(request);
        if (absorbed === 0) return;
        const K = request.annotations.classes;
        request.posterior.forEach((p, x) => (request.posterior[x] = 0.9 * p + 0.1 / K));
      },
    };
  }),
  {
    name: 'absorbs without saying so',
    breaks: 'L1',
    subject: { make: () => referenceWeighted(), capabilities: { infers: true } },
  },
];

export const aggregatorMutants: readonly Mutant<AggregatorSubject>[] = [
  rowwise('smooths after normalising', 'L1', (row) => row.forEach((p, k) => (row[k] = p + 1e-6))),
  rowwise('single precision sums', 'L1', (row) => row.forEach((p, k) => (row[k] = Math.fround(p)))),
  {
    name: 'rows of zeros without saying so',
    breaks: 'L1',
    subject: { make: () => ({ ...referenceMajority(), emptyRows: false }), capabilities: {} },
  },
  rowwise('leans to class 0', 'L2', (row) => {
    row[0]! += 0.01;
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((p, k) => (row[k] = p / sum));
  }),
  rowwise('leans towards the first class', 'L2', (row) => {
    row[0]! *= 1.2;
    const sum = row.reduce((a, b) => a + b, 0);
    for (let k = 0; k < row.length; k++) row[k]! /= sum;
  }),
  mutant('believes worker 0 alone', 'L2', (request, right) => {
    const { workers, annotations } = request;
    const probability = workers.probability.slice().fill(1 / annotations.classes, annotations.classes ** 2);
    right.aggregate({ ...request, workers: { ...workers, probability } });
  }),
  mutant('the first answer of an item counts twice', 'L2', ({ annotations, ...rest }, right) => {
    const { items, classes: K } = annotations;
    const prior = rest.prior ? Float64Array.from(rest.prior) : new Float64Array(items * K).fill(1);
    for (let i = 0; i < items; i++) {
      const a = annotations.firstOfItem[i]!;
      if (a < 0) continue;
      const at = (annotations.worker[a]! * K + annotations.label[a]!) * K;
      for (let k = 0; k < K; k++) prior[i * K + k]! *= rest.workers.probability[at + k]!;
    }
    right.aggregate({ annotations, ...rest, prior });
  }),
  rowwise('one-hot rows where all classes are alike', 'L3', (row) => {
    const best = argmax(row);
    if (row.every((p) => p === row[0])) row.fill(0)[best] = 1;
  }),
  { name: 'averages with the call before', breaks: 'L4', subject: { make: remembering, capabilities: {} } },
  mutant('takes logarithms in place', 'L4', (request, right) => {
    right.aggregate(request);
    request.workers.probability.forEach((p, x, all) => (all[x] = Math.log(p)));
  }),
  mutant('multiplies probabilities', 'L5', naive),
  mutant("with rows: 'annotated' it leaves items whose answers were taken back", 'L6', ONLY_NEW_ROWS),
  mutant("with rows: 'annotated' it does nothing", 'L6', (request, right) => {
    if (request.rows === 'all') right.aggregate(request);
  }),
  mutant("with rows: 'annotated' it clears the others", 'L6', (request, right) => {
    if (request.rows === 'annotated') request.posterior.fill(0);
    right.aggregate(request);
  }),
  mutant('ignores the learner', 'EQ', (request, right) => right.aggregate({ ...request, prior: null }), true),
  mutant(
    'reads confusion matrices as [true][observed]',
    'EQ',
    (request, right) => {
      const { classes: K, probability: old } = request.workers;
      const probability = old.map((_, x) => old[x - (x % (K * K)) + (x % K) * K + (Math.floor(x / K) % K)]!);
      right.aggregate({ ...request, workers: { ...request.workers, probability } });
    },
    true,
  ),
  rowwise(
    'too sure of itself',
    'EQ',
    (row) => {
      const sum = row.reduce((s, p) => s + p * p, 0);
      row.forEach((p, k) => (row[k] = (p * p) / sum));
    },
    true,
  ),
  ...inferenceMutants,
  mutant('names the class that fewest name', 'S1', (request, right) => {
    right.aggregate(request);
    const K = request.annotations.classes;
    for (let x = 0; x < request.annotations.items * K; x++) {
      request.posterior[x] = (1 - request.posterior[x]!) / Math.max(1, K - 1);
    }
    if (K === 1) request.posterior.fill(1);
  }),
  weighted('skills in reverse order', 'S1', (said) => ({ ...said, skill: said.skill.slice().reverse() })),
  weighted('skills that are chances to be wrong', 'S1', (said) => ({ ...said, skill: said.skill.map((s) => 1 - s) })),
  weighted('has converged, whatever it has absorbed since', 'L9', (said) => ({ ...said, converged: true })),
  {
    name: 'knows some of the truth',
    breaks: 'L4',
    subject: {
      make: ({ truth }) => {
        const right = referenceAggregator();
        return {
          ...right,
          aggregate: (request) => {
            right.aggregate(request);
            const K = request.annotations.classes;
            const k = truth?.classOf[0] ?? 0;
            if (truth && request.annotations.items > 0) request.posterior.fill(0, 0, K)[k] = 1;
          },
        };
      },
      capabilities: {},
    },
  },
];
