import type { StoppingRule, StopRequest } from '@quorate/core';
import fc from 'fast-check';
import type { Make } from './setup.js';
import { fingerprint } from './fingerprint.js';
import { describeLaws, forAll, must, type Law } from './law.js';
import { mustResume } from './resume.js';
import { auditingLaws } from './stopping-rule-audit.js';
import { World } from './world.js';
import type { StoppingRuleCapabilities, StoppingRuleSubject } from './stopping-rule-subject.js';

const plan = { items: 40, workers: 5, classes: 3, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 };
const world = new World({ ...plan, answers: [], retracted: [], beliefs: [], classNames: null });

/** A run: valid items rise, fall and stand still, annotations grow by a plan a step. */
const anyRun: fc.Arbitrary<StopRequest[]> = fc
  .record({
    items: fc.constantFrom(1, 2, 40, 1000),
    annotationsPerStep: fc.constantFrom(1, 40, 2000, 9000),
    moves: fc.array(fc.integer({ min: -3, max: 6 }), { minLength: 1, maxLength: 12 }),
    plateau: fc.nat(40),
  })
  .map(({ items, annotationsPerStep, moves, plateau }) => {
    let valid = 0;
    const steps = [...moves, ...new Array<number>(plateau).fill(0)];
    return steps.map((move, step) => {
      valid = Math.min(items, Math.max(0, valid + move));
      return { valid, items, annotations: step * annotationsPerStep, annotationsPerStep };
    });
  });

async function answers(rule: StoppingRule, run: readonly StopRequest[]): Promise<(string | null)[]> {
  return run.map((request) => rule.stop(request));
}

const runsOf = ({ capabilities }: StoppingRuleSubject): number => capabilities.runs ?? 100;

export const stoppingRuleLaws: readonly Law<StoppingRuleSubject>[] = [
  {
    id: 'L1',
    text: 'answers for every request, also for the first; null means go on, a sentence says why it stops',
    check: (subject) =>
      forAll(anyRun, runsOf(subject), async (run) => {
        const given = run.map((request) => Object.freeze({ ...request }));
        const rule = await subject.make(world.setup());
        const declared = (rule.auditing !== undefined) === (subject.capabilities.audits ?? false);
        must(declared, 'a rule that audits, and no other, declares { audits: true }');
        for (const answer of await answers(rule, given)) {
          const legal = answer === null || (typeof answer === 'string' && answer.trim() !== '');
          must(legal, () => `answered ${JSON.stringify(answer)}`);
        }
      }),
  },
  {
    id: 'L2',
    text: 'resumable: its history is in its snapshot',
    check: (subject) =>
      forAll(fc.tuple(anyRun, fc.nat(50)), runsOf(subject), async ([run, cut]) => {
        const at = cut % run.length;
        await mustResume(
          subject.make,
          (rng) => world.setup({ rng }),
          (rule) => (step) => rule.stop(run[step]!),
          { steps: run.length, at, seed: 1 },
        );
        const [one, two] = [await subject.make(world.setup()), await subject.make(world.setup())];
        const same = fingerprint(await answers(one, run)) === fingerprint(await answers(two, run));
        must(same, 'two rules with one history disagree');
      }),
  },
  {
    id: 'L3',
    text: 'once it stops, it stops again when asked with the same request',
    check: (subject) =>
      forAll(anyRun, runsOf(subject), async (run) => {
        const rule = await subject.make(world.setup());
        for (const request of run) {
          if (rule.stop(request) === null) continue;
          for (let again = 0; again < 12; again++) must(rule.stop(request) !== null, 'asked again, it would go on');
          return;
        }
      }),
  },
  ...auditingLaws,
];

/** Runs every law of `StoppingRule` against one implementation. */
export function describeStoppingRule(
  name: string,
  make: Make<StoppingRule>,
  capabilities: StoppingRuleCapabilities = {},
): void {
  describeLaws(`${name} keeps the StoppingRule contract`, stoppingRuleLaws, { make, capabilities });
}
