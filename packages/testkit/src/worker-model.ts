import { AnnotationIndex, makeRng, type WorkerConfusions, type WorkerKnowledge, type WorkerModel } from '@quorate/core';
import { normalizeRows } from '@quorate/core/numbers';
import type { Make } from './setup.js';
import type { PartSetup } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { disposes } from './disposing.js';
import { flatKnowledge } from './knowledge.js';
import { describeLaws, forAll, insane, must, type Law, type SuiteOptions } from './law.js';
import {
  inverse,
  numbersFor,
  renumberedAnnotations,
  renumberedConfusions,
  renumberedRows,
  type Numbers,
} from './renumbering.js';
import { World, anyWorld } from './world.js';

export interface WorkerModelCapabilities extends SuiteOptions {
  /** What the answers of some workers show is expected of the others too. */
  readonly pools?: boolean;
}

export interface WorkerModelSubject {
  readonly make: Make<WorkerModel>;
  readonly capabilities: WorkerModelCapabilities;
}

const cases = anyWorld({ maxWorkers: 4 });

/** A posterior without ties, N×K. */
function beliefs(world: World, salt = ''): Float64Array {
  const rng = makeRng(`beliefs/${world.plan.seed}${salt}`);
  const rows = Float64Array.from({ length: world.plan.items * world.plan.classes }, () => Math.exp(2 * rng.normal()));
  normalizeRows(rows, world.plan.classes);
  return rows;
}

const fresh = new World({
  ...{ items: 2, workers: 2, classes: 2, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 },
  ...{ answers: [], retracted: [], beliefs: [], classNames: null },
});

const stream = (world: World) => makeRng(`update/${world.plan.seed}`);

/** What the model says of its workers, in a fresh array. */
function shown({ confusions }: WorkerModel): Float64Array {
  const { workers, classes: K, probability } = confusions;
  return probability.slice(0, workers * K * K);
}

async function resetModel(
  { make }: WorkerModelSubject,
  world: World,
  setup?: Partial<PartSetup>,
): Promise<WorkerModel> {
  const model = await make(world.setup(setup));
  model.reset(world.plan.workers);
  return model;
}

function mustBeConfusions({ workers, classes: K, probability }: WorkerConfusions, world: World): void {
  must(workers === world.plan.workers, `shows ${workers} workers, was reset to ${world.plan.workers}`);
  must(K === world.plan.classes, `shows ${K} classes of ${world.plan.classes}`);
  must(probability.length >= workers * K * K, `probability has ${probability.length} entries, needs W·K·K`);
  for (let j = 0; j < workers; j++) {
    for (let k = 0; k < K; k++) {
      const answers = Array.from({ length: K }, (_, z) => probability[(j * K + z) * K + k]!);
      const sum = answers.reduce((a, b) => a + b, 0);
      const legal = answers.every((p) => p >= 0) && Math.abs(sum - 1) <= 1e-9;
      must(legal, () => `worker ${j}, true class ${k}: P(answer) is ${answers.join(', ')}`);
    }
  }
}

function mustEqual(got: Float64Array, want: Float64Array, what: string): void {
  const [a, b] = [fingerprint(want), fingerprint(got)];
  must(a === b, () => `${what}: ${firstDifference(a, b)}`);
}

function renumberedKnowledge(old: WorkerKnowledge, to: Numbers): WorkerKnowledge {
  const K = to.classes.length;
  const worker = inverse(to.workers);
  const matrix = (m: Float64Array | null): Float64Array | null => {
    const out = m && new Float64Array(K * K);
    m?.forEach((p, x) => (out![to.classes[Math.floor(x / K)]! * K + to.classes[x % K]!] = p));
    return out;
  };
  return { pooledCounts: matrix(old.pooledCounts), confusion: (j) => matrix(old.confusion(worker[j] ?? j)) };
}

export const workerModelLaws: readonly Law<WorkerModelSubject>[] = [
  {
    id: 'L1',
    text: 'for every worker and true class the probabilities of the answers sum to 1 within 1e-9 and are >= 0',
    check: (subject) =>
      forAll(cases, subject.capabilities.runs ?? 100, async (world) => {
        const model = await resetModel(subject, world);
        mustBeConfusions(model.confusions, world);
        model.update(world.annotations(), beliefs(world), stream(world));
        mustBeConfusions(model.confusions, world);
        const more = world.plan.workers + 9;
        model.reset(more);
        must(model.confusions.workers === more, `reset to ${more} workers, shows ${model.confusions.workers}`);
        must(
          shown(model).every((p) => p >= 0),
          'a worker that reset made room for has no probabilities',
        );
      }),
  },
  {
    id: 'L2',
    text: 'reset forgets all annotations: what confusions shows afterwards depends on the prior alone',
    check: (subject) =>
      forAll(cases, subject.capabilities.runs ?? 100, async (world) => {
        const model = await resetModel(subject, world);
        const prior = shown(model);
        model.update(world.annotations(), beliefs(world), stream(world));
        model.reset(world.plan.workers);
        mustEqual(shown(model), prior, 'reset did not forget');
      }),
  },
  {
    id: 'L3',
    text: 'update depends on the annotations and the posterior given, not on earlier updates',
    check: (subject) =>
      forAll(cases, subject.capabilities.runs ?? 100, async (world) => {
        const model = await resetModel(subject, world);
        const fresh = await resetModel(subject, world);
        model.update(world.annotations(), beliefs(world, '/earlier'), makeRng('earlier'));
        model.update(world.annotations(), beliefs(world), stream(world));
        fresh.update(world.annotations(), beliefs(world), stream(world));
        mustEqual(shown(model), shown(fresh), 'an earlier update shows');
      }),
  },
  {
    id: 'L4',
    text: 'symmetric in workers (they may have different priors) and, ties aside, in classes',
    check: async (subject) => {
      for (const kind of ['workers', 'classes', 'items', 'arrival'] as const) {
        await forAll(cases, Math.ceil((subject.capabilities.runs ?? 100) / 4), async (world) => {
          const rng = makeRng(`renumber/${world.plan.seed}`);
          const annotations = world.annotations();
          const to = numbersFor(annotations, kind, rng);
          const model = await resetModel(subject, world);
          const other = await resetModel(subject, world, { knowledge: renumberedKnowledge(world.knowledge(), to) });
          model.update(annotations, beliefs(world), stream(world));
          const moved = renumberedAnnotations(annotations, to, kind === 'arrival' ? rng : null);
          other.update(moved, renumberedRows(beliefs(world), to), stream(world));
          const want = renumberedConfusions(shown(model), to);
          const got = shown(other);
          const bad = want.findIndex((p, x) => !(Math.abs(p - got[x]!) <= 1e-9));
          must(bad < 0, () => `after renumbering ${kind}, entry ${bad} is ${got[bad]}, expected ${want[bad]}`);
        });
      }
    },
  },
  {
    id: 'L5',
    text: 'pure: annotations and posterior are left as they were; same stream, same result, whatever the truth is',
    check: (subject) =>
      forAll(cases, subject.capabilities.runs ?? 100, async (world) => {
        const one = await resetModel(subject, world);
        const two = await resetModel(subject, world, { truth: world.truth(1) });
        const given = { annotations: world.annotations(), posterior: world.posterior() };
        const before = fingerprint(given);
        one.update(given.annotations, given.posterior, stream(world));
        const after = fingerprint(given);
        must(before === after, () => `update changed what it was given: ${firstDifference(before, after)}`);
        two.update(world.annotations(), world.posterior(), stream(world));
        mustEqual(shown(two), shown(one), 'two updates from one stream differ');
      }),
  },
  {
    id: 'L6',
    text: 'a worker without annotations keeps the prior, or shares what is pooled with all others without annotations',
    check: (subject) =>
      forAll(cases, subject.capabilities.runs ?? 100, async (world) => {
        const model = await resetModel(subject, world);
        const prior = shown(model);
        const annotations = world.annotations();
        model.update(annotations, beliefs(world), stream(world));
        const now = shown(model);
        const size = world.plan.classes ** 2;
        const silent = Array.from({ length: world.plan.workers }, (_, j) => j).filter((j) => !annotations.perWorker[j]);
        const pools = subject.capabilities.pools && annotations.live > 0;
        for (const j of silent) {
          for (let x = 0; x < size; x++) {
            const want = pools ? now[silent[0]! * size + x]! : prior[j * size + x]!;
            const moved = !(Math.abs(now[j * size + x]! - want) <= 1e-12);
            must(!moved, `worker ${j} gave no answer, yet ${pools ? 'is not like the others who gave none' : 'moved'}`);
          }
        }
      }),
  },
  {
    id: 'S1',
    text: 'sane: of a worker whose answers are believed it says that they are right more often than of one whose are not',
    waived: insane,
    check: async (subject) => {
      const plan = {
        items: 40,
        workers: 2,
        classes: 3,
        columns: 1,
        prototypesPerClass: 1,
        riskThreshold: 0.1,
        seed: 1,
      };
      const world = new World({ ...plan, answers: [], retracted: [], beliefs: [], classNames: null });
      const K = plan.classes;
      const annotations = new AnnotationIndex(plan.items, 2, K);
      const posterior = new Float64Array(plan.items * K).fill(0.01);
      for (let i = 0; i < plan.items; i++) {
        posterior[i * K + (i % K)] = 0.98;
        annotations.append(i, 0, i % K);
        annotations.append(i, 1, (i + 1) % K);
      }
      const model = await resetModel(subject, world, { knowledge: flatKnowledge(K) });
      model.update(annotations, posterior, makeRng('sane'));
      const { probability } = model.confusions;
      for (let k = 0; k < K; k++) {
        const [good, bad] = [0, 1].map((j) => probability[(j * K + k) * K + k]!) as [number, number];
        const alike = subject.capabilities.pools === true && good === bad;
        must(
          good > bad || alike,
          () => `class ${k}: ${good} of the worker who is right, ${bad} of the one who is wrong`,
        );
      }
    },
  },
  disposes(({ make }: WorkerModelSubject) => make(fresh.setup())),
];

/** Runs every law of `WorkerModel` against one implementation. */
export function describeWorkerModel(
  name: string,
  make: Make<WorkerModel>,
  capabilities: WorkerModelCapabilities = {},
): void {
  describeLaws(`${name} keeps the WorkerModel contract`, workerModelLaws, { make, capabilities });
}
