import fc from 'fast-check';
import { describe, it } from 'vitest';
import { Hung } from './guard.js';
import { CASE_MS, begin, watched } from './watchdog.js';

/** One numbered law of a contract, as data: a suite makes a test of it, the mutant tests call `check` themselves. */
export interface Law<Subject> {
  /** As in the contract's file: `L3`. */
  readonly id: string;
  readonly text: string;
  /** Throws where the law is broken. */
  check(subject: Subject): void | Promise<void>;
  /** Why the law does not apply to this subject (a capability that it declared), or null when it does. */
  readonly waived?: (subject: Subject) => string | null;
}

/** What every suite takes beside its capabilities. */
export interface SuiteOptions {
  /** Random cases of each law. */
  readonly runs?: number;
  /** Milliseconds after which a case counts as one that never ends. Default 20,000. */
  readonly caseMs?: number;
  /** Why the sanity law (S1) is no law of this part: what it is for makes no sense in the suite's little project. */
  readonly withoutSanity?: string;
}

/** For `waived` of a sanity law. */
export const insane = ({ capabilities }: { readonly capabilities?: SuiteOptions }): string | null =>
  capabilities?.withoutSanity ?? null;

const LAW_MS = 240_000;

/** Checks one law. A part that does not come back is stopped. */
export function checkLaw<Subject>(law: Law<Subject>, subject: Subject): Promise<void> {
  const { capabilities } = subject as { readonly capabilities?: SuiteOptions };
  return watched(capabilities?.caseMs ?? CASE_MS, () => law.check(subject));
}

/** One `it` per law, whose title starts with the law's number and wording. */
export function describeLaws<Subject>(title: string, laws: readonly Law<Subject>[], subject: Subject): void {
  describe(title, () => {
    for (const law of laws) {
      const reason = law.waived?.(subject) ?? null;
      if (reason === null) it(`${law.id} ${law.text}`, { timeout: LAW_MS }, () => checkLaw(law, subject));
      else it.skip(`${law.id} ${law.text} [waived: ${reason}]`, () => undefined);
    }
  });
}

/** Throws `message` unless the condition holds. */
export function must(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new Error(typeof message === 'string' ? message : message());
}

const DEFAULT_SEED = 20210605;

/** Seed of all random cases; QUORATE_TEST_SEED overrides it. */
export function testSeed(): number {
  const given = process.env['QUORATE_TEST_SEED'];
  if (given === undefined || given === '') return DEFAULT_SEED;
  const seed = Number(given);
  must(Number.isInteger(seed), `QUORATE_TEST_SEED must be an integer, got "${given}"`);
  return seed;
}

const again = (seed: number): string => `again with QUORATE_TEST_SEED=${seed} npx vitest run`;

/** Checks random cases and shrinks a failing one; the error gives the seed and the smallest counterexample. */
export async function forAll<C>(
  cases: fc.Arbitrary<C>,
  runs: number,
  check: (one: C) => void | Promise<void>,
): Promise<void> {
  const seed = testSeed();
  let hung = false;
  let number = 0;
  const property = fc.asyncProperty(cases, async (one) => {
    if (hung) return;
    number++;
    begin(() => `\n  counterexample (case ${number}, not shrunk): ${fc.stringify(one)}\n  ${again(seed)}`);
    try {
      await check(one);
    } catch (thrown) {
      hung = thrown instanceof Hung;
      throw thrown;
    }
  });
  const outcome = await fc.check(property, { seed, numRuns: runs });
  if (!outcome.failed) return;
  const { counterexample, numRuns, numShrinks } = outcome;
  const cause = outcome.errorInstance;
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new Error(
    `${reason}\n  smallest counterexample (case ${numRuns}, shrunk ${numShrinks} times): ` +
      `${fc.stringify(counterexample?.[0])}\n  ${again(seed)}`,
    { cause },
  );
}
