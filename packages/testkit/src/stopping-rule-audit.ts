import { makeRng, type Auditing } from '@quorate/core';
import fc from 'fast-check';
import { fingerprint } from './fingerprint.js';
import { forAll, must, testSeed, type Law } from './law.js';
import { auditProject, type Project } from './stopping-rule-session.js';
import type { StoppingRuleSubject } from './stopping-rule-subject.js';
import { World } from './world.js';

const K = 3;

const anyProject: fc.Arbitrary<Project> = fc
  .record({
    items: fc.constantFrom(1, 2, 5, 30, 120),
    wrong: fc.constantFrom(0, 0.02, 0.3, 1),
    unlabelled: fc.constantFrom(0, 0, 0.2),
    corrected: fc.constantFrom(0, 0.9),
    seed: fc.nat(9999),
  })
  .map(({ items, wrong, unlabelled, corrected, seed }) => {
    const rng = makeRng(`project/${seed}`);
    const truth = Array.from({ length: items }, () => rng.int(K));
    const label = truth.map((k) => (rng.uniform() < unlabelled ? -1 : rng.uniform() < wrong ? (k + 1) % K : k));
    const early = label.map((k) => (k >= 0 && rng.uniform() < 0.1 ? (k + 1) % K : k));
    const finished = truth.map(() => 1 + rng.int(2));
    const risk = truth.map(() => (rng.int(3) === 0 ? 0.3 : 0.2 * rng.uniform()));
    return { truth, label, early, finished, risk, corrected, seed };
  });

const worldOf = (items: number): World =>
  new World({
    ...{ items, workers: 5, classes: K, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 },
    ...{ answers: [], retracted: [], beliefs: [], classNames: null },
  });

async function made({ make }: StoppingRuleSubject, truth: readonly number[]): Promise<Auditing> {
  const setup = worldOf(truth.length).setup({ truth: { classOf: Int32Array.from(truth) } });
  const { auditing } = await make(setup);
  must(auditing !== undefined, 'it does not audit, although it says so');
  return auditing;
}

const waived = ({ capabilities }: StoppingRuleSubject): string | null =>
  capabilities.audits === true ? null : 'it does not audit';
const runsOf = ({ capabilities }: StoppingRuleSubject): number => capabilities.runs ?? 60;

/** Items, and runs: three standard errors of 300 runs at 95 % are 0.038. */
const [MANY, RUNS] = [200, 300];

/**
 * One error too many for the goal, and a posterior that is sure of every finished label. In turn: errors anywhere; errors
 * in what is finished last only, of four parts; two classes swapped.
 */
function hopeless(maxError: number, run: number): Project {
  const rng = makeRng(`hopeless/${testSeed()}/${run}`);
  const kind = run % 3;
  const place = rng.permutation(MANY);
  const finished = Array.from(place, (at) => (kind === 1 ? 1 + Math.floor((4 * at) / MANY) : 1));
  const tooMany = Math.floor(maxError * MANY) + 1;
  const wrong = Array.from(place, (at) => at >= MANY - tooMany);
  const truth = wrong.map((is) => (is && kind === 2 ? 0 : rng.int(K)));
  const label = truth.map((k, i) => (wrong[i] === true ? (k + 1) % K : k));
  // As many wrong ones, others.
  const early = truth.map((k, i) => (wrong[(i + 1) % MANY] === true ? (k + 1) % K : k));
  return { truth, label, early, finished, risk: truth.map(() => 0), corrected: 0, seed: run };
}

export const auditingLaws: readonly Law<StoppingRuleSubject>[] = [
  {
    id: 'L4',
    text: 'no audit twice, in range, and every round ends with a verdict; the last one does not go on',
    waived,
    check: (subject) =>
      forAll(anyProject, runsOf(subject), async (project) => {
        const rounds = auditProject(await made(subject, project.truth), project, K);
        for (const { verdict } of rounds) {
          const { certified, why, covers, bound, confidence, goOn } = verdict;
          must(covers.length === project.truth.length, 'a verdict covers other items than there are');
          must(bound >= 0 && bound <= 1 && confidence > 0 && confidence < 1, 'a bound or confidence outside 0..1');
          must(
            why.trim() !== '' && !(certified && goOn),
            'a verdict without a reason, or one that certifies and goes on',
          );
        }
      }),
  },
  {
    id: 'L5',
    text: 'in the order: what it audits in a round are the first items of covers in the given order',
    waived,
    check: (subject) =>
      forAll(anyProject, runsOf(subject), async (project) => {
        for (const { request, asked, verdict } of auditProject(await made(subject, project.truth), project, K)) {
          const first = [...request.order].filter((i) => verdict.covers[i] === 1).slice(0, asked.length);
          must(
            fingerprint(asked) === fingerprint(first),
            () => `in round ${request.round} it audits ${asked.join()} where the first in order are ${first.join()}`,
          );
        }
      }),
  },
  {
    id: 'L6',
    text: 'final: a function of the request, which it leaves as it is; asked again, it says the same',
    waived,
    check: (subject) =>
      forAll(anyProject, runsOf(subject), async (project) => {
        const [rule, other] = [await made(subject, project.truth), await made(subject, project.truth)];
        const steps: (readonly [Parameters<Auditing['audit']>[0], string])[] = [];
        auditProject(rule, project, K, (request, ruling) => {
          const before = fingerprint(request);
          must(fingerprint(rule.audit(request)) === fingerprint(ruling), 'asked again, it rules otherwise');
          must(fingerprint(request) === before, 'it wrote to the request');
          steps.push([request, fingerprint(ruling)]);
        });
        // Another process, which has seen nothing of what came before.
        for (const [request, ruling] of steps.reverse()) {
          must(fingerprint(other.audit(request)) === ruling, 'another instance rules otherwise');
        }
      }),
  },
  {
    id: 'L7',
    text: 'blind: the truth of tasks that were not audited changes nothing',
    waived,
    check: (subject) =>
      forAll(anyProject, runsOf(subject), async (project) => {
        const still = { ...project, corrected: 0 };
        const rounds = auditProject(await made(subject, project.truth), still, K);
        const seen = new Set(rounds.flatMap(({ asked }) => asked));
        const truth = project.truth.map((k, i) => (seen.has(i) ? k : (k + 1) % K));
        const others = auditProject(await made(subject, truth), { ...still, truth }, K);
        const said = (all: typeof rounds): string => fingerprint(all.map(({ asked, verdict }) => [asked, verdict]));
        must(said(others) === said(rounds), 'with another truth of tasks that nobody audited it does something else');
      }),
  },
  {
    id: 'L8',
    text: 'honest: certified labels are worse than maxError with probability 1 - confidence at most',
    waived,
    check: async (subject) => {
      let wrong = 0;
      const auditing = await made(subject, new Array<number>(MANY).fill(0));
      for (let run = 0; run < RUNS; run++) {
        const rounds = auditProject(auditing, hopeless(auditing.maxError, run), K);
        if (rounds.some(({ falselyCertified }) => falselyCertified)) wrong++;
      }
      const delta = 1 - auditing.confidence;
      const most = delta + 3 * Math.sqrt((delta * (1 - delta)) / RUNS);
      must(
        wrong <= most * RUNS,
        () => `certifies falsely in ${wrong} of ${RUNS} runs, ${(delta * RUNS).toFixed(1)} allowed`,
      );
    },
  },
];
