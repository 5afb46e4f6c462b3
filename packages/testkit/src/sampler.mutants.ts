import { argmax, type Hit, type SampleRequest, type Sampler } from '@quorate/core';
import type { Mutant } from './mutants.js';
import { referenceSampler } from './reference/sampler.js';
import type { SamplerCapabilities, SamplerSubject } from './sampler.js';

const OPTIONS = { hitSize: 3, hitsPerStep: 2, maxAnnotationsPerItem: 3 };
const CAPABILITIES: SamplerCapabilities = { maxAnnotationsPerItem: 3, hitSize: 3, runs: 100 };

/** A sampler whose plan is the reference's, tampered with. */
function tampered(
  name: string,
  breaks: string,
  tamper: (plan: readonly Hit[], request: SampleRequest) => readonly Hit[],
): Mutant<SamplerSubject> {
  const make = (): Sampler => {
    const right = referenceSampler(OPTIONS);
    return { ...right, plan: (request, rng) => tamper(right.plan(request, rng), request) };
  };
  return { name, breaks, subject: { make, capabilities: CAPABILITIES } };
}

/** A sampler that gives the reference another request than it got. */
function misled(
  name: string,
  breaks: string,
  mislead: (request: SampleRequest) => SampleRequest,
): Mutant<SamplerSubject> {
  const right = referenceSampler(OPTIONS);
  const make = (): Sampler => ({ ...right, plan: (request, rng) => right.plan(mislead(request), rng) });
  return { name, breaks, subject: { make, capabilities: CAPABILITIES } };
}

let plansOfAll = 0;

/** What the two samplers below declare: annotated items of small risk are given up, and three annotations are a start. */
export const INDULGENT: SamplerCapabilities = {
  ...CAPABILITIES,
  givesUp: ({ risk, annotations }, item) => annotations.perItem[item]! > 0 && risk[item]! < 0.5,
  minAnnotations: () => 3,
};

export const samplerMutants: readonly Mutant<SamplerSubject>[] = [
  misled('ranks every pair of an item and a worker', 'C1', (request) => {
    const { items, workers } = request.annotations;
    let best = 0;
    for (let i = 0; i < items; i++) for (let j = 0; j < workers; j++) best = Math.max(best, request.skill(j, i % 2));
    return best > 0 ? request : { ...request, budgetLeft: 0 };
  }),
  tampered('lowers its threshold until a HIT is full, for ever', 'L1', (plan, { annotations, risk, riskThreshold }) => {
    let threshold = riskThreshold;
    const candidates = (): number =>
      risk.filter((r, i) => r > threshold && annotations.perItem[i]! < OPTIONS.maxAnnotationsPerItem).length;
    while (candidates() > 0 && candidates() < OPTIONS.hitSize) threshold -= 0.01;
    return plan;
  }),
  misled('asks about done items, and again', 'L4', (request) => ({ ...request, riskThreshold: -1 })),
  tampered('one item twice in a HIT', 'L2', (plan) =>
    plan.map(({ worker, items }) => ({ worker, items: items.length > 1 ? items.fill(items[0]!) : items })),
  ),
  tampered('one worker serves all HITs', 'L2', (plan) => plan.map(({ items }) => ({ worker: 0, items }))),
  misled('does not see the budget', 'L2', (request) => ({ ...request, budgetLeft: Infinity })),
  {
    name: 'plans more than annotationsPerStep',
    breaks: 'L2',
    subject: { make: () => ({ ...referenceSampler(OPTIONS), annotationsPerStep: 2 }), capabilities: CAPABILITIES },
  },
  misled('forgets the cap of items that are near it', 'L3', (request) => {
    const perItem = request.annotations.perItem.map((n) => Math.max(0, n - 1));
    return { ...request, annotations: { ...request.annotations, ...columnsOf(request), perItem } };
  }),
  tampered('gives every HIT the items of the first', 'L3', (plan) =>
    plan.map(({ worker }) => ({ worker, items: plan[0]!.items })),
  ),
  tampered('stops when less than a HIT is open', 'L4', (plan) =>
    (plan[0]?.items.length ?? 0) < OPTIONS.hitSize ? [] : plan,
  ),
  tampered('is done as soon as half of the items are', 'L4', (plan, { risk, riskThreshold }) =>
    risk.filter((r) => r <= riskThreshold).length * 2 >= risk.length ? [] : plan,
  ),
  misled('takes risk at the threshold for open', 'L4', (request) => {
    return { ...request, riskThreshold: request.riskThreshold * (1 - Number.EPSILON) };
  }),
  {
    name: 'asks about nothing but items that it gives up',
    breaks: 'L4',
    subject: { make: () => indulgent((gaveUp) => gaveUp), capabilities: INDULGENT },
  },
  {
    name: 'asks about what is given up, long after the start',
    breaks: 'L4',
    subject: { make: () => indulgent(() => true), capabilities: INDULGENT },
  },
  {
    name: 'asks workers again',
    breaks: 'L5',
    subject: { make: () => referenceSampler({ ...OPTIONS, allowRepeats: true }), capabilities: CAPABILITIES },
  },
  tampered('depends on how often it was used in this process', 'L6', (plan) =>
    plansOfAll++ % 2 === 0 ? plan : plan.slice(1),
  ),
  tampered('marks what it asked in the request', 'L7', (plan, { risk }) => {
    for (const { items } of plan) for (const i of items) risk[i] = 0;
    return plan;
  }),
  {
    name: 'asks first about items that it labels wrong',
    breaks: 'L6',
    subject: {
      make: ({ truth, dataset }) => {
        const right = referenceSampler(OPTIONS);
        const K = dataset.classes.length;
        return {
          ...right,
          plan: (request, rng) => {
            const isWrong = (i: number): boolean => argmax(request.posterior, i * K, K) !== truth!.classOf[i];
            const plan = right.plan(request, rng);
            const wrong = plan.map(({ worker, items }) => ({ worker, items: items.filter(isWrong) }));
            const some = wrong.filter(({ items }) => items.length > 0);
            return some.length > 0 ? some : plan;
          },
        };
      },
      capabilities: CAPABILITIES,
    },
  },
  tampered('plans less when it has taken long', 'L6', (plan) => {
    /* eslint-disable no-restricted-syntax -- this is what is wrong with them */
    const start = performance.now();
    return performance.now() - start > 1000 ? plan.slice(0, 1) : plan;
  }),
  tampered('draws lots of its own', 'L6', (plan) => (Math.random() < 0.5 ? plan : plan.slice(1))),
  /* eslint-enable no-restricted-syntax */
  {
    name: 'plans in one array that it uses again',
    breaks: 'L7',
    subject: {
      make: () => {
        const right = referenceSampler(OPTIONS);
        const kept = new Int32Array(64);
        return {
          ...right,
          plan: (request, rng) => {
            let at = 0;
            return right.plan(request, rng).map(({ worker, items }) => {
              kept.set(items, at);
              return { worker, items: kept.subarray(at, (at += items.length)) };
            });
          },
        };
      },
      capabilities: CAPABILITIES,
    },
  },
  {
    name: 'clears the posterior of the step before',
    breaks: 'L7',
    subject: {
      make: () => {
        const right = referenceSampler(OPTIONS);
        let kept: Float64Array | null = null;
        return {
          ...right,
          plan: (request, rng) => {
            if (kept !== request.posterior) kept?.fill(0);
            kept = request.posterior;
            return right.plan(request, rng);
          },
        };
      },
      capabilities: CAPABILITIES,
    },
  },
  {
    name: 'a check that fails for every project',
    breaks: 'L9',
    subject: {
      make: () => ({
        ...referenceSampler(OPTIONS),
        check: () => {
          throw new TypeError('x is undefined');
        },
      }),
      capabilities: CAPABILITIES,
    },
  },
  {
    name: 'a check that fails for a small project',
    breaks: 'L9',
    subject: {
      make: () => ({
        ...referenceSampler(OPTIONS),
        check: ({ items }) => {
          if (items < OPTIONS.hitSize) throw new Error('too few items');
        },
      }),
      capabilities: CAPABILITIES,
    },
  },
  misled('spreads the risks over the arguments of a function', 'C2', (request) => ({
    ...request,
    budgetLeft: Math.max(...request.risk) >= 0 ? request.budgetLeft : 0,
  })),
  misled('asks about done items too', 'S1', (request) => ({ ...request, riskThreshold: 0 })),
  {
    name: 'cannot let go',
    breaks: 'P2',
    subject: {
      make: () => ({
        ...referenceSampler(OPTIONS),
        dispose: () => {
          throw new Error('no');
        },
      }),
      capabilities: CAPABILITIES,
    },
  },
  misled('asks workers who declined', 'L8', (request) => ({ ...request, may: () => true })),
  misled('takes what nobody may be asked about for done', 'L4', (request) => ({
    ...request,
    risk: request.risk.map((r, i) => (request.may(0, i) ? r : 0)),
  })),
  {
    name: 'remembers whom it asked and does not say so',
    breaks: 'P1',
    subject: { make: forgetful, capabilities: CAPABILITIES },
  },
];

/** The reference, asked about the items that `wanted` lets through. */
export function indulgent(wanted: (givenUp: boolean) => boolean): Sampler {
  const right = referenceSampler(OPTIONS);
  return {
    ...right,
    plan: (request, rng) => {
      const risk = request.risk.map((r, i) => (wanted(INDULGENT.givesUp!(request, i)) ? r : 0));
      return right.plan({ ...request, risk }, rng);
    },
  };
}

function columnsOf({ annotations }: SampleRequest) {
  const { count, item, worker, label, items, workers, classes } = annotations;
  return { count, item, worker, label, items, workers, classes };
}

function forgetful(): Sampler {
  const right = referenceSampler(OPTIONS);
  let plans = 0;
  return {
    ...right,
    plan: (request, rng) => {
      const plan = right.plan(request, rng);
      return plans++ % 3 === 2 ? plan.slice(0, 1) : plan;
    },
  };
}
