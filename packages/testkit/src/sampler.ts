import {
  AnnotationIndex,
  hasAnswered,
  isQuorateError,
  makeRng,
  type Annotations,
  type Hit,
  type SampleRequest,
  type Sampler,
} from '@quorate/core';
import fc from 'fast-check';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { describeLaws, forAll, insane, must, type Law, type SuiteOptions } from './law.js';
import { disposes } from './disposing.js';
import { atAnotherTime } from './other-time.js';
import { mustResume } from './resume.js';
import { within } from './watchdog.js';
import { World, anyWorld } from './world.js';

/** What the part under test was built with. */
export interface SamplerCapabilities extends SuiteOptions {
  /** Most annotations per item; no cap when absent. */
  readonly maxAnnotationsPerItem?: number;
  /** Most annotations per worker; no cap when absent. */
  readonly maxAnnotationsPerWorker?: number;
  /** Items per HIT: a worker who has less than this left under the cap per worker need not be asked. Default 1. */
  readonly hitSize?: number;
  /** The part may ask one worker twice about one item. */
  readonly allowRepeats?: boolean;
  /** Holds the part an item, although its risk is above the threshold, to be beyond help? It is then not open. */
  readonly givesUp?: (request: SampleRequest, item: number) => boolean;
  /** Annotations of a run before which the part may ask about items that are not open. Default 0. */
  readonly minAnnotations?: (request: SampleRequest) => number;
}

export interface SamplerSubject {
  readonly make: Make<Sampler>;
  readonly capabilities: SamplerCapabilities;
}

const PLAN_MS = 1000;
const LARGE_PLAN_MS = 15_000;

/** As many workers as items, all of them open: enough for N · W to stand out from N + W. */
const MANY = 300;
const many = new World({
  ...{ items: MANY, workers: MANY, classes: 2, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 },
  ...{ answers: [], retracted: [], beliefs: new Array<[number, number]>(MANY).fill([0, 1]), classNames: null },
});

interface Case {
  readonly world: World;
  readonly budgetLeft: number;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  world: anyWorld({ maxItems: 10, maxWorkers: 6 }),
  budgetLeft: fc.oneof({ weight: 2, arbitrary: fc.constant(Infinity) }, { arbitrary: fc.nat(12), weight: 1 }),
});

function requestOf({ world, budgetLeft }: Case): SampleRequest {
  const posterior = world.posterior();
  const risk = world.risk(posterior);
  const confusions = world.confusions();
  const { probability, classes: K } = confusions;
  // Every other time some item is exactly at the threshold, and so done.
  const some = risk[world.plan.seed % risk.length]!;
  const atSome = world.plan.seed % 2 === 0 && some > 0;
  return {
    annotations: world.annotations(),
    posterior,
    risk,
    riskThreshold: atSome ? some : world.plan.riskThreshold,
    budgetLeft,
    skill: (worker, k) => probability[(worker * K + k) * K + k]!,
    confusions,
    learner: world.plan.seed % 3 === 0 ? null : world.learnerOutput(),
    may: (worker, item) => world.may(worker, item),
  };
}

/** Two classes and no answers; every `period`-th item is done, from the first on, and none with 0. */
function halfDone(items: number, workers: number, period: number): SampleRequest {
  const [N, W, K] = [items, workers, 2];
  const isDone = (i: number): boolean => period > 0 && i % period === 0;
  const risk = Float64Array.from({ length: N }, (_, i) => (isDone(i) ? 0.01 : 0.4));
  const probability = Float64Array.from({ length: W * K * K }, (_, x) => (x % 4 === 0 || x % 4 === 3 ? 0.8 : 0.2));
  return {
    annotations: new AnnotationIndex(N, W, K),
    posterior: Float64Array.from({ length: N * K }, (_, x) => (x % K === 0 ? 1 - risk[x >> 1]! : risk[x >> 1]!)),
    risk,
    riskThreshold: 0.1,
    budgetLeft: Infinity,
    skill: (worker, k) => probability[(worker * K + k) * K + k]!,
    confusions: { workers: W, classes: K, probability },
    learner: null,
    may: () => true,
  };
}

function planOf(sampler: Sampler, request: SampleRequest, seed: number | string, ms = PLAN_MS): readonly Hit[] {
  return within(ms, () => sampler.plan(request, makeRng(seed)));
}

/** Checks `law` on what the sampler plans for random requests. */
async function forAnyPlan(
  { make, capabilities }: SamplerSubject,
  law: (plan: readonly Hit[], request: SampleRequest, sampler: Sampler) => void,
): Promise<void> {
  await forAll(anyCase, capabilities.runs ?? 100, async (one) => {
    const sampler = await make(one.world.setup());
    const request = requestOf(one);
    law(planOf(sampler, request, one.world.plan.seed), request, sampler);
  });
}

const asked = (plan: readonly Hit[]): number => plan.reduce((sum, hit) => sum + hit.items.length, 0);

function isOpen(
  request: SampleRequest,
  item: number,
  { maxAnnotationsPerItem = Infinity, givesUp = () => false }: SamplerCapabilities,
): boolean {
  const { risk, riskThreshold, annotations } = request;
  const uncertain = risk[item]! > riskThreshold && annotations.perItem[item]! < maxAnnotationsPerItem;
  return uncertain && !givesUp(request, item);
}

/** Some open item and a worker who may be asked about it. */
function askable(request: SampleRequest, capabilities: SamplerCapabilities): [number, number] | null {
  const { maxAnnotationsPerWorker = Infinity, hitSize = 1, allowRepeats = false } = capabilities;
  const { annotations } = request;
  if (request.budgetLeft < 1) return null;
  for (let i = 0; i < annotations.items; i++) {
    if (!isOpen(request, i, capabilities)) continue;
    for (let j = 0; j < annotations.workers; j++) {
      if (annotations.perWorker[j]! + hitSize > maxAnnotationsPerWorker) continue;
      if (request.may(j, i) && (allowRepeats || !hasAnswered(annotations, i, j))) return [i, j];
    }
  }
  return null;
}

/** An item that no number of answers makes sure. */
const STUBBORN = 0;

/** Plans, answers and plans again until the plan is empty. Answers make items sure, except stubborn ones. */
async function endgame(
  world: World,
  { make, capabilities }: SamplerSubject,
  look: (plan: readonly Hit[], annotations: Annotations) => void = () => undefined,
): Promise<void> {
  const sampler = await make(world.setup());
  const request = requestOf({ world, budgetLeft: Infinity });
  const annotations = world.annotations();
  const rng = makeRng(`endgame/${world.plan.seed}`);
  const endless = capabilities.maxAnnotationsPerItem === undefined && capabilities.allowRepeats === true;
  const needed = Int32Array.from({ length: annotations.items }, () => {
    const n = 1 + rng.int(4);
    return n === 4 && !endless ? STUBBORN : n;
  });
  let steps = 0;
  for (; steps < 2000; steps++) {
    const plan = within(PLAN_MS, () => sampler.plan({ ...request, annotations }, rng));
    if (asked(plan) === 0) return;
    look(plan, annotations);
    for (const { worker, items } of plan) {
      for (const i of items) {
        annotations.append(i, worker, rng.int(annotations.classes));
        if (needed[i] !== STUBBORN && --needed[i]! === 0) request.risk[i] = request.riskThreshold / 2;
      }
    }
  }
  must(false, `the plan was never empty in ${steps} steps over ${annotations.items} items`);
}

export const samplerLaws: readonly Law<SamplerSubject>[] = [
  {
    id: 'L1',
    text: 'terminates for every request, also when fewer items are open than one HIT holds, and so does a run',
    check: async (subject) => {
      const runs = subject.capabilities.runs ?? 100;
      await forAnyPlan(subject, () => undefined);
      await forAll(anyWorld({ maxItems: 6, maxAnnotations: 8 }), Math.ceil(runs / 4), (world) =>
        endgame(world, subject),
      );
    },
  },
  {
    id: 'L2',
    text: 'honest plan: indices in range, items of a HIT distinct, a worker serves one HIT, within budgetLeft',
    check: (subject) =>
      forAnyPlan(subject, (plan, { annotations, budgetLeft }, sampler) => {
        const workers = new Set<number>();
        for (const { worker, items } of plan) {
          must(Number.isInteger(worker) && worker >= 0 && worker < annotations.workers, `there is no worker ${worker}`);
          must(!workers.has(worker), `worker ${worker} serves two HITs of one plan`);
          workers.add(worker);
          must(items.length > 0, `the HIT of worker ${worker} is empty`);
          for (const i of items) must(i >= 0 && i < annotations.items, `there is no item ${i}`);
          must(new Set(items).size === items.length, `an item is twice in one HIT: ${items.join(', ')}`);
        }
        const total = asked(plan);
        must(total <= budgetLeft, `asks for ${total} annotations with ${budgetLeft} left`);
        const most = sampler.annotationsPerStep;
        must(most >= 1 && total <= most, `asks for ${total} annotations, annotationsPerStep says ${most}`);
      }),
  },
  {
    id: 'L3',
    text: "cap: counting the plan's own answers no item gets more annotations than the cap",
    waived: ({ capabilities: { maxAnnotationsPerItem: a, maxAnnotationsPerWorker: b } }) =>
      a === undefined && b === undefined ? 'the sampler has no cap' : null,
    check: async (subject) => {
      const { maxAnnotationsPerItem: cap = Infinity, maxAnnotationsPerWorker: most = Infinity } = subject.capabilities;
      const look = (plan: readonly Hit[], annotations: Annotations): void => {
        const load = annotations.perItem.slice();
        for (const { worker, items } of plan) {
          for (const i of items) must(++load[i]! <= cap, `item ${i} gets ${load[i]} annotations, the cap is ${cap}`);
          const answers = annotations.perWorker[worker]! + items.length;
          must(answers <= most, `worker ${worker} gives ${answers} annotations, the cap is ${most}`);
        }
      };
      await forAnyPlan(subject, (plan, { annotations }) => look(plan, annotations));
      // In a whole run every item that no answer makes sure comes to the cap.
      await forAll(anyWorld({ maxItems: 6, maxWorkers: 8, maxAnnotations: 0 }), 20, (world) =>
        endgame(world, subject, look),
      );
    },
  },
  {
    id: 'L4',
    text: 'empty means done: empty when no item is open, not empty while someone may be asked about an open one',
    check: (subject) =>
      forAnyPlan(subject, (plan, request) => {
        const open = Array.from(request.risk.keys()).filter((i) => isOpen(request, i, subject.capabilities));
        const early = request.annotations.live < (subject.capabilities.minAnnotations?.(request) ?? 0);
        must(
          open.length > 0 || early || asked(plan) === 0,
          `no item is open and the plan asks for ${asked(plan)} annotations`,
        );
        const pair = askable(request, subject.capabilities);
        must(
          pair === null || asked(plan) > 0,
          () => `empty plan, yet worker ${pair![1]} may be asked about ${pair![0]}`,
        );
      }),
  },
  {
    id: 'L5',
    text: 'no repeats: a worker is never asked twice about one item',
    waived: ({ capabilities }) => (capabilities.allowRepeats ? 'the sampler declares allowRepeats' : null),
    check: (subject) =>
      forAnyPlan(subject, (plan, { annotations }) => {
        for (const { worker, items } of plan) {
          for (const i of items) {
            must(!hasAnswered(annotations, i, worker), `worker ${worker} has answered about item ${i} before`);
          }
        }
      }),
  },
  {
    id: 'L6',
    text: 'deterministic: same request, same state, same stream: same plan, whatever the truth is and the clock says',
    check: ({ make, capabilities }) =>
      forAll(anyCase, capabilities.runs ?? 100, async (one) => {
        const { world } = one;
        const [first, second] = [await make(world.setup()), await make(world.setup({ truth: world.truth(1) }))];
        for (const round of [1, 2]) {
          const plan = (s: Sampler): string => fingerprint(planOf(s, requestOf(one), `${world.plan.seed}/${round}`));
          const a = plan(first);
          const b = atAnotherTime(() => plan(second));
          must(a === b, () => `two plans from one stream differ: ${firstDifference(a, b)}`);
        }
      }),
  },
  {
    id: 'L7',
    text: 'pure: the request is left as it was, and so is what was planned before, when it plans again',
    check: ({ make, capabilities }) =>
      forAll(anyCase, capabilities.runs ?? 100, async (one) => {
        const sampler = await make(one.world.setup());
        const request = requestOf(one);
        const before = fingerprint(request);
        const plan = planOf(sampler, request, one.world.plan.seed);
        const planned = fingerprint(plan);
        // Of what it asked about first, nothing is open the next time.
        const next = requestOf(one);
        for (const i of plan[0]?.items ?? []) next.risk[i] = 0;
        planOf(sampler, next, `${one.world.plan.seed}/again`);
        const after = fingerprint(request);
        must(before === after, () => `the request changed: ${firstDifference(before, after)}`);
        const now = fingerprint(plan);
        must(planned === now, () => `a plan changed when it planned again: ${firstDifference(planned, now)}`);
      }),
  },
  {
    id: 'L8',
    text: 'permitted: nobody is asked about an item that `may` rules out for them',
    check: (subject) =>
      forAnyPlan(subject, (plan, { may }) => {
        for (const { worker, items } of plan) {
          for (const i of items)
            must(may(worker, i), `worker ${worker} is asked about item ${i}, which may() rules out`);
        }
      }),
  },
  {
    id: 'L9',
    text: 'check, where there is one, accepts a project of 1,000 items and 300 workers, and else throws CONFIG_INVALID',
    check: async ({ make }) => {
      const sampler = await make(many.setup());
      sampler.check?.({ items: 1000, workers: 300 });
      try {
        sampler.check?.({ items: 1, workers: 1 });
      } catch (thrown) {
        const invalid = isQuorateError(thrown) && thrown.code === 'CONFIG_INVALID';
        must(invalid, () => `check of 1 item and 1 worker threw ${String(thrown)}, expected CONFIG_INVALID`);
      }
    },
  },
  {
    id: 'P1',
    text: 'resumable: restored from its snapshot, if it has one, it plans on exactly as the original would',
    check: ({ make, capabilities }) =>
      forAll(anyCase, Math.ceil((capabilities.runs ?? 100) / 4), (one) =>
        mustResume(
          make,
          (rng) => one.world.setup({ rng }),
          (sampler, rng) => () => within(PLAN_MS, () => sampler.plan(requestOf(one), rng)),
          { steps: 4, at: 2, seed: one.world.plan.seed },
        ),
      ),
  },
  {
    id: 'C1',
    text: 'asks for skill O(K · (N + hits · (N + W))) times, not N · W times',
    check: async ({ make }) => {
      const [N, K] = [many.plan.items, many.plan.classes];
      let asked = 0;
      const request = requestOf({ world: many, budgetLeft: Infinity });
      const counting = { ...request, skill: (j: number, k: number) => (asked++, request.skill(j, k)) };
      const hits = planOf(await make(many.setup()), counting, 1).length;
      const most = 4 * K * (N + (1 + hits) * 2 * N);
      must(asked <= most, `${asked} times for ${hits} HITs of ${N} items and as many workers; ${most} are enough`);
    },
  },
  {
    id: 'C2',
    text: 'plans for 200,000 items',
    check: async ({ make }) => {
      const plan = planOf(await make(many.setup()), halfDone(200_000, 20, 0), 1, LARGE_PLAN_MS);
      must(asked(plan) > 0, 'an empty plan although 200,000 items are open');
    },
  },
  {
    id: 'S1',
    text: 'sane: while more is open than a plan holds, it asks about open items only',
    waived: insane,
    check: async ({ make }) => {
      const sampler = await make(many.setup());
      const N = Math.max(MANY, 4 * sampler.annotationsPerStep);
      const request = halfDone(N, 40, 2);
      const plan = planOf(sampler, request, 1, LARGE_PLAN_MS);
      must(asked(plan) > 0, `an empty plan although ${N / 2} items are open`);
      for (const { items } of plan) {
        for (const i of items) must(i % 2 === 1, `item ${i} is done, and half of ${N} are open`);
      }
    },
  },
  disposes(({ make }: SamplerSubject) => make(many.setup())),
];

/** Runs every law of `Sampler` against one implementation. */
export function describeSampler(name: string, make: Make<Sampler>, capabilities: SamplerCapabilities = {}): void {
  describeLaws(`${name} keeps the Sampler contract`, samplerLaws, { make, capabilities });
}
