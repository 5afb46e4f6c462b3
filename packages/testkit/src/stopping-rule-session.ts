import { makeRng, type Audit, type AuditRequest, type Auditing, type Verdict } from '@quorate/core';
import { must } from './law.js';

/** A project whose annotation has come to an end: plain, so that a counterexample can be read. */
export interface Project {
  readonly truth: readonly number[];
  /** What would be delivered, item by item; -1: nothing. */
  readonly label: readonly number[];
  /** What would be delivered at a look before that. */
  readonly early: readonly number[];
  /** Round from which on an item counts as finished. */
  readonly finished: readonly number[];
  /** Risk that the posterior gives to a finished item; the others have 0.5. */
  readonly risk: readonly number[];
  /** Wrong labels that were not audited are corrected between rounds with this probability. */
  readonly corrected: number;
  readonly seed: number;
}

export interface Round {
  readonly request: AuditRequest;
  readonly asked: readonly number[];
  readonly verdict: Verdict;
  /** Is more than the goal of what it certifies wrong? */
  readonly falselyCertified: boolean;
}

/** Audits a project to its end, as a run does; `seen` gets every request, and what the rule made of it. */
export function auditProject(
  auditing: Auditing,
  project: Project,
  classes: number,
  seen: (request: AuditRequest, ruling: ReturnType<Auditing['audit']>) => void = () => undefined,
): Round[] {
  const { truth, finished, corrected } = project;
  const N = truth.length;
  const rng = makeRng(`audit/${project.seed}`);
  const label = Int32Array.from(project.label);
  const orders = Array.from({ length: auditing.rounds }, () => rng.permutation(N));
  let audits: readonly Audit[] = [];
  const rounds: Round[] = [];
  for (;;) {
    const round = rounds.length + 1;
    must(round <= auditing.rounds, `goes on after round ${auditing.rounds}, its last`);
    const risk = Float64Array.from(project.risk, (r, i) => (finished[i]! <= round ? r : 0.5));
    const looks = round === 1 ? (auditing.looks ?? []) : [];
    const stands = (look: number | null) => {
      const labels = look === null ? label.slice() : Int32Array.from(project.early);
      return { look, label: labels, posterior: posteriorOf(labels, risk, classes) };
    };
    const still = { round, order: orders[round - 1]!.slice(), risk, riskThreshold: 0.1 };
    const asked: number[] = [];
    const tries: (number | null)[] = [...looks.map((_, l) => l + 1), null];
    for (let now = stands(tries.shift()!); ;) {
      const given = { ...still, ...now, audits };
      const ruling = auditing.audit(given);
      seen(given, ruling);
      if (ruling === null) {
        must(given.look !== null, 'null, although nothing more is asked of the workers');
        now = stands(tries.shift()!);
        continue;
      }
      if (typeof ruling === 'object') {
        must(given.look === null || ruling.certified, 'a look ends with a verdict that is no certificate');
        rounds.push({
          request: given,
          asked,
          verdict: ruling,
          falselyCertified: isFalse(ruling, auditing, given.label, truth),
        });
        break;
      }
      must(ruling >= 0 && ruling < N && Number.isInteger(ruling), () => `asks about item ${ruling} of ${N}`);
      must(
        audits.every(({ item }) => item !== ruling),
        () => `asks about item ${ruling} again`,
      );
      asked.push(ruling);
      audits = [
        ...audits,
        { item: ruling, label: truth[ruling]!, delivered: given.label[ruling]!, round, step: round },
      ];
    }
    if (!rounds.at(-1)!.verdict.goOn) return rounds;
    for (const { item, label: right } of audits) label[item] = right;
    for (let i = 0; i < N; i++) if (label[i] !== truth[i] && rng.uniform() < corrected) label[i] = truth[i]!;
  }
}

function posteriorOf(label: Int32Array, risk: Float64Array, classes: number): Float64Array {
  const posterior = new Float64Array(label.length * classes);
  label.forEach((named, i) => {
    if (named < 0) return;
    for (let k = 0; k < classes; k++)
      posterior[i * classes + k] = k === named ? 1 - risk[i]! : risk[i]! / (classes - 1);
  });
  return posterior;
}

function isFalse({ certified, covers }: Verdict, { maxError }: Auditing, label: Int32Array, truth: readonly number[]) {
  const about = [...label.keys()].filter((i) => covers[i] === 1);
  const wrong = about.filter((i) => label[i] !== truth[i]).length;
  return certified && wrong > maxError * about.length;
}
