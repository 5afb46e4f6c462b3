import type { AuditRequest, StoppingRule, Verdict } from '@quorate/core';

/** Goals of the reference and of the mutants made from it. */
export const goals = { maxError: 0.05, confidence: 0.95, rounds: 2, expert: 'perfect', assumes: [] } as const;

/**
 * Acceptance sampling: certifies when none of the first n labels in the order is wrong, where n is the least number with
 * which m wrong ones among N would be missed with probability (1 - confidence) / rounds at most. One error, and the
 * round has failed.
 */
export function referenceAuditingRule(): StoppingRule {
  return {
    stop: () => null,
    auditing: {
      ...goals,
      audit: (request) => {
        const covers = covered(request);
        const mine = request.audits.filter(({ round }) => round === request.round);
        const wrong = mine.some(({ label, delivered }) => label !== delivered);
        const N = covers.reduce((sum, one) => sum + one, 0);
        if (N === 0 || wrong) return verdict(request, covers, false);
        if (mine.length >= enough(N, (1 - goals.confidence) / goals.rounds)) return verdict(request, covers, true);
        return nextOf(request, covers);
      },
    },
  };
}

/** Labels that were not audited in an earlier round. */
export function covered({ label, audits, round }: AuditRequest): Uint8Array {
  const covers = Uint8Array.from(label, (k) => (k >= 0 ? 1 : 0));
  for (const audit of audits) if (audit.round < round) covers[audit.item] = 0;
  return covers;
}

/** Least n with P(none of n is wrong | m of N are) = Π_{s<n} (N-m-s) / (N-s) <= delta. */
export function enough(N: number, delta: number): number {
  const m = Math.floor(goals.maxError * N) + 1;
  let missed = 1;
  let n = 0;
  while (missed > delta) missed *= (N - m - n) / (N - n++);
  return n;
}

/** The first covered item in the order that was not audited. */
export function nextOf({ order, audits }: AuditRequest, covers: Uint8Array): number {
  return order.find((i) => covers[i] === 1 && audits.every(({ item }) => item !== i))!;
}

export function verdict({ round }: AuditRequest, covers: Uint8Array, certified: boolean): Verdict {
  return {
    certified,
    why: certified ? 'no audited label was wrong' : 'an audited label was wrong',
    covers,
    bound: certified ? goals.maxError : 1,
    confidence: 1 - (1 - goals.confidence) / goals.rounds,
    recalibration: { power: 1, mix: 0 },
    goOn: !certified && round < goals.rounds,
  };
}
