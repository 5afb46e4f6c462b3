import {
  AnnotationIndex,
  makeRng,
  type Calibration,
  type CalibrateRequest,
  type CalibratedBeliefs,
} from '@quorate/core';
import { bayesRisk, normalizeRows } from '@quorate/core/numbers';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { describeLaws, forAll, must, type Law, type SuiteOptions } from './law.js';
import {
  inverse,
  numbersFor,
  renumberedAnnotations,
  renumberedConfusions,
  renumberedRows,
  type Renumbering,
} from './renumbering.js';
import { anyWorld, World } from './world.js';

export interface CalibrationCapabilities extends SuiteOptions {
  /** Delivers what was inferred: `calibrates` is false. */
  readonly passes?: boolean;
}

export interface CalibrationSubject {
  readonly make: Make<Calibration>;
  readonly capabilities: CalibrationCapabilities;
}

/** A request of a world, with what an expert has said of some items and workers of some prototypes. */
function requestOf(world: World): CalibrateRequest {
  const { items: N, classes: K, seed, workers: W } = world.plan;
  const rng = makeRng(`calibration/${seed}`);
  const posterior = world.posterior();
  const { prototypes } = world.dataset();
  const known = rng.choose(N, rng.int(N + 1));
  const asked = rng.int(2) === 0 ? prototypes.classOf.length : 0;
  const column = (end: number): Int32Array => Int32Array.from({ length: asked }, () => rng.int(end));
  return {
    annotations: world.annotations(),
    beliefs: {
      posterior,
      risk: world.risk(posterior),
      workers: world.confusions(),
      learner: rng.int(2) === 0 ? null : { probability: learnerRows(N, K, seed), includesOwnAnswers: false },
      iterations: 1,
      converged: true,
    },
    known: { item: known, label: Int32Array.from(known, () => rng.int(K)) },
    prototypes:
      asked === 0
        ? null
        : {
            count: asked,
            prototype: Int32Array.from({ length: asked }, (_, p) => p),
            worker: column(W),
            label: column(K),
          },
    prototypeClass: prototypes.classOf,
  };
}

/** Some rows are as good as certain. */
function learnerRows(items: number, classes: number, seed: number): Float32Array {
  const rng = makeRng(`learner/${seed}`);
  const rows = Float32Array.from({ length: items * classes }, () => rng.uniform() ** 8 + 1e-6);
  normalizeRows(rows, classes);
  return rows;
}

function forAnyRequest(
  { make, capabilities }: CalibrationSubject,
  law: (fresh: () => Promise<Calibration>, request: () => CalibrateRequest, world: World) => Promise<void>,
): Promise<void> {
  return forAll(anyWorld({ maxItems: 8 }), capabilities.runs ?? 60, async (world) => {
    const fresh = async (): Promise<Calibration> => make(world.setup());
    await law(fresh, () => requestOf(world), world);
  });
}

function mustBeHonest(request: CalibrateRequest, given: CalibratedBeliefs): void {
  const { items: N, classes: K } = request.annotations;
  const { posterior, risk, sure, gain, accuracy } = given;
  must(
    posterior.length === N * K && risk.length === N,
    () => `${posterior.length} probabilities, ${risk.length} risks`,
  );
  for (let i = 0; i < N; i++) {
    const row = Array.from(posterior.subarray(i * K, (i + 1) * K));
    const sum = row.reduce((a, b) => a + b, 0);
    const blank = request.beliefs.posterior.subarray(i * K, (i + 1) * K).every((p) => p === 0) && sum === 0;
    const legal = blank || (row.every((p) => p >= 0) && Math.abs(sum - 1) <= 1e-6);
    must(legal, () => `row ${i} is no distribution: ${row.join(', ')}`);
    must(
      Math.abs(risk[i]! - (1 - Math.max(...row))) <= 1e-9,
      () => `the risk of item ${i} is ${risk[i]}: ${row.join(', ')}`,
    );
    const least = sure?.[i] ?? 0;
    must(least >= 0 && least <= Math.max(...row) + 1e-6, () => `sure of item ${i} is ${least}: ${row.join(', ')}`);
    const gained = gain?.[i] ?? 0;
    must(gained >= 0 && gained <= 1, () => `the gain of item ${i} is ${gained}`);
  }
  const { low, mean, high } = accuracy ?? { low: 0, mean: 0, high: 0 };
  must(low >= 0 && low <= mean && mean <= high && high <= 1, () => `an accuracy of ${mean}, within ${low}..${high}`);
}

/** K classes, N items with an answer of `label` each by their own worker, believed with probability `belief`. */
function plain(label: readonly number[], belief: number, answers = 1): CalibrateRequest {
  const [N, K, W] = [label.length, 3, answers];
  const annotations = new AnnotationIndex(N, W, K);
  label.forEach((z, i) => {
    for (let j = 0; j < answers; j++) annotations.append(i, j, z);
  });
  const posterior = new Float64Array(N * K).fill((1 - belief) / (K - 1));
  label.forEach((z, i) => (posterior[i * K + z] = belief));
  const risk = new Float64Array(N);
  bayesRisk(posterior, K, risk);
  const probability = new Float64Array(W * K * K).map((_, x) => ((x % (K * K)) % (K + 1) === 0 ? 0.9 : 0.05));
  return {
    annotations,
    beliefs: {
      posterior,
      risk,
      workers: { workers: W, classes: K, probability },
      learner: null,
      iterations: 1,
      converged: true,
    },
    known: { item: new Int32Array(0), label: new Int32Array(0) },
    prototypes: null,
    prototypeClass: new Int32Array(0),
  };
}

const plainWorld = (items: number, workers: number): World =>
  new World({
    items,
    workers,
    classes: 3,
    columns: 1,
    prototypesPerClass: 1,
    answers: [],
    retracted: [],
    beliefs: [],
    riskThreshold: 0.1,
    seed: 1,
    classNames: null,
  });

const waived = ({ capabilities }: CalibrationSubject): string | null =>
  capabilities.passes ? 'it delivers what was inferred' : null;

export const calibrationLaws: readonly Law<CalibrationSubject>[] = [
  {
    id: 'L1',
    text: 'rows sum to 1, risk is 1 - their maximum, sure, gain and accuracy are in range; no NaN',
    check: (subject) =>
      forAnyRequest(subject, async (fresh, request) => {
        mustBeHonest(request(), (await fresh()).calibrate(request()));
      }),
  },
  {
    id: 'L2',
    text: 'pure: annotations and beliefs are left as they were; what is returned shares no memory with them',
    check: (subject) =>
      forAnyRequest(subject, async (fresh, request) => {
        const given = request();
        const before = fingerprint(given);
        const { posterior, risk } = (await fresh()).calibrate(given);
        const after = fingerprint(given);
        must(before === after, () => `the request changed: ${firstDifference(before, after)}`);
        posterior.fill(-1);
        risk.fill(-1);
        must(fingerprint(given) === before, 'what it returned is the memory of the beliefs');
      }),
  },
  {
    id: 'L3',
    text: 'without a memory: the same request gives the same result, after any other and from a fresh part',
    check: (subject) =>
      forAnyRequest(subject, async (fresh, request, world) => {
        const less = (): CalibrateRequest => {
          const { known, ...rest } = request();
          return { ...rest, known: { item: known.item.slice(1), label: known.label.slice(1) } };
        };
        const part = await fresh();
        const first = fingerprint(part.calibrate(less()));
        part.calibrate({ ...request(), annotations: world.annotations(world.plan.answers.length >> 1) });
        must(fingerprint(part.calibrate(less())) === first, 'after another request the same one gives another result');
        must(fingerprint((await fresh()).calibrate(less())) === first, 'a fresh part gives another result');
      }),
  },
  {
    id: 'L4',
    text: 'symmetric: renumbering items, workers and classes renumbers the result',
    check: (subject) =>
      forAnyRequest(subject, async (fresh, request, world) => {
        const given = request();
        const want = (await fresh()).calibrate(given).posterior;
        for (const kind of ['items', 'workers', 'classes'] satisfies Renumbering[]) {
          const to = numbersFor(given.annotations, kind, makeRng(`renumber/${world.plan.seed}`));
          const { beliefs, known, prototypes, prototypeClass } = given;
          const posterior = renumberedRows(beliefs.posterior, to);
          const { learner, workers } = beliefs;
          const rows = learner && Float32Array.from(renumberedRows(Float64Array.from(learner.probability), to));
          const classes = (labels: Int32Array): Int32Array => labels.map((k) => to.classes[k]!);
          const got = (await fresh()).calibrate({
            annotations: renumberedAnnotations(given.annotations, to, null),
            beliefs: {
              ...beliefs,
              posterior,
              risk: world.risk(posterior),
              workers: { ...workers, probability: renumberedConfusions(workers.probability, to) },
              learner: rows && { probability: rows, includesOwnAnswers: false },
            },
            known: { item: known.item.map((i) => to.items[i]!), label: classes(known.label) },
            prototypes: prototypes && {
              ...prototypes,
              worker: prototypes.worker.map((j) => to.workers[j]!),
              label: classes(prototypes.label),
            },
            prototypeClass: classes(prototypeClass),
          });
          const from = { items: inverse(to.items), workers: inverse(to.workers), classes: inverse(to.classes) };
          const back = renumberedRows(got.posterior, from);
          const tolerance = kind === 'classes' ? 0.06 : 1e-9;
          const bad = want.findIndex((p, x) => !(Math.abs(p - back[x]!) <= tolerance));
          must(bad < 0, () => `${kind} renumbered: entry ${bad} is ${back[bad]}, was ${want[bad]}`);
        }
      }),
  },
  {
    id: 'L5',
    text: 'learns: the more often known items are of a class that was not believed, the more probable it becomes',
    waived,
    check: async ({ make }) => {
      const label = Array.from({ length: 40 }, (_, i) => i % 3);
      for (const belief of [0.6, 0.9, 0.999]) {
        let before = -1;
        for (const count of [0, 2, 6, 12]) {
          const request = plain(label, belief);
          // Of the items that were called class 0, the expert says that they are of class 1.
          const item = Int32Array.from({ length: count }, (_, g) => 3 * g);
          const part = await make(plainWorld(40, 1).setup());
          const known = { item, label: item.map(() => 1) };
          const { posterior } = part.calibrate({ ...request, known });
          const probability = posterior[39 * 3 + 1]!;
          must(probability > before, () => `after ${count} such items class 1 has ${probability}, before ${before}`);
          before = probability;
        }
      }
    },
  },
  {
    id: 'L6',
    text: 'never certain: one answer, or one answer repeated by any number of workers, leaves a risk above 0',
    waived,
    check: async ({ make }) => {
      for (const answers of [1, 3, 30, 1000]) {
        const part = await make(plainWorld(4, answers).setup());
        const { risk } = part.calibrate(plain([0, 1, 2, 0], 1 - 1e-12, answers));
        must(risk[0]! > 1e-5, () => `${answers} workers who say the same leave a risk of ${risk[0]}`);
      }
    },
  },
];

/** Runs every law of `Calibration` against one implementation. */
export function describeCalibration(
  name: string,
  make: Make<Calibration>,
  capabilities: CalibrationCapabilities = {},
): void {
  describeLaws(`${name} keeps the Calibration contract`, calibrationLaws, { make, capabilities });
}
