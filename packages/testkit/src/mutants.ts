import { describe, expect, it } from 'vitest';
import { messageOf } from '@quorate/core';
import { Hung } from './guard.js';
import { checkLaw, type Law } from './law.js';

/** A wrong implementation, and the law that must reject it. */
export interface Mutant<Subject> {
  readonly name: string;
  readonly breaks: string;
  readonly subject: Subject;
}

/** Tests a suite: the reference keeps every law, and every mutant is rejected by the law that it breaks. */
export function describeSuite<Subject>(
  name: string,
  laws: readonly Law<Subject>[],
  references: Readonly<Record<string, Subject>>,
  mutants: readonly Mutant<Subject>[],
): void {
  describe(`${name} suite`, () => {
    for (const [title, subject] of Object.entries(references)) {
      it(`accepts ${title}`, async () => expect(await brokenLaws(laws, subject)).toEqual([]));
    }
    for (const { name: title, breaks, subject } of mutants) {
      it(`${breaks} rejects: ${title}`, async ({ annotate }) => {
        // The law in question goes first: a law that hangs ends the list.
        const order = [...laws].sort((a, b) => Number(b.id === breaks) - Number(a.id === breaks));
        const broken = await brokenLaws(order, subject);
        const ids = broken.map(({ id }) => id);
        await annotate(broken.map(({ id, message }) => `${id}: ${message}`).join('\n') || 'accepted by all laws');
        expect(ids, `laws that rejected it: ${ids.join(', ') || 'none'}`).toContain(breaks);
      });
    }
  });
}

async function brokenLaws<Subject>(laws: readonly Law<Subject>[], subject: Subject) {
  const broken: { id: string; message: string }[] = [];
  for (const law of laws) {
    if ((law.waived?.(subject) ?? null) !== null) continue;
    try {
      await checkLaw(law, subject);
    } catch (thrown) {
      broken.push({ id: law.id, message: messageOf(thrown) });
      // What hangs in one law hangs in the next, and each would cost its time limit.
      if (thrown instanceof Hung || (thrown instanceof Error && thrown.cause instanceof Hung)) break;
    }
  }
  return broken;
}
