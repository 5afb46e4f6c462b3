import type { AuditRequest, Auditing, StoppingRule, Verdict } from '@quorate/core';
import type { Make } from './setup.js';
import type { Mutant } from './mutants.js';
import { covered, enough, goals, nextOf, referenceAuditingRule, verdict } from './reference/auditing-rule.js';
import type { StoppingRuleSubject } from './stopping-rule-subject.js';

type Audit = Auditing['audit'];

function mutant(name: string, breaks: string, make: Make<StoppingRule>): Mutant<StoppingRuleSubject> {
  return { name, breaks, subject: { make, capabilities: { audits: true } } };
}

/** The reference with another `audit`, which may call the right one. */
function auditsAs(audit: (right: Audit) => Audit, more: Partial<Auditing> = {}): () => StoppingRule {
  return () => {
    const { auditing } = referenceAuditingRule();
    return {
      stop: () => null,
      auditing: { ...auditing!, ...more, audit: audit((request) => auditing!.audit(request)) },
    };
  };
}

const isVerdict = (ruling: ReturnType<Audit>): ruling is Verdict => typeof ruling === 'object' && ruling !== null;
const isWrong = ({ label, delivered }: AuditRequest['audits'][number]): boolean => label !== delivered;
const mineOf = ({ audits, round }: AuditRequest) => audits.filter((audit) => audit.round === round);
const all = (label: Int32Array): Uint8Array => Uint8Array.from(label, (k) => (k >= 0 ? 1 : 0));

export const auditingMutants: readonly Mutant<StoppingRuleSubject>[] = [
  mutant(
    'audits a task of an earlier round again',
    'L4',
    auditsAs((right) => (request) => {
      const { round } = request;
      return right({ ...request, audits: request.audits.filter((audit) => audit.round === round) });
    }),
  ),
  mutant(
    'audits the first task until it likes the answer',
    'L4',
    auditsAs((right) => (request) => {
      return request.audits.some(isWrong) ? request.audits.find(isWrong)!.item : right(request);
    }),
  ),
  mutant(
    'always hopes for another round',
    'L4',
    auditsAs((right) => (request) => {
      const ruling = right(request);
      return isVerdict(ruling) && !ruling.certified ? { ...ruling, goOn: true } : ruling;
    }),
  ),
  mutant(
    'looks at the risk to pick its items',
    'L5',
    auditsAs((right) => (request) => {
      const ruling = right(request);
      if (typeof ruling === 'object') return ruling;
      const bySureness = request.order.toSorted((a, b) => request.risk[a]! - request.risk[b]!);
      return nextOf({ ...request, order: bySureness }, covered(request));
    }),
  ),
  mutant(
    'leaves out the items that look wrong, and certifies them all the same',
    'L5',
    auditsAs((right) => (request) => {
      const ruling = right(request);
      if (typeof ruling === 'object') return ruling;
      const sure = covered(request).map((one, i) => (request.risk[i]! <= request.riskThreshold ? one : 0));
      return nextOf(request, sure) ?? ruling;
    }),
  ),
  mutant(
    'takes the items by number',
    'L5',
    auditsAs((right) => (request) => {
      return right({ ...request, order: request.order.toSorted() });
    }),
  ),
  mutant('remembers how often it was asked', 'L6', () => {
    const { auditing } = referenceAuditingRule();
    let asked = 0;
    const audit: Audit = (request) =>
      ++asked > 40 ? verdict(request, covered(request), false) : auditing!.audit(request);
    return { stop: () => null, auditing: { ...auditing!, audit } };
  }),
  mutant(
    'sorts the order that it was given',
    'L6',
    auditsAs((right) => (request) => {
      const ruling = right(request);
      request.order.sort();
      return ruling;
    }),
  ),
  mutant('takes its verdict back', 'L6', () => {
    const { auditing } = referenceAuditingRule();
    let given: Verdict | undefined;
    const audit: Audit = (request) => {
      const ruling = auditing!.audit(request);
      if (isVerdict(ruling) && ruling === given) return ruling;
      if (isVerdict(ruling) && given) return { ...ruling, certified: !ruling.certified, goOn: false };
      if (isVerdict(ruling)) given = ruling;
      return ruling;
    };
    return { stop: () => null, auditing: { ...auditing!, audit } };
  }),
  mutant('peeks at the truth', 'L7', ({ truth }) => {
    const { auditing } = referenceAuditingRule();
    const audit: Audit = (request) => {
      const wrong = request.label.some((k, i) => k >= 0 && k !== truth?.classOf[i]);
      return wrong ? verdict(request, covered(request), false) : auditing!.audit(request);
    };
    return { stop: () => null, auditing: { ...auditing!, audit } };
  }),
  mutant(
    'pools what is finished round by round into one sample',
    'L8',
    auditsAs(
      () => (request) => {
        const { audits, label, risk, riskThreshold } = request;
        const covers = all(label);
        const needed = enough(label.length, 1 - goals.confidence);
        if (audits.some(isWrong)) return verdict(request, covers, false);
        if (audits.length >= needed) return verdict(request, covers, true);
        const finished = covers.map((one, i) => (risk[i]! <= riskThreshold ? one : 0));
        const next = mineOf(request).length < needed / 3 ? nextOf(request, finished) : undefined;
        return next ?? { ...verdict(request, covers, false), goOn: request.round < 4 };
      },
      { rounds: 4 },
    ),
  ),
  mutant(
    'trusts the posterior',
    'L8',
    auditsAs((right) => (request) => {
      const expected = request.risk.reduce((sum, r) => sum + r, 0) / request.risk.length;
      const ready = mineOf(request).length >= 5 && expected <= goals.maxError;
      return ready ? verdict(request, covered(request), true) : right(request);
    }),
  ),
  mutant(
    'tests every round at the full level, six times',
    'L8',
    auditsAs(
      () => (request) => {
        const covers = covered(request);
        const mine = mineOf(request);
        const N = covers.reduce((sum, one) => sum + one, 0);
        if (N === 0) return verdict(request, covers, false);
        if (mine.some(isWrong)) return { ...verdict(request, covers, false), goOn: request.round < 6 };
        if (mine.length >= enough(N, 1 - goals.confidence)) return verdict(request, covers, true);
        return nextOf(request, covers);
      },
      { rounds: 6 },
    ),
  ),
  mutant(
    'tests every look at the full level, six times',
    'L8',
    auditsAs(
      () => (request) => {
        const { look, audits, label } = request;
        const covers = all(label);
        const needed = enough(label.length, 1 - goals.confidence);
        const right = audits.filter((audit) => audit.label === label[audit.item]).length;
        if (right < audits.length) return look === null ? { ...verdict(request, covers, false), goOn: false } : null;
        return right >= needed ? verdict(request, covers, true) : nextOf(request, covers);
      },
      { looks: [0.5, 0.6, 0.7, 0.8, 0.9] },
    ),
  ),
  mutant(
    'asks on where nobody is left to ask',
    'L4',
    auditsAs((right) => (request) => {
      const ruling = right(request);
      return typeof ruling === 'number' ? ruling : null;
    }),
  ),
];
