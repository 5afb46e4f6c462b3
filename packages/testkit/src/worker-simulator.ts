import {
  AnnotationIndex,
  hasAnswered,
  makeRng,
  type ClassLabel,
  type Hit,
  type Questions,
  type Rng,
  type WorkerSimulator,
} from '@quorate/core';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { disposes } from './disposing.js';
import { describeLaws, forAll, insane, must, type Law, type SuiteOptions } from './law.js';
import { mustResume } from './resume.js';
import { World, anyWorld } from './world.js';

export interface WorkerSimulatorCapabilities extends SuiteOptions {
  /** Class names of the datasets, where the part knows only some classes. */
  readonly classes?: readonly ClassLabel[];
  /** The workers may decline questions. */
  readonly declines?: boolean;
}

export interface WorkerSimulatorSubject {
  readonly make: Make<WorkerSimulator>;
  readonly capabilities: WorkerSimulatorCapabilities;
}

type Pairs = readonly (readonly [item: number, worker: number])[];

/** Checks `law` in random worlds with some questions to the simulator's own workers. */
function forAnyQuestions(
  { make, capabilities }: WorkerSimulatorSubject,
  law: (one: { world: World; fresh: () => Promise<WorkerSimulator>; pairs: Pairs }) => Promise<void>,
): Promise<void> {
  const shape = {
    maxWorkers: 12,
    repeats: true,
    ...(capabilities.classes ? { classNames: capabilities.classes } : {}),
  };
  return forAll(anyWorld(shape), capabilities.runs ?? 50, async (world) => {
    const fresh = async (): Promise<WorkerSimulator> => make(world.setup());
    const W = (await fresh()).workerIds.length;
    must(W >= 1, 'there are no workers');
    await law({ world, fresh, pairs: world.plan.answers.map(([i, j]) => [i, j % W] as const) });
  });
}

function questionsOf(pairs: Pairs): Questions {
  const column = (x: 0 | 1): Int32Array => Int32Array.from(pairs, (pair) => pair[x]);
  return { count: pairs.length, item: column(0), worker: column(1) };
}

/** A project that is large enough to count answers in. */
function crowdOf(classNames: readonly ClassLabel[] | null): World {
  return new World({
    ...{ items: 200, workers: 5, classes: classNames?.length ?? 4, columns: 2, prototypesPerClass: 1 },
    ...{ riskThreshold: 0.1, seed: 3, answers: [], retracted: [], beliefs: [], classNames },
  });
}

const UNTOUCHED = -7;

/** The answers, and two entries beyond them that must stay as they were. */
async function ask(simulator: WorkerSimulator, pairs: Pairs, rng: Rng): Promise<Int32Array> {
  const labels = new Int32Array(pairs.length + 2).fill(UNTOUCHED);
  await simulator.answer(questionsOf(pairs), labels, rng);
  must(labels[pairs.length] === UNTOUCHED, 'wrote beyond the last question');
  return labels.subarray(0, pairs.length);
}

const stream = (world: World): Rng => makeRng(`answers/${world.plan.seed}`);

function mustAgree(got: ArrayLike<number>, want: ArrayLike<number>, what: string): void {
  for (let a = 0; a < want.length; a++) {
    must(got[a] === want[a], () => `${what}: answer ${a} is ${got[a]}, was ${want[a]}`);
  }
}

function shownKnowledge({ workerIds, knowledge }: WorkerSimulator): string {
  const matrices = workerIds.map((_, j) => knowledge.confusion(j));
  return fingerprint({ workerIds, pooled: knowledge.pooledCounts, matrices });
}

export const workerSimulatorLaws: readonly Law<WorkerSimulatorSubject>[] = [
  {
    id: 'L1',
    text: 'every answer is a class, 0..K-1, or -1 where workers may decline; worker ids are unique',
    check: (subject) =>
      forAnyQuestions(subject, async ({ world, fresh, pairs }) => {
        const simulator = await fresh();
        must(new Set(simulator.workerIds).size === simulator.workerIds.length, 'two workers have one id');
        for (const id of simulator.workerIds) {
          // eslint-disable-next-line no-control-regex -- control characters are what is looked for
          must(id !== '' && !/[\u0000-\u001f]/.test(id), () => `${JSON.stringify(id)} is no id: one line of text`);
        }
        const labels = await ask(simulator, pairs, stream(world));
        const least = subject.capabilities.declines ? -1 : 0;
        for (const z of labels) {
          const declined = z === -1 ? ', which declines: declare { declines: true }' : '';
          must(z >= least && z < world.plan.classes, `answered ${z} of ${world.plan.classes} classes${declined}`);
        }
      }),
  },
  {
    id: 'L2',
    text: 'deterministic; each worker draws from a stream of its own: what one is asked does not change another',
    check: (subject) =>
      forAnyQuestions(subject, async ({ world, fresh, pairs }) => {
        const answers = await ask(await fresh(), pairs, stream(world));
        mustAgree(await ask(await fresh(), pairs, stream(world)), answers, 'asked the same again from the same stream');

        const questions = questionsOf(pairs);
        const before = fingerprint(questions);
        await (await fresh()).answer(questions, new Int32Array(pairs.length), stream(world));
        const after = fingerprint(questions);
        must(before === after, () => `the questions changed: ${firstDifference(before, after)}`);

        const chosen = pairs[0]?.[1];
        const own = [...pairs.keys()].filter((a) => pairs[a]![1] === chosen);
        const alone = await ask(
          await fresh(),
          own.map((a) => pairs[a]!),
          stream(world),
        );
        mustAgree(
          alone,
          own.map((a) => answers[a]!),
          `worker ${chosen} asked alone`,
        );

        const order = [...pairs.keys()].sort((a, b) => pairs[b]![1] - pairs[a]![1] || a - b);
        const grouped = await ask(
          await fresh(),
          order.map((a) => pairs[a]!),
          stream(world),
        );
        mustAgree(
          grouped,
          order.map((a) => answers[a]!),
          'asked worker by worker',
        );

        const [rng, simulator] = [stream(world), await fresh()];
        const half = pairs.length >> 1;
        const parts = [await ask(simulator, pairs.slice(0, half), rng), await ask(simulator, pairs.slice(half), rng)];
        mustAgree([...parts[0]!, ...parts[1]!], answers, 'asked in two batches');
      }),
  },
  {
    id: 'L3',
    text: 'resumable: with its streams and its snapshot restored it goes on exactly as it would have',
    check: (subject) =>
      forAnyQuestions(subject, ({ world, pairs }) => {
        const part = (step: number): Pairs => pairs.filter((_, a) => a % 4 === step);
        const session = (simulator: WorkerSimulator, rng: Rng) => (step: number) => ask(simulator, part(step), rng);
        const { seed } = world.plan;
        return mustResume(subject.make, (rng) => world.setup({ rng }), session, { steps: 4, at: 2, seed });
      }),
  },
  {
    id: 'L4',
    text: "knowledge is honest: rows of confusion sum to 1, counts are >= 0, neither depends on the items' truth",
    check: (subject) =>
      forAnyQuestions(subject, async ({ world, fresh }) => {
        const simulator = await fresh();
        const { knowledge, workerIds } = simulator;
        const K = world.plan.classes;
        const counts = knowledge.pooledCounts;
        must(!counts || counts.length === K * K, () => `pooledCounts has ${counts!.length} entries, expected K·K`);
        must(!counts || counts.every((n) => n >= 0 && n < Infinity), 'a pooled count is negative or not finite');
        workerIds.forEach((id, j) => mustBeConfusion(knowledge.confusion(j), K, id));
        const other = await subject.make(world.setup({ truth: world.truth(1) }));
        const [a, b] = [shownKnowledge(simulator), shownKnowledge(other)];
        must(a === b, () => `with another truth the knowledge differs: ${firstDifference(a, b)}`);
      }),
  },
  {
    id: 'L5',
    text: 'assigned: only what the plan asks, once for each worker, and all of it is answered; what may be asked is',
    check: (subject) =>
      forAnyQuestions(subject, async ({ world, fresh }) => {
        const simulator = await fresh();
        if (!simulator.assign) return;
        const { items, classes } = world.plan;
        const annotations = new AnnotationIndex(items, simulator.workerIds.length, classes);
        const rng = stream(world);
        for (let step = 0; step < 4; step++) {
          const plan = anyPlan(items, simulator.workerIds.length, rng);
          const before = fingerprint(plan);
          const given = simulator.assign(plan, annotations);
          must(fingerprint(plan) === before, 'it changed the plan');
          mustBeAssigned(given, plan, annotations);
          const pairs = given.flatMap((hit) => Array.from(hit.items, (i) => [i, hit.worker] as const));
          const labels = await ask(simulator, pairs, rng);
          pairs.forEach(([i, j], a) => {
            must(labels[a]! >= 0, () => `worker ${j} was assigned item ${i} and declines it`);
            annotations.append(i, j, labels[a]!);
          });
        }
        for (let i = 0; i < items; i++) {
          if (!(simulator.may?.(0, i, annotations) ?? true)) continue;
          const one = simulator.assign([{ worker: 0, items: Int32Array.of(i) }], annotations);
          must(
            one.length === 1 && one[0]!.items[0] === i,
            () => `item ${i} may be asked about, and is assigned to nobody`,
          );
        }
      }),
  },
  {
    id: 'S1',
    text: 'sane: workers answer about the item they are asked about, as often right as the knowledge of them says',
    waived: insane,
    check: async ({ make, capabilities }) => {
      const world = crowdOf(capabilities.classes ?? null);
      const K = world.plan.classes;
      const { classOf } = world.truth();
      const simulator = await make(world.setup());
      const W = simulator.workerIds.length;
      const perWorker = Math.max(20, Math.ceil(2000 / W));
      const pairs = Array.from(
        { length: W * perWorker },
        (_, a) => [Math.floor(a / W) % classOf.length, a % W] as const,
      );
      const labels = await ask(simulator, pairs, stream(world));
      let [surplus, variance] = [0, 0];
      labels.forEach((z, a) => {
        const [i, j] = pairs[a]!;
        const matrix = simulator.knowledge.confusion(j);
        if (!matrix || z < 0) return;
        const p = matrix[classOf[i]! * (K + 1)]!;
        surplus += (z === classOf[i] ? 1 : 0) - p;
        variance += p * (1 - p);
      });
      const apart = Math.abs(surplus) / Math.sqrt(variance + 1);
      const direction = surplus < 0 ? 'fewer' : 'more';
      must(
        apart < 6,
        () =>
          `${Math.abs(Math.round(surplus))} of ${labels.length} answers ${direction} are right than their confusion matrices say`,
      );
    },
  },
  disposes(({ make, capabilities }: WorkerSimulatorSubject) => make(crowdOf(capabilities.classes ?? null).setup())),
];

/** HITs of some items, one item in several of them. */
function anyPlan(items: number, workers: number, rng: Rng): readonly Hit[] {
  return Array.from(rng.choose(workers, Math.min(workers, 3)), (worker) => {
    return { worker, items: rng.choose(items, 1 + rng.int(items)) };
  });
}

function mustBeAssigned(given: readonly Hit[], plan: readonly Hit[], annotations: AnnotationIndex): void {
  const left = new Map<number, number>();
  for (const { items } of plan) for (const i of items) left.set(i, (left.get(i) ?? 0) + 1);
  const seen = new Set<number>();
  for (const { worker, items } of given) {
    must(!seen.has(worker), `worker ${worker} has two HITs`);
    seen.add(worker);
    must(items.length > 0, `worker ${worker} has a HIT without items`);
    must(new Set(items).size === items.length, `worker ${worker} is assigned an item twice`);
    for (const i of items) {
      must((left.get(i) ?? 0) > 0, `item ${i} is assigned more often than the plan has it`);
      left.set(i, left.get(i)! - 1);
      must(!hasAnswered(annotations, i, worker), `worker ${worker} is assigned item ${i} again`);
    }
  }
}

function mustBeConfusion(matrix: Float64Array | null, K: number, id: string): void {
  if (!matrix) return;
  must(matrix.length === K * K, `the confusion matrix of ${id} has ${matrix.length} entries, expected K·K = ${K * K}`);
  for (let k = 0; k < K; k++) {
    const row = Array.from(matrix.subarray(k * K, (k + 1) * K));
    const sum = row.reduce((a, b) => a + b, 0);
    const legal = row.every((p) => p >= 0) && Math.abs(sum - 1) <= 1e-6;
    must(legal, () => `row ${k} of the confusion matrix of ${id} is no distribution: ${row.join(', ')}`);
  }
}

/** Runs every law of `WorkerSimulator` against one implementation. */
export function describeWorkerSimulator(
  name: string,
  make: Make<WorkerSimulator>,
  capabilities: WorkerSimulatorCapabilities = {},
): void {
  describeLaws(`${name} keeps the WorkerSimulator contract`, workerSimulatorLaws, { make, capabilities });
}
