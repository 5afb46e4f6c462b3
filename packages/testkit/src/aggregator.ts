import {
  AnnotationIndex,
  argmax,
  makeRng,
  type AggregateRequest,
  type Aggregator,
  type WorkerConfusions,
} from '@quorate/core';
import { normalizeRows } from '@quorate/core/numbers';
import fc from 'fast-check';
import {
  anyCase,
  mustBeClose,
  mustBeRows,
  posteriorOf,
  requestOf,
  type AggregatorCapabilities,
  type AggregatorSubject,
  type Case,
  type Prior,
} from './aggregator-case.js';
import { inferenceLaws } from './aggregator-inference.js';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { disposes } from './disposing.js';
import { describeLaws, forAll, insane, must, type Law } from './law.js';
import { renumbered, type Renumbering } from './renumbering.js';
import { World, anyWorld } from './world.js';

export type { AggregatorCapabilities, AggregatorSubject } from './aggregator-case.js';

/** Π_i prior_i(y_i) Π_a P_j(z_a | y_i), summed over all K^N labellings y, marginal by marginal. */
function enumerated({ annotations, workers, prior }: AggregateRequest): Float64Array {
  const { items: N, classes: K } = annotations;
  const marginal = new Float64Array(N * K);
  for (let code = 0; code < K ** N; code++) {
    const labelOf = (i: number): number => Math.floor(code / K ** i) % K;
    let p = 1;
    for (let i = 0; i < N; i++) {
      p *= prior ? prior[i * K + labelOf(i)]! : 1 / K;
      for (let a = annotations.firstOfItem[i]!; a >= 0; a = annotations.nextOfItem[a]!) {
        p *= workers.probability[(annotations.worker[a]! * K + annotations.label[a]!) * K + labelOf(i)]!;
      }
    }
    for (let i = 0; i < N; i++) marginal[i * K + labelOf(i)]! += p;
  }
  normalizeRows(marginal, K);
  return marginal;
}

async function keepsWhenRenumbered({ make, capabilities }: AggregatorSubject, kind: Renumbering): Promise<void> {
  await forAll(anyCase(capabilities), Math.ceil((capabilities.runs ?? 100) / 2), async (one) => {
    const aggregator = await make(one.world.setup());
    const request = requestOf(one);
    const { request: other, back } = renumbered(request, kind, makeRng(`renumber/${one.world.plan.seed}`));
    const want = posteriorOf(aggregator, request);
    const got = back(posteriorOf(await make(one.world.setup()), other));
    mustBeClose(got, want, 1e-9, `after renumbering ${kind}`);
  });
}

/** Extremes that a formula without logarithms, or without smoothing, does not survive. */
function extremes(): AggregateRequest[] {
  const requestFor = (annotations: AnnotationIndex, diagonal: number, prior: Float32Array | null): AggregateRequest => {
    const { items, classes: K, workers } = annotations;
    const off = K > 1 ? (1 - diagonal) / (K - 1) : 0;
    const probability = Float64Array.from({ length: workers * K * K }, (_, x) =>
      (x % (K * K)) % (K + 1) === 0 ? (K > 1 ? diagonal : 1) : off,
    );
    const confusions: WorkerConfusions = { workers, classes: K, probability };
    const posterior = new Float64Array(items * K).fill(NaN);
    return { annotations, workers: confusions, prior, rows: 'all', posterior };
  };
  const crowd = new AnnotationIndex(2, 41, 2);
  for (let a = 0; a < 2000; a++) crowd.append(0, a % 40, a % 3 === 0 ? 0 : 1);
  crowd.append(0, 40, 0);
  const unnamed = new AnnotationIndex(3, 2, 5);
  for (let a = 0; a < 12; a++) unnamed.append(a % 3, a % 2, a % 2);
  const contrary = new AnnotationIndex(1, 2, 3);
  contrary.append(0, 0, 0);
  contrary.append(0, 1, 1);
  const alone = new AnnotationIndex(1, 1, 2);
  alone.append(0, 0, 1);
  alone.append(0, 0, 0);
  alone.append(0, 0, 1);
  const single = new AnnotationIndex(3, 2, 1);
  single.append(0, 0, 0);
  single.append(0, 1, 0);
  single.append(1, 1, 0);
  return [
    requestFor(crowd, 0.999, null),
    requestFor(crowd, 0.6, Float32Array.of(1, 0, 0, 1)),
    requestFor(unnamed, 0.7, null),
    requestFor(contrary, 1, null),
    requestFor(contrary, 1, Float32Array.of(0, 0, 1)),
    requestFor(alone, 0.7, null),
    requestFor(single, 1, null),
    requestFor(single, 1, Float32Array.of(1, 1, 1)),
  ];
}

const posteriorLaws: readonly Law<AggregatorSubject>[] = [
  {
    id: 'L1',
    text: 'rows of the posterior sum to 1 within 1e-9 and lie in 0..1 (or are zero without annotations, with emptyRows)',
    check: ({ make, capabilities }) =>
      forAll(anyCase(capabilities), capabilities.runs ?? 100, async (one) => {
        const aggregator = await make(one.world.setup());
        const request = requestOf(one);
        mustBeRows(posteriorOf(aggregator, request), request, aggregator.emptyRows);
        for (const [method, word] of [
          ['inferred', 'infers'],
          ['absorb', 'absorbs'],
        ] as const) {
          const has = aggregator[method] !== undefined;
          must(
            has === (capabilities[word] ?? false),
            () => `the aggregator has ${has ? 'an' : 'no'} ${method}: declare ${word}`,
          );
        }
      }),
  },
  {
    id: 'L2',
    text: 'symmetric: renumbering classes, workers or items, or the order of arrival, renumbers the result and no more',
    check: async (subject) => {
      for (const kind of ['classes', 'workers', 'items'] as const) await keepsWhenRenumbered(subject, kind);
      if (!subject.capabilities.arrivalMatters) await keepsWhenRenumbered(subject, 'arrival');
    },
  },
  {
    id: 'L3',
    text: 'no annotations and no prior: uniform rows (or zero, with emptyRows)',
    waived: ({ capabilities }) => (capabilities.needsPrior ? 'the aggregator needs a prior' : null),
    check: ({ make, capabilities }) =>
      forAll(
        anyCase(capabilities, { maxAnnotations: 0 }),
        Math.ceil((capabilities.runs ?? 100) / 4),
        async ({ world }) => {
          const aggregator = await make(world.setup());
          const got = posteriorOf(aggregator, requestOf({ world, prior: 'none' }));
          const want = aggregator.emptyRows ? 0 : 1 / world.plan.classes;
          mustBeClose(got, new Float64Array(got.length).fill(want), 1e-9, 'without annotations');
        },
      ),
  },
  {
    id: 'L4',
    text: 'deterministic and pure: nothing but posterior is written, whatever the truth is',
    check: ({ make, capabilities }) =>
      forAll(fc.tuple(anyCase(capabilities), anyCase(capabilities)), capabilities.runs ?? 100, async ([one, other]) => {
        const aggregator = await make(one.world.setup());
        const request = requestOf(one);
        const before = fingerprint({ ...request, posterior: 0 });
        const first = fingerprint(posteriorOf(aggregator, request));
        const after = fingerprint({ ...request, posterior: 0 });
        must(before === after, () => `the request changed: ${firstDifference(before, after)}`);
        const again = await make(one.world.setup({ truth: one.world.truth(1) }));
        // Other data of the same shape in between: nothing of it may stay behind.
        if (shapeOf(other) === shapeOf(one)) again.aggregate(requestOf(other));
        posteriorOf(again, { ...requestOf(one), annotations: one.world.annotations(1) });
        const second = fingerprint(posteriorOf(again, requestOf(one)));
        must(first === second, () => `the same request gives another result: ${firstDifference(first, second)}`);
      }),
  },
  {
    id: 'L5',
    text: 'survives extremes: 2000 annotations of one item, a worker with one answer, K = 1 and 2, a class never named',
    check: async ({ make, capabilities }) => {
      for (const request of extremes()) {
        const { items, workers, classes } = request.annotations;
        if (classes > 1 && classes !== (capabilities.classes ?? classes)) continue;
        if (capabilities.needsPrior && !request.prior) continue;
        const aggregator = await make(blank(items, workers, classes).setup());
        mustBeRows(posteriorOf(aggregator, request), request, aggregator.emptyRows);
      }
    },
  },
  {
    id: 'L6',
    text: "rows: 'annotated' after rows: 'all' with the same prior gives what rows: 'all' gives",
    check: ({ make, capabilities }) =>
      forAll(anyCase(capabilities), capabilities.runs ?? 100, async (one) => {
        const aggregator = await make(one.world.setup());
        const request = requestOf(one);
        const { answers } = one.world.plan;
        const growing = one.world.annotations(Math.min(answers.length - 1, answers.length >> 1));
        const earlier = otherConfusions(one.world);
        aggregator.aggregate({ ...request, annotations: growing, workers: earlier });
        for (let a = growing.count; a < answers.length; a++) growing.append(...answers[a]!);
        if (answers.length > 0) one.world.retractFrom(growing);
        aggregator.aggregate({ ...request, annotations: growing, rows: 'annotated' });
        const want = posteriorOf(await make(one.world.setup()), requestOf(one));
        mustBeClose(request.posterior, want, 1e-12, "rows: 'annotated'");
      }),
  },
  {
    id: 'EQ',
    text: 'the posterior is prior_i(k) Π_a P_j(z_a | k), normalised: agrees with enumerating every labelling within 1e-5',
    waived: ({ capabilities }) => (capabilities.exact ? null : 'the aggregator does not declare exact'),
    check: ({ make, capabilities }) =>
      forAll(
        fc.record({
          world: anyWorld({ maxItems: 4, maxClasses: 3 }),
          prior: fc.constantFrom<Prior>('none', 'float64'),
        }),
        capabilities.runs ?? 100,
        async (one) => {
          const request = requestOf(one);
          const got = posteriorOf(await make(one.world.setup()), request);
          mustBeClose(got, enumerated(request), 1e-5, 'against enumeration');
        },
      ),
  },
];

/** Three workers who are nearly always right and two who guess, about 60 items of K classes. */
function fairCrowd(K: number, withPrior: boolean) {
  const [N, W] = [60, 5];
  const rng = makeRng('fair-crowd');
  const truth = Int32Array.from({ length: N }, (_, i) => i % K);
  const annotations = new AnnotationIndex(N, W, K);
  const accuracy = (j: number): number => (j < 3 ? 0.95 : 1 / K);
  truth.forEach((k, i) => {
    for (let j = 0; j < W; j++) {
      const right = rng.uniform() < accuracy(j);
      annotations.append(i, j, right ? k : (k + 1 + rng.int(K - 1)) % K);
    }
  });
  const probability = Float64Array.from({ length: W * K * K }, (_, x) => {
    const p = accuracy(Math.floor(x / (K * K)));
    return (x % (K * K)) % (K + 1) === 0 ? p : (1 - p) / (K - 1);
  });
  const prior = withPrior
    ? Float32Array.from({ length: N * K }, (_, x) => (truth[Math.floor(x / K)] === x % K ? 2 : 1) / (K + 1))
    : null;
  const posterior = new Float64Array(N * K);
  const workers = { workers: W, classes: K, probability };
  return { truth, request: { annotations, workers, prior, rows: 'all', posterior } satisfies AggregateRequest };
}

const sanityLaw: Law<AggregatorSubject> = {
  id: 'S1',
  text: 'sane: it names the class that three good workers of five name, and says of good workers that they are better than of guessing ones',
  waived: insane,
  check: async ({ make, capabilities }) => {
    const K = capabilities.classes ?? 3;
    const { truth, request } = fairCrowd(K, capabilities.needsPrior ?? false);
    const aggregator = await make(blank(truth.length, 5, K).setup());
    aggregator.aggregate(request);
    const right = truth.reduce((sum, k, i) => sum + (argmax(request.posterior, i * K, K) === k ? 1 : 0), 0);
    const share = right / truth.length;
    must(share > 0.85, () => `right about ${Math.round(100 * share)} % of the items`);
    const skill = aggregator.inferred?.().skill;
    if (!skill) return;
    const [good, guessing] = [Math.min(...skill.subarray(0, 3)), Math.max(...skill.subarray(3))];
    must(good > guessing, () => `skills of three good workers and two who guess: ${skill.join(', ')}`);
  },
};

const shapeOf = ({ world: { plan } }: Case): string => `${plan.items}/${plan.workers}/${plan.classes}`;

function otherConfusions(world: World): WorkerConfusions {
  return new World({ ...world.plan, seed: world.plan.seed + 1 }).confusions();
}

function blank(items: number, workers: number, classes: number): World {
  const rest = { columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1, classNames: null };
  return new World({ items, workers, classes, answers: [], retracted: [], beliefs: [], ...rest });
}

export const aggregatorLaws: readonly Law<AggregatorSubject>[] = [
  ...posteriorLaws,
  ...inferenceLaws,
  sanityLaw,
  disposes(({ make }: AggregatorSubject) => make(blank(2, 2, 2).setup())),
];

/** Runs every law of `Aggregator` against one implementation. */
export function describeAggregator(
  name: string,
  make: Make<Aggregator>,
  capabilities: AggregatorCapabilities = {},
): void {
  describeLaws(`${name} keeps the Aggregator contract`, aggregatorLaws, { make, capabilities });
}
