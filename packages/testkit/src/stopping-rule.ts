import type { StoppingRule, StopRequest } from '@quorate/core';
import fc from 'fast-check';
import type { Make } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { disposes } from './disposing.js';
import { describeLaws, forAll, insane, must, type Law } from './law.js';
import { mustResume } from './resume.js';
import { auditingLaws } from './stopping-rule-audit.js';
import { anyRun, stoppingWorld, stopRequest } from './stopping-rule-runs.js';
import type { StoppingRuleCapabilities, StoppingRuleSubject } from './stopping-rule-subject.js';

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
        const rule = await subject.make(stoppingWorld.setup());
        const declared = (rule.auditing !== undefined) === (subject.capabilities.audits ?? false);
        must(declared, 'a rule that audits, and no other, declares { audits: true }');
        for (const answer of await answers(rule, run)) {
          const legal = answer === null || (typeof answer === 'string' && answer.trim() !== '');
          must(legal, () => `answered ${JSON.stringify(answer)}`);
          const oneLine = answer === null || !/\n|\.\s*$/.test(answer);
          must(oneLine, () => `${JSON.stringify(answer)} is not one line without a full stop at its end`);
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
          (rng) => stoppingWorld.setup({ rng }),
          (rule) => (step) => rule.stop(run[step]!),
          { steps: run.length, at, seed: 1 },
        );
        const other = { truth: stoppingWorld.truth(1) };
        const [one, two] = [await subject.make(stoppingWorld.setup()), await subject.make(stoppingWorld.setup(other))];
        const same = fingerprint(await answers(one, run)) === fingerprint(await answers(two, run));
        must(same, 'two rules with one history disagree');
      }),
  },
  {
    id: 'L3',
    text: 'once it stops, it stops again when asked with the same request',
    check: (subject) =>
      forAll(anyRun, runsOf(subject), async (run) => {
        const rule = await subject.make(stoppingWorld.setup());
        for (const request of run) {
          if (rule.stop(request) === null) continue;
          for (let again = 0; again < 12; again++) must(rule.stop(request) !== null, 'asked again, it would go on');
          return;
        }
      }),
  },
  {
    id: 'L9',
    text: 'pure: the request is left as it was',
    check: (subject) =>
      forAll(anyRun, Math.ceil(runsOf(subject) / 4), async (run) => {
        const rule = await subject.make(stoppingWorld.setup());
        for (const request of run.filter(({ annotations }) => annotations <= 2000)) {
          const before = fingerprint(request);
          rule.stop(request);
          const after = fingerprint(request);
          must(before === after, () => `the request changed: ${firstDifference(before, after)}`);
        }
      }),
  },
  {
    id: 'S1',
    text: 'sane: it does not stop a run of 1,000 items before the first question, when no item is valid',
    waived: insane,
    check: async (subject) => {
      const rule = await subject.make(stoppingWorld.setup());
      const why = rule.stop(stopRequest({ valid: 0, items: 1000, annotations: 0, annotationsPerStep: 40 }));
      must(why === null, `stops before the first question: ${why}`);
    },
  },
  disposes(({ make }: StoppingRuleSubject) => make(stoppingWorld.setup())),
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
