import type { Learner, LearnerOutput, LearnRequest, Rng } from '@quorate/core';
import type { LearnerSubject } from './learner.js';
import type { Mutant } from './mutants.js';
import { centroidLearner, rememberingLearner } from './reference/learner.js';

type Change = (output: LearnerOutput, request: LearnRequest, rng: Rng) => LearnerOutput | null;

/** The reference, then a change of what it says; `start` is called for every new learner. */
function mutant(
  name: string,
  breaks: string,
  start: () => Change,
  extra: Partial<Learner> = {},
): Mutant<LearnerSubject> {
  const make = (): Learner => {
    const right = centroidLearner();
    const change = start();
    return {
      ...extra,
      fitPredict: async (request, rng) => change((await right.fitPredict(request, rng))!, request, rng),
    };
  };
  return { name, breaks, subject: { make, capabilities: {} } };
}

const scaled = ({ probability, ...rest }: LearnerOutput, factor: number, K: number): LearnerOutput => ({
  ...rest,
  probability: probability.map((p) => factor * p + (1 - factor) / K),
});

let fitsOfAll = 0;

export const learnerMutants: readonly Mutant<LearnerSubject>[] = [
  mutant('a row of NaN now and then', 'L1', () => {
    let fits = 0;
    return ({ probability, ...rest }, { dataset }) => {
      const K = dataset.classes.length;
      if (++fits % 2 === 0) probability = probability.slice().fill(NaN, 0, K);
      return { ...rest, probability };
    };
  }),
  mutant('rows of the prototypes too', 'L1', () => ({ probability, ...rest }, { dataset }) => {
    const longer = new Float32Array(probability.length + dataset.prototypes.ids.length * dataset.classes.length);
    longer.set(probability);
    return { ...rest, probability: longer };
  }),
  mutant('scores, not probabilities', 'L1', () => ({ probability, ...rest }) => {
    return { ...rest, probability: probability.map((p) => Math.log(p + 1e-3)) };
  }),
  mutant('divides by the spread of a column', 'L1', () => (output, { dataset }) => {
    const { data, columns } = dataset.features!;
    const column = data.filter((_, x) => x % columns === 0);
    const spread = Math.max(...column) - Math.min(...column);
    return { ...output, probability: output.probability.map((p) => (p * spread) / spread) };
  }),
  mutant(
    'needs annotations',
    'L1',
    () =>
      (output, { annotations }) =>
        annotations.live === 0 ? null : output,
  ),
  mutant('needs prototypes of every class', 'L1', () => (output, { dataset }) => {
    const K = dataset.classes.length;
    const counts = new Float32Array(K);
    for (const k of dataset.prototypes.classOf) counts[k]!++;
    return { ...output, probability: output.probability.map((p, x) => (p / counts[x % K]!) * counts[x % K]!) };
  }),
  mutant('initial weights from a stream of the process', 'L2', () => (output, { dataset }) => {
    return scaled(output, ++fitsOfAll % 2 === 0 ? 0.5 : 0.6, dataset.classes.length);
  }),
  mutant('normalises the features in place', 'L3', () => (output, { dataset }) => {
    const { data } = dataset.features!;
    data.forEach((x, at) => (data[at] = x / 2));
    return output;
  }),
  mutant('returns one and the same array every time', 'L3', () => {
    let held: Float32Array | null = null;
    return ({ probability, ...rest }, { posterior, dataset }) => {
      held ??= new Float32Array(probability.length);
      const K = dataset.classes.length;
      held.set(probability.map((p, x) => (p + posterior[x - (x % K)]!) / (1 + K * posterior[x - (x % K)]!)));
      return { ...rest, probability: held };
    };
  }),
  mutant('warm start that the snapshot does not hold', 'L4', () => {
    let fits = 0;
    return (output, { dataset }) => scaled(output, 1 / ++fits, dataset.classes.length);
  }),
  mutant(
    'a snapshot of the first fit',
    'L4',
    () => {
      let fits = 0;
      return (output, { dataset }) => scaled(output, 1 / ++fits, dataset.classes.length);
    },
    { snapshot: () => ({ fits: 1 }), restore: () => undefined },
  ),
  {
    name: 'says again what it said first',
    breaks: 'L5',
    subject: {
      make: () => {
        const right = rememberingLearner();
        let first: LearnerOutput | null = null;
        return {
          ...right,
          fitPredict: async (request, rng) => {
            const output = (await right.fitPredict(request, rng))!;
            first ??= output;
            return output;
          },
          lastOutput: () => Promise.resolve(first),
        };
      },
      capabilities: {},
    },
  },
  {
    name: 'forgets what it said when it is restored',
    breaks: 'L5',
    subject: {
      make: () => ({ ...rememberingLearner(), snapshot: () => null, restore: () => undefined }),
      capabilities: {},
    },
  },
  {
    name: 'null of a learner that is not silent',
    breaks: 'L1',
    subject: { make: () => ({ fitPredict: () => null }), capabilities: {} },
  },
  {
    name: 'copies the posterior, and says that it does not',
    breaks: 'L6',
    subject: {
      make: () => ({
        fitPredict: ({ posterior, dataset }) => {
          const K = dataset.classes.length;
          const probability = Float32Array.from(posterior, (p) => (p + 0.01) / (1 + 0.01 * K));
          return { probability, includesOwnAnswers: false };
        },
      }),
      capabilities: {},
    },
  },
  mutant('has each item among the means of its class, and says that it has not', 'L6', () => (output) => {
    return { ...output, includesOwnAnswers: false };
  }),
  {
    name: 'takes the first rows for the prototypes',
    breaks: 'S1',
    subject: {
      make: () => {
        const right = centroidLearner();
        return {
          fitPredict: (request, rng) => {
            const { dataset } = request;
            const { data, columns } = dataset.features!;
            const split = dataset.taskIds.length * columns;
            const moved = Float32Array.from([...data.subarray(split), ...data.subarray(0, split)]);
            return right.fitPredict({ ...request, dataset: { ...dataset, features: { data: moved, columns } } }, rng);
          },
        };
      },
      capabilities: {},
    },
  },
  mutant('says of each item what it means of the next', 'S1', () => (output, { dataset }) => {
    const K = dataset.classes.length;
    const { probability } = output;
    return { ...output, probability: Float32Array.from([...probability.subarray(K), ...probability.subarray(0, K)]) };
  }),
  mutant('exchanges two classes', 'S1', () => (output, { dataset }) => {
    const K = dataset.classes.length;
    const from = (k: number): number => (k === 0 ? 1 : k === 1 ? 0 : k);
    const { probability } = output;
    return { ...output, probability: probability.map((_, x) => probability[x - (x % K) + from(x % K)]!) };
  }),
  {
    name: 'learns from the truth',
    breaks: 'L2',
    subject: {
      make: ({ truth }) => {
        const right = centroidLearner();
        return {
          fitPredict: async (request, rng) => {
            const output = (await right.fitPredict(request, rng))!;
            const K = request.dataset.classes.length;
            const lift = (p: number, x: number): number =>
              (p + (truth?.classOf[Math.floor(x / K)] === x % K ? 1 : 0)) / 2;
            return truth ? { ...output, probability: output.probability.map(lift) } : output;
          },
        };
      },
      capabilities: {},
    },
  },
];

/** Class means of all rows but the item's own: slow, and right. */
export function leavingOut(): Learner {
  const right = centroidLearner();
  return {
    fitPredict: async (request, rng) => {
      const K = request.dataset.classes.length;
      const N = request.dataset.taskIds.length;
      const probability = new Float32Array(N * K);
      for (let i = 0; i < N; i++) {
        const risk = request.risk.map((r, n) => (n === i ? 1 : r));
        const output = (await right.fitPredict({ ...request, risk }, rng))!;
        probability.set(output.probability.subarray(i * K, (i + 1) * K), i * K);
      }
      return { probability, includesOwnAnswers: false };
    },
  };
}
