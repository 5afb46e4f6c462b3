import { normalizeRows } from '@quorate/core/numbers';
import { makeRng, type Metric, type MetricRequest } from '@quorate/core';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { disposes } from './disposing.js';
import { describeLaws, forAll, insane, must, type Law, type SuiteOptions } from './law.js';
import { World, anyWorld } from './world.js';

export type MetricCapabilities = SuiteOptions;

export interface MetricSubject {
  readonly make: Make<Metric>;
  readonly capabilities: MetricCapabilities;
}

/** A request of a world; with majority vote's zero rows for items without annotations where `emptyRows`. */
function requestOf(world: World, emptyRows: boolean, withLearner: boolean): MetricRequest {
  const { items: N, classes: K, seed, riskThreshold } = world.plan;
  const annotations = world.annotations();
  const posterior = world.posterior();
  if (emptyRows) for (let i = 0; i < N; i++) if (annotations.perItem[i] === 0) posterior.fill(0, i * K, (i + 1) * K);
  const rng = makeRng(`learner/${seed}`);
  const probability = Float32Array.from({ length: N * K }, () => rng.uniform() + 0.01);
  normalizeRows(probability, K);
  const beliefs = {
    posterior,
    risk: world.risk(posterior),
    workers: world.confusions(),
    learner: withLearner ? { probability, includesOwnAnswers: false } : null,
    iterations: 2,
    converged: true,
  };
  return { dataset: world.dataset(), annotations, beliefs, riskThreshold };
}

const nowhere = new World({
  ...{ items: 2, workers: 2, classes: 2, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 },
  ...{ answers: [], retracted: [], beliefs: [], classNames: null },
});

/** All combinations of what may be missing: truth, rows of the posterior, learner. */
const VARIANTS = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  truth: (bits & 1) > 0,
  emptyRows: (bits & 2) > 0,
  learner: (bits & 4) > 0,
}));

function forAnyRequest(
  { make, capabilities }: MetricSubject,
  law: (fresh: () => Promise<Metric>, request: () => MetricRequest) => Promise<void>,
): Promise<void> {
  return forAll(anyWorld(), Math.ceil((capabilities.runs ?? 100) / 2), async (world) => {
    for (const variant of VARIANTS) {
      const truth = variant.truth ? world.truth() : null;
      const fresh = async (): Promise<Metric> => make(world.setup({ truth }));
      await law(fresh, () => requestOf(world, variant.emptyRows, variant.learner));
    }
  });
}

export const metricLaws: readonly Law<MetricSubject>[] = [
  {
    id: 'L1',
    text: 'a finite number, or null where it is not defined (no truth, no items of the group)',
    check: (subject) =>
      forAnyRequest(subject, async (fresh, request) => {
        const value = (await fresh()).measure(request());
        must(value === null || (typeof value === 'number' && Number.isFinite(value)), `measured ${String(value)}`);
      }),
  },
  {
    id: 'L2',
    text: 'pure: nothing that it was given changes; the same request gives the same number',
    check: (subject) =>
      forAnyRequest(subject, async (fresh, request) => {
        const metric = await fresh();
        const given = request();
        const before = fingerprint(given);
        const first = metric.measure(given);
        const after = fingerprint(given);
        must(before === after, () => `the request changed: ${firstDifference(before, after)}`);
        must(metric.measure(given) === first, 'measured again, it gives another number');
        must((await fresh()).measure(request()) === first, 'a fresh metric gives another number');
      }),
  },
  {
    id: 'S1',
    text: 'sane: it measures something: not the same number in every project',
    waived: insane,
    check: async (subject) => {
      const seen = new Set<number | null>();
      await forAnyRequest(subject, async (fresh, request) => {
        seen.add((await fresh()).measure(request()));
      });
      seen.delete(null);
      must(seen.size > 1, () => `it is ${[...seen].join() || 'null'} whatever it measures`);
    },
  },
  disposes(({ make }: MetricSubject) => make(nowhere.setup())),
];

/** Runs every law of `Metric` against one implementation. */
export function describeMetric(name: string, make: Make<Metric>, capabilities: MetricCapabilities = {}): void {
  describeLaws(`${name} keeps the Metric contract`, metricLaws, { make, capabilities });
}
