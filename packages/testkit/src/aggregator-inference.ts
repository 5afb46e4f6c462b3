import { AnnotationIndex, argmax, makeRng, type AggregateRequest, type Aggregator, type Inferred } from '@quorate/core';
import {
  anyCase,
  mustBeRows,
  posteriorOf,
  priorOf,
  requestOf,
  type AggregatorSubject,
  type Case,
} from './aggregator-case.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { forAll, must, type Law } from './law.js';

/** Gold for about a third of the items, answered or not. */
function withGold(request: AggregateRequest, seed: number): AggregateRequest {
  const rng = makeRng(`gold/${seed}`);
  const { items, classes } = request.annotations;
  return { ...request, gold: Int32Array.from({ length: items }, () => (rng.int(3) === 0 ? rng.int(classes) : -1)) };
}

function mustHoldGold({ annotations: { classes: K }, gold, posterior }: AggregateRequest): void {
  gold?.forEach((g, i) => {
    for (let k = 0; g >= 0 && k < K; k++) {
      const want = k === g ? 1 : 0;
      must(
        posterior[i * K + k] === want,
        () => `row ${i} has ${posterior[i * K + k]} for class ${k}, but gold is ${g}`,
      );
    }
  });
}

const sumsToOne = (values: Iterable<number>): boolean => {
  let sum = 0;
  for (const p of values) {
    if (!(p >= 0 && p <= 1)) return false;
    sum += p;
  }
  return Math.abs(sum - 1) <= 1e-9;
};

function mustBeInferred(inferred: Inferred, { workers: W, classes: K }: { workers: number; classes: number }): void {
  const { skill, confusions, classPrior, objective, iterations } = inferred;
  must(skill.length === W, () => `${skill.length} skills of ${W} workers`);
  skill.forEach((s, j) => must(s >= 0 && s <= 1, () => `skill of worker ${j} is ${s}`));
  if (classPrior) must(classPrior.length === K && sumsToOne(classPrior), () => `class shares ${classPrior.join(', ')}`);
  if (confusions) {
    must(confusions.workers === W && confusions.classes === K, 'confusion matrices of other workers or classes');
    for (let j = 0; j < W; j++) {
      for (let k = 0; k < K; k++) {
        const column = Array.from({ length: K }, (_, z) => confusions.probability[(j * K + z) * K + k]!);
        must(sumsToOne(column), () => `answers of worker ${j} about class ${k}: ${column.join(', ')}`);
      }
    }
  }
  must(
    iterations >= objective.length,
    () => `${iterations} iterations, but ${objective.length} values of the objective`,
  );
  objective.forEach((value, t) => {
    must(Number.isFinite(value), () => `the objective is ${value} after iteration ${t + 1}`);
    const before = t > 0 ? objective[t - 1]! : -Infinity;
    const least = before - 1e-9 * Math.max(1, Math.abs(before));
    must(value >= least, () => `the objective falls from ${before} to ${value} in iteration ${t + 1}`);
  });
}

/** What an aggregator saw before the latest answers came: fewer items and workers where the last of them are new. */
function earlier(one: Case, count: number): AggregateRequest {
  const answers = one.world.plan.answers.slice(0, count);
  const { items, workers, classes } = one.world.plan;
  const N = Math.min(items, Math.max(1, ...answers.map(([i]) => i + 1)));
  const W = Math.min(workers, Math.max(1, ...answers.map(([, j]) => j + 1)));
  const annotations = new AnnotationIndex(N, W, classes);
  for (const [i, j, z] of answers) annotations.append(i, j, z);
  const prior = priorOf(one)?.subarray(0, N * classes) ?? null;
  return { ...requestOf(one), annotations, prior, posterior: new Float64Array(N * classes).fill(NaN) };
}

/** The case's request without retractions, its posterior as the earlier call left it and NaN where nothing was yet. */
function grown(one: Case, before: AggregateRequest): AggregateRequest {
  const { items, workers, classes, answers } = one.world.plan;
  const annotations = new AnnotationIndex(items, workers, classes);
  for (const answer of answers) annotations.append(...answer);
  const posterior = new Float64Array(items * classes).fill(NaN);
  posterior.set(before.posterior);
  return { ...requestOf(one), annotations, posterior };
}

function mustBeSame(got: unknown, want: unknown, what: string): void {
  const [a, b] = [fingerprint(want), fingerprint(got)];
  must(a === b, () => `${what}: ${firstDifference(a, b)}`);
}

/** Three workers who agree on everything, and a fourth who never does; then a new item, or more of the fourth. */
function crowd(classes: number, items: number, extra: readonly (readonly [number, number, number])[]): AnnotationIndex {
  const index = new AnnotationIndex(items, 4, classes);
  for (let i = 0; i < 20; i++) {
    for (let j = 0; j < 3; j++) index.append(i, j, i % classes);
    if (i < 4) index.append(i, 3, i % classes);
  }
  for (const answer of extra) index.append(...answer);
  return index;
}

async function mustLearn({ make, capabilities }: AggregatorSubject, one: Case): Promise<void> {
  const K = capabilities.classes ?? 3;
  const request = (annotations: AnnotationIndex, posterior: Float64Array): AggregateRequest => {
    const prior = capabilities.needsPrior ? new Float64Array(annotations.items * K).fill(1 / K) : null;
    return { ...requestOf(one), annotations, prior, posterior };
  };
  const before = request(crowd(K, 20, []), new Float64Array(20 * K));
  const start = async (): Promise<Aggregator> => {
    const aggregator = await make(one.world.setup());
    aggregator.aggregate(before);
    return aggregator;
  };
  for (let c = 0; c < K; c++) {
    const aggregator = await start();
    const posterior = new Float64Array(21 * K).fill(NaN);
    posterior.set(before.posterior);
    const annotations = crowd(
      K,
      21,
      [0, 1, 2].map((j) => [20, j, c] as const),
    );
    aggregator.absorb!(request(annotations, posterior), 64);
    must(argmax(posterior, 20 * K, K) === c, () => `three good workers name class ${c} of a new item, in vain`);
  }
  const aggregator = await start();
  const skill = aggregator.inferred!().skill[3]!;
  const wrong = Array.from({ length: 16 }, (_, n) => [n + 4, 3, (n + 5) % K] as const);
  aggregator.absorb!(request(crowd(K, 20, wrong), before.posterior.slice()), 64);
  const now = aggregator.inferred!().skill[3]!;
  must(now < skill - 0.05, () => `16 wrong answers in 20 leave a worker's skill at ${now}, after ${skill}`);
}

const undeclared = 'the aggregator does not declare';

/** Laws of gold, `inferred` and `absorb`. */
export const inferenceLaws: readonly Law<AggregatorSubject>[] = [
  {
    id: 'L7',
    text: 'gold fixes its rows and nothing is NaN, whatever gold says',
    check: ({ make, capabilities }) =>
      forAll(anyCase(capabilities), capabilities.runs ?? 100, async (one) => {
        const aggregator = await make(one.world.setup());
        const request = withGold(requestOf(one), one.world.plan.seed);
        const before = fingerprint({ ...request, posterior: 0 });
        mustBeRows(posteriorOf(aggregator, request), request, aggregator.emptyRows);
        mustHoldGold(request);
        must(before === fingerprint({ ...request, posterior: 0 }), 'the request changed');
        if (capabilities.infers) mustBeInferred(aggregator.inferred!(), request.annotations);
        const again = posteriorOf(aggregator, requestOf(one));
        const fresh = posteriorOf(await make(one.world.setup()), requestOf(one));
        mustBeSame(again, fresh, 'gold of an earlier call is remembered');
      }),
  },
  {
    id: 'L8',
    text: 'inferred: skills in 0..1, matrices and class shares that sum to 1, an objective that never falls; all copies',
    waived: ({ capabilities }) => (capabilities.infers ? null : `${undeclared} infers`),
    check: ({ make, capabilities }) =>
      forAll(anyCase(capabilities), capabilities.runs ?? 100, async (one) => {
        const aggregator = await make(one.world.setup());
        posteriorOf(aggregator, requestOf(one));
        const inferred = aggregator.inferred!();
        mustBeInferred(inferred, one.world.plan);
        const kept = fingerprint(inferred);
        inferred.skill.fill(7);
        inferred.classPrior?.fill(7);
        inferred.confusions?.probability.fill(7);
        inferred.objective.fill(7);
        must(fingerprint(aggregator.inferred!()) === kept, 'who writes to what inferred returned changes the next one');
        posteriorOf(aggregator, requestOf(one));
        mustBeSame(fingerprint(aggregator.inferred!()), kept, 'the same request infers something else');
      }),
  },
  {
    id: 'L9',
    text: 'absorb changes rows of touched and new items alone, learns who errs, resumes; aggregate then gives the same',
    waived: ({ capabilities }) => (capabilities.absorbs ? null : `${undeclared} absorbs`),
    check: async (subject) => {
      const { make, capabilities } = subject;
      await forAll(anyCase(capabilities), capabilities.runs ?? 100, async (one) => {
        const { answers, classes: K } = one.world.plan;
        const first = answers.length >> 1;
        const before = earlier(one, first);
        const aggregator = await make(one.world.setup());
        must(aggregator.inferred !== undefined, 'an aggregator that absorbs has inferred');
        must(!!aggregator.snapshot && !!aggregator.restore, 'an aggregator that absorbs has snapshot and restore');
        aggregator.aggregate(before);
        const saved = structuredClone(aggregator.snapshot());
        const request = grown(one, before);
        aggregator.absorb!(request, first);
        mustBeRows(request.posterior, request, aggregator.emptyRows);
        mustBeInferred(aggregator.inferred(), request.annotations);
        const { count, label } = request.annotations;
        if (count > first && label.subarray(first, count).every((z) => z >= 0)) {
          const whole = await make(one.world.setup());
          const settled = grown(one, earlier(one, first));
          whole.aggregate(settled);
          const exact = fingerprint(settled.posterior) === fingerprint(request.posterior);
          must(exact || !aggregator.inferred().converged, 'it has converged, although it has absorbed answers since');
        }
        const touched = new Set(answers.slice(first).map(([i]) => i));
        for (let x = 0; x < before.posterior.length; x++) {
          const same = touched.has(Math.floor(x / K)) || request.posterior[x] === before.posterior[x];
          must(same, () => `row ${Math.floor(x / K)} got no answer, and changed`);
        }
        // A new process goes on in the same way.
        const resumed = await make(one.world.setup());
        resumed.restore!(saved);
        const second = grown(one, before);
        resumed.absorb!(second, first);
        mustBeSame(second.posterior, request.posterior, 'resumed from its snapshot, absorb gives other rows');
        mustBeSame(
          resumed.inferred!(),
          aggregator.inferred(),
          'resumed from its snapshot, absorb infers something else',
        );
        // A refit does not see what was absorbed, and retractions are followed.
        const all = posteriorOf(aggregator, requestOf(one));
        const fresh = await make(one.world.setup());
        mustBeSame(all, posteriorOf(fresh, requestOf(one)), 'aggregate after absorb');
        const { annotations, posterior } = requestOf(one);
        if (annotations.count > answers.length) {
          posterior.set(all);
          aggregator.absorb!({ ...requestOf(one), annotations, posterior }, answers.length);
          mustBeSame(posterior, all, 'absorb of retractions');
        }
      });
      await forAll(anyCase(capabilities), 1, (one) => mustLearn(subject, one));
    },
  },
];
