import type { Beliefs, Optimizer, OptimizeRequest, Rng } from '@quorate/core';
import type { PartSetup } from './setup.js';
import type { Mutant } from './mutants.js';
import type { OptimizerSubject } from './optimizer.js';
import { referenceAggregator } from './reference/aggregator.js';
import { centroidLearner } from './reference/learner.js';
import { referenceOptimizer } from './reference/optimizer.js';
import { referenceWorkerModel } from './reference/worker-model.js';

/** The reference over reference parts, with a learner, so that it has a state. */
export function wholeOptimizer({ dataset, knowledge }: PartSetup): Optimizer {
  const workerModel = referenceWorkerModel(dataset.classes.length, knowledge);
  return referenceOptimizer({ dataset, aggregator: referenceAggregator(), workerModel, learner: centroidLearner() });
}

type Change = (beliefs: Beliefs, request: OptimizeRequest, rng: Rng) => Beliefs | Promise<Beliefs>;

function mutant(
  name: string,
  breaks: string,
  start: (setup: PartSetup) => Change,
  extra: Partial<Optimizer> = {},
): Mutant<OptimizerSubject> {
  const make = (setup: PartSetup): Optimizer => {
    const right = wholeOptimizer(setup);
    const change = start(setup);
    return {
      ...right,
      step: async (request, rng) => change(await right.step(request, rng), request, rng),
      ...extra,
    };
  };
  return { name, breaks, subject: { make, capabilities: { maxIterations: 10 } } };
}

let stepsOfAll = 0;

export const optimizerMutants: readonly Mutant<OptimizerSubject>[] = [
  mutant('returns the posterior of what was asked only', 'L1', () => (beliefs, { annotations }) => {
    return annotations.live > 0 ? beliefs : { ...beliefs, posterior: new Float64Array(0), risk: new Float64Array(0) };
  }),
  mutant('divides by the number of annotations', 'L1', () => (beliefs, { annotations }) => {
    return { ...beliefs, posterior: beliefs.posterior.map((p) => (p * annotations.live) / annotations.live) };
  }),
  mutant('risk of the step before', 'L1', () => {
    let before: Float64Array | null = null;
    return (beliefs) => {
      const risk = before ?? beliefs.risk;
      before = beliefs.risk;
      return { ...beliefs, risk };
    };
  }),
  mutant('waits for a convergence that never comes', 'L2', () => (beliefs, { annotations }) => {
    if (annotations.live < 4) return beliefs;
    return { ...beliefs, iterations: 11, converged: true };
  }),
  {
    name: 'never returns once two workers disagree',
    breaks: 'L2',
    subject: { make: (setup) => endless(wholeOptimizer(setup)), capabilities: { runs: 20 } },
  },
  mutant('breaks ties by a stream of the process', 'L3', () => (beliefs) => {
    if (stepsOfAll++ % 3 === 1) beliefs.posterior.reverse();
    return beliefs;
  }),
  mutant('rewrites the labels', 'L3', () => (beliefs, { annotations }) => {
    annotations.label.fill(0);
    return beliefs;
  }),
  mutant('does not remember what the learner said', 'L4', () => (beliefs) => beliefs, {
    snapshot: () => null,
    restore: () => undefined,
  }),
  mutant('counts its steps and does not say so', 'L4', () => {
    let steps = 0;
    return (beliefs) => ({ ...beliefs, iterations: Math.min(10, steps++) });
  }),
  mutant('looks at the truth', 'L5', ({ truth, dataset }) => (beliefs) => {
    const K = dataset.classes.length;
    const posterior = beliefs.posterior.map((p, x) =>
      x % K === truth?.classOf[Math.floor(x / K)] ? (1 + p) / 2 : p / 2,
    );
    return { ...beliefs, posterior };
  }),
  mutant('believes what is least probable', 'S1', () => (beliefs, { annotations }) => {
    const K = annotations.classes;
    const posterior = beliefs.posterior.map((p) => (1 - p) / (K - 1));
    const risk = beliefs.risk.map((_, i) => 1 - Math.max(...posterior.subarray(i * K, (i + 1) * K)));
    return { ...beliefs, posterior, risk };
  }),
];

function endless(right: Optimizer): Optimizer {
  return {
    ...right,
    step: (request, rng) => {
      const { annotations } = request;
      const named = new Set(annotations.label.subarray(0, annotations.live));
      for (let turn = 0; named.size > 1; turn++) if (turn < 0) break;
      return right.step(request, rng);
    },
  };
}
