import { argmax, makeRng, type Annotations, type Beliefs, type Optimizer, type Rng } from '@quorate/core';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { settled } from './guard.js';
import { disposes } from './disposing.js';
import { flatKnowledge } from './knowledge.js';
import { describeLaws, forAll, insane, must, type Law, type SuiteOptions } from './law.js';
import { mustResume, type Session } from './resume.js';
import { within } from './watchdog.js';
import { World, anyWorld } from './world.js';

export interface OptimizerCapabilities extends SuiteOptions {
  /** Most iterations of a step, as the part was built. */
  readonly maxIterations?: number;
}

export interface OptimizerSubject {
  readonly make: Make<Optimizer>;
  readonly capabilities: OptimizerCapabilities;
}

const cases = anyWorld({ maxItems: 8 });
const STEP_MS = 3000;
const nowhere = new World({
  ...{ items: 2, workers: 2, classes: 2, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 },
  ...{ answers: [], retracted: [], beliefs: [], classNames: null },
});

function step(optimizer: Optimizer, annotations: Annotations, rng: Rng): Promise<Beliefs> {
  const request = { annotations, riskThreshold: 0.1 };
  const begun = within(STEP_MS, () => optimizer.step(request, rng));
  return settled(STEP_MS, 'step', begun);
}

/** A run of which every step sees three answers more; the last one also sees what is taken back. */
function growing(world: World): Session<Optimizer> {
  return (optimizer, rng) => {
    const annotations = world.annotations(0);
    const { answers } = world.plan;
    return (turn) => {
      const upTo = turn >= 3 ? answers.length : Math.min(answers.length, 3 * turn);
      while (annotations.count < upTo) annotations.append(...answers[annotations.count]!);
      if (turn === 3) world.retractFrom(annotations);
      return step(optimizer, annotations, rng);
    };
  };
}

function mustBeBeliefs(beliefs: Beliefs, annotations: Annotations): void {
  const { items: N, classes: K } = annotations;
  const { posterior, risk, workers, learner, iterations, converged } = beliefs;
  must(posterior.length === N * K, `posterior has ${posterior.length} entries, expected N·K = ${N * K}`);
  must(risk.length === N, `risk has ${risk.length} entries, expected N = ${N}`);
  for (let i = 0; i < N; i++) {
    const row = Array.from(posterior.subarray(i * K, (i + 1) * K));
    const sum = row.reduce((a, b) => a + b, 0);
    const legal = row.every((p) => p >= 0 && p <= 1) && (sum === 0 || Math.abs(sum - 1) <= 1e-9);
    must(legal, () => `row ${i} of the posterior is no distribution: ${row.join(', ')}`);
    const want = 1 - Math.max(...row);
    must(Math.abs(risk[i]! - want) <= 1e-12, () => `risk of item ${i} is ${risk[i]}, 1 - max posterior is ${want}`);
  }
  must(workers.workers >= annotations.workers && workers.classes === K, 'the confusion matrices do not fit W and K');
  for (let x = 0; x < annotations.workers * K * K; x++) {
    const p = workers.probability[x]!;
    must(p >= 0 && p <= 1, () => `entry ${x} of the confusion matrices is ${p}`);
  }
  must(learner === null || learner.probability.length === N * K, 'what the learner says does not fit N and K');
  must(Number.isInteger(iterations) && iterations >= 0, `iterations is ${iterations}`);
  must(typeof converged === 'boolean', 'converged is no boolean');
}

/** All steps of a run over the world, as text. */
async function history({ make }: OptimizerSubject, world: World, salt = 0): Promise<string[]> {
  const session = growing(world)(await make(world.setup({ truth: world.truth(salt) })), makeRng(world.plan.seed));
  const steps: string[] = [];
  for (let turn = 0; turn < 4; turn++) steps.push(fingerprint(await session(turn)));
  return steps;
}

function mustBeSame(one: readonly string[], two: readonly string[], what: string): void {
  const bad = one.findIndex((text, x) => text !== two[x]);
  must(bad < 0, () => `${what}, step ${bad} differs: ${firstDifference(one[bad]!, two[bad]!)}`);
}

const runsOf = ({ capabilities }: OptimizerSubject): number => capabilities.runs ?? 40;

export const optimizerLaws: readonly Law<OptimizerSubject>[] = [
  {
    id: 'L1',
    text: 'no annotations: returns beliefs, with rows of the posterior that sum to 1 (or zero rows of majority vote)',
    check: (subject) =>
      forAll(cases, runsOf(subject), async (world) => {
        const optimizer = await subject.make(world.setup());
        const rng = makeRng(world.plan.seed);
        for (const upTo of [0, world.plan.answers.length]) {
          const annotations = world.annotations(upTo);
          mustBeBeliefs(await step(optimizer, annotations, rng), annotations);
        }
      }),
  },
  {
    id: 'L2',
    text: 'terminates within its number of iterations on every input',
    check: (subject) =>
      forAll(cases, runsOf(subject), async (world) => {
        const session = growing(world)(await subject.make(world.setup()), makeRng(world.plan.seed));
        const { maxIterations = Infinity } = subject.capabilities;
        for (let turn = 0; turn < 4; turn++) {
          const { iterations } = (await session(turn)) as Beliefs;
          must(iterations <= maxIterations, `took ${iterations} iterations, at most ${maxIterations} are allowed`);
        }
      }),
  },
  {
    id: 'L3',
    text: 'deterministic for a stream; pure in the annotations',
    check: (subject) =>
      forAll(cases, runsOf(subject), async (world) => {
        mustBeSame(await history(subject, world), await history(subject, world), 'with the same stream');
        const annotations = world.annotations();
        const before = fingerprint(annotations);
        await step(await subject.make(world.setup()), annotations, makeRng(world.plan.seed));
        const after = fingerprint(annotations);
        must(before === after, () => `the annotations changed: ${firstDifference(before, after)}`);
      }),
  },
  {
    id: 'L4',
    text: 'resumable: restored from snapshot it goes on exactly as the original would',
    check: (subject) =>
      forAll(cases, Math.ceil(runsOf(subject) / 2), async (world) => {
        const { seed } = world.plan;
        await mustResume(subject.make, (rng) => world.setup({ rng }), growing(world), { steps: 4, at: 2, seed });
      }),
  },
  {
    id: 'L5',
    text: 'blind: depends on nothing but annotations, prior knowledge of workers, features and prototypes',
    check: (subject) =>
      forAll(cases, runsOf(subject), async (world) => {
        mustBeSame(await history(subject, world, 0), await history(subject, world, 1), 'with another truth');
      }),
  },
  {
    id: 'S1',
    text: 'sane: it labels most items right where three good workers of five agree about each',
    waived: insane,
    check: async (subject) => {
      const plan = {
        items: 60,
        workers: 5,
        classes: 3,
        columns: 3,
        prototypesPerClass: 3,
        riskThreshold: 0.1,
        seed: 5,
      };
      const world = new World({ ...plan, answers: [], retracted: [], beliefs: [], classNames: null });
      const { classOf } = world.truth();
      const [rng, K] = [makeRng('sane'), plan.classes];
      const annotations = world.annotations();
      classOf.forEach((k, i) => {
        for (let j = 0; j < plan.workers; j++) annotations.append(i, j, j < 3 && rng.uniform() < 0.95 ? k : rng.int(K));
      });
      const optimizer = await subject.make(world.setup({ knowledge: flatKnowledge(K) }));
      await step(optimizer, world.annotations(0), rng);
      const { posterior } = await step(optimizer, annotations, rng);
      const right = classOf.reduce((sum, k, i) => sum + (argmax(posterior, i * K, K) === k ? 1 : 0), 0) / plan.items;
      must(right > 0.85, () => `right about ${Math.round(100 * right)} % of the items`);
    },
  },
  disposes(({ make }: OptimizerSubject) => make(nowhere.setup())),
];

/** Runs every law of `Optimizer` against one implementation. */
export function describeOptimizer(name: string, make: Make<Optimizer>, capabilities: OptimizerCapabilities = {}): void {
  describeLaws(`${name} keeps the Optimizer contract`, optimizerLaws, { make, capabilities });
}
