import { argmax, makeRng, type Learner, type LearnerOutput, type LearnRequest } from '@quorate/core';
import { partsOf } from './build.js';
import { type Make } from './setup.js';
import { type PartSetup } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { edgeRequests, learnRequest } from './learn-request.js';
import { coinFlips, knowledgeOfCoins } from './coin-flips.js';
import { disposes } from './disposing.js';
import { farApart } from './learn-request.js';
import { describeLaws, forAll, insane, must, type Law, type SuiteOptions } from './law.js';
import { mustResume } from './resume.js';
import { begin } from './watchdog.js';
import { anyWorld, noFiles, type World } from './world.js';
import { noKnowledge } from './knowledge.js';

export interface LearnerCapabilities extends SuiteOptions {
  /** The part always returns null. */
  readonly silent?: boolean;
}

export interface LearnerSubject {
  readonly make: Make<Learner>;
  readonly capabilities: LearnerCapabilities;
}

const cases = anyWorld({ maxItems: 12, maxClasses: 4 });
const seedOf = (world: World): string => `learn/${world.plan.seed}`;
/** Learners may be slow: few random cases unless the caller asks for more. */
const few = ({ capabilities }: LearnerSubject): number => capabilities.runs ?? 20;

function setupFor({ dataset }: LearnRequest): PartSetup {
  return { dataset, truth: null, knowledge: noKnowledge, rng: makeRng('edge'), files: noFiles };
}

function mustBeOutput(output: LearnerOutput | null, { dataset }: LearnRequest, silent: boolean): void {
  must(silent === (output === null), () => (silent ? 'a silent learner spoke' : 'returned null without being silent'));
  if (output === null) return;
  const [N, K] = [dataset.taskIds.length, dataset.classes.length];
  const { probability, includesOwnAnswers } = output;
  must(probability.length === N * K, `returned ${probability.length} probabilities, expected N·K = ${N * K}`);
  must(typeof includesOwnAnswers === 'boolean', 'does not say whether an item’s own answers are in its row');
  for (let i = 0; i < N; i++) {
    const row = Array.from(probability.subarray(i * K, (i + 1) * K));
    const sum = row.reduce((a, b) => a + b, 0);
    const legal = row.every((p) => p >= 0) && Math.abs(sum - 1) <= 1e-4;
    must(legal, () => `row ${i} is no distribution: ${row.join(', ')}`);
  }
}

export const learnerLaws: readonly Law<LearnerSubject>[] = [
  {
    id: 'L1',
    text: 'returns N rows that sum to 1, without NaN, for every valid request; null when it has nothing to say',
    check: async (subject) => {
      const silent = subject.capabilities.silent ?? false;
      for (const { name, request } of edgeRequests()) {
        begin(() => `\n  counterexample: ${name}`);
        const learner = await subject.make(setupFor(request));
        try {
          mustBeOutput(await learner.fitPredict(request, makeRng(name)), request, silent);
        } catch (thrown) {
          throw new Error(`${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
        }
      }
      await forAll(cases, few(subject), async (world) => {
        const learner = await subject.make(world.setup());
        const request = learnRequest(world);
        // A run asks again and again: what comes first may be right, and what follows wrong.
        for (const seed of [seedOf(world), `${seedOf(world)} again`]) {
          mustBeOutput(await learner.fitPredict(request, makeRng(seed)), request, silent);
        }
      });
    },
  },
  {
    id: 'L2',
    text: 'deterministic for a stream, whatever the truth is',
    check: (subject) =>
      forAll(cases, few(subject), async (world) => {
        const said: string[] = [];
        for (const salt of [0, 1]) {
          const learner = await subject.make(world.setup({ truth: world.truth(salt) }));
          said.push(fingerprint(await learner.fitPredict(learnRequest(world), makeRng(seedOf(world)))));
        }
        must(said[0] === said[1], () => `two fits from one stream differ: ${firstDifference(said[0]!, said[1]!)}`);
      }),
  },
  {
    id: 'L3',
    text: 'pure: the request is left as it was, and so is what was returned before',
    check: (subject) =>
      forAll(cases, few(subject), async (world) => {
        const learner = await subject.make(world.setup());
        const request = learnRequest(world);
        const before = fingerprint(request);
        const rng = makeRng(seedOf(world));
        const output = await learner.fitPredict(request, rng);
        const after = fingerprint(request);
        must(before === after, () => `the request changed: ${firstDifference(before, after)}`);
        const said = fingerprint(output);
        await learner.fitPredict({ ...learnRequest(world, 1), posterior: uniform(world) }, rng);
        must(said === fingerprint(output), 'a later step wrote to an output that was returned before');
      }),
  },
  {
    id: 'L4',
    text: 'resumable: restored from snapshot it goes on exactly as the original would',
    check: (subject) =>
      forAll(cases, Math.ceil(few(subject) / 2), (world) =>
        mustResume(
          subject.make,
          (rng) => world.setup({ rng }),
          (learner, rng) => (step) => learner.fitPredict(learnRequest(world, step), rng),
          { steps: 4, at: 2, seed: world.plan.seed },
        ),
      ),
  },
  {
    id: 'L5',
    text: 'lastOutput, where there is one, is what fitPredict returned last, byte for byte, also after restore',
    check: (subject) =>
      forAll(cases, Math.ceil(few(subject) / 2), async (world) => {
        const learner = await subject.make(world.setup());
        const rng = makeRng(seedOf(world));
        for (let step = 0; step < 3; step++) {
          const said = fingerprint(await learner.fitPredict(learnRequest(world, step), rng));
          if (!learner.lastOutput) return;
          const snapshots = partsOf(learner).map((part) => structuredClone(part.snapshot?.()));
          mustBeSaid('lastOutput', said, await learner.lastOutput());
          const resumed = await subject.make(world.setup());
          partsOf(resumed).forEach((part, x) => {
            const state = snapshots[x];
            if (state !== undefined) part.restore?.(state);
          });
          mustBeSaid('lastOutput after restore', said, await resumed.lastOutput?.());
        }
      }),
  },
  {
    id: 'L6',
    text: 'leave-one-out: where it says that an item’s own answers are not in its row, features of noise tell it nothing of them',
    waived: ({ capabilities }) => (capabilities.silent ? 'the learner says nothing' : null),
    check: async (subject) => {
      const said: { output: LearnerOutput; coin: Int32Array }[] = [];
      for (let set = 0; set < COIN_SETS; set++) {
        begin(() => `\n  counterexample: set ${set} of coin flips`);
        const { request, coin } = coinFlips(set);
        const learner = await subject.make(setupFor(request));
        let output: LearnerOutput | null = null;
        // The second time it may start from what it said the first time.
        for (const turn of [1, 2]) output = await learner.fitPredict(request, makeRng(`coins/${set}/${turn}`));
        await learner.dispose?.();
        if (output === null || output.includesOwnAnswers) return;
        said.push({ output, coin });
      }
      const z = knowledgeOfCoins(said);
      must(
        z <= MOST_KNOWLEDGE,
        () =>
          `its rows know the items' own coins, ${z.toFixed(1)} standard deviations from nothing: say includesOwnAnswers`,
      );
    },
  },
  {
    id: 'S1',
    text: 'sane: classes far apart, with prototypes of each and a third of the items labelled: it is right about most items',
    waived: (subject) => (subject.capabilities.silent ? 'the learner says nothing' : insane(subject)),
    check: async (subject) => {
      const { request, truth } = farApart();
      const K = request.dataset.classes.length;
      const learner = await subject.make(setupFor(request));
      let output: LearnerOutput | null = null;
      for (const turn of [1, 2]) output = await learner.fitPredict(request, makeRng(`sane/${turn}`));
      await learner.dispose?.();
      must(output !== null, 'it has nothing to say');
      const right = truth.reduce((sum, k, i) => sum + (argmax(output.probability, i * K, K) === k ? 1 : 0), 0);
      const share = right / truth.length;
      must(share > 0.8, () => `right about ${Math.round(100 * share)} % of items of ${K} classes that lie far apart`);
    },
  },
  disposes(({ make }: LearnerSubject) => make(setupFor(farApart().request))),
];

/** Sets of coin flips, and the most standard deviations: noise passes 4 once in 30,000 times. */
const COIN_SETS = 24;
const MOST_KNOWLEDGE = 4;

function mustBeSaid(what: string, said: string, got: LearnerOutput | null | undefined): void {
  const again = fingerprint(got);
  must(again === said, () => `${what} is not what was said: ${firstDifference(said, again)}`);
}

function uniform(world: World): Float64Array {
  return new Float64Array(world.plan.items * world.plan.classes).fill(1 / world.plan.classes);
}

/** Runs every law of `Learner` against one implementation. */
export function describeLearner(name: string, make: Make<Learner>, capabilities: LearnerCapabilities = {}): void {
  describeLaws(`${name} keeps the Learner contract`, learnerLaws, { make, capabilities });
}
