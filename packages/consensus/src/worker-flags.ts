import { binomialAtLeast, binomialAtMost, betaQuantile, holm } from './beta.js';
import type { SharedMistakesReport } from './copiers.js';
import type { WorkerEvidence } from './worker-evidence.js';

export type FlagName = 'spammer' | 'constant' | 'adversarial' | 'copier';

export interface Flag {
  readonly flag: FlagName;
  /** The test's p value, before correction; it holds after Holm's correction over all workers (copier: all pairs). */
  readonly p: number;
  /** For people, with the figures. */
  readonly evidence: string;
}

/** Probability that any worker at all is flagged wrongly, for each kind of flag. */
export const FLAG_LEVEL = 0.01;
/** A constant worker names one class in at least this share of their answers, and for this share of the tasks of others. */
const CONSTANT_SHARE = 0.95;
const CONSTANT_WRONGLY = 0.8;

/**
 * Flags accuse people, so each needs a test that an honest worker fails with probability at most `FLAG_LEVEL` over all
 * workers together (Holm). Few answers cannot reach that: no flag. With n compared answers, s of them expected right,
 * c the share that would be right by chance (`WorkerEvidence.chance`), A the share right over all workers:
 *
 * - constant: names one class in at least 95 % of their answers, also for 80 % of the tasks that are not of it, and
 *   P(Binomial(n, q) >= that many) is small, times K for the choice of the class; q is how often a typical or a perfect
 *   worker names it on these tasks, max(m, A m + (1 - A) φ), with m the share of the tasks that have it and φ the share of
 *   all answers that name it.
 * - adversarial: P(Binomial(n, c) <= s) is small: wrong more often than by chance.
 * - spammer: P(Binomial(n, (c + A) / 2) <= s) is small (not even half as far above chance as the crowd), and chance lies
 *   in their credible interval: nothing shows that they look at the tasks. Not beside one of the two above.
 * - copier: see `sharedMistakes`; the one who has copied, or both where the file does not tell who (as one person with two
 *   accounts).
 */
export function flagsOf(
  evidence: WorkerEvidence,
  copies: SharedMistakesReport,
  names: { readonly worker: (j: number) => string; readonly label: (k: number) => string },
): readonly (readonly Flag[])[] {
  const { compared, right, chance, favourite, favoured, favouriteTrue, wrongly, named } = evidence;
  const W = compared.length;
  const K = named.length;
  const flags: Flag[][] = Array.from({ length: W }, () => []);
  let [all, allRight] = [0, 0];
  for (let j = 0; j < W; j++) [all, allRight] = [all + compared[j]!, allRight + right[j]!];
  // With one class, or no task that two workers answered, nothing can be told.
  if (K < 2 || all === 0) return flags;
  const level = allRight / all;

  const constant = Float64Array.from({ length: W }, (_, j) => {
    const n = compared[j]!;
    const true_ = favouriteTrue[j]!;
    const expected = Math.max(true_, level * true_ + (1 - level) * named[favourite[j]!]!);
    const wrong = wrongly[j * K + favourite[j]!]!;
    if (n === 0 || favoured[j]! < CONSTANT_SHARE * n || wrong < CONSTANT_WRONGLY || favoured[j]! <= n * expected)
      return 1;
    return Math.min(1, K * binomialAtLeast(favoured[j]!, n, expected));
  });
  const adversarial = Float64Array.from({ length: W }, (_, j) => {
    return compared[j]! === 0 ? 1 : binomialAtMost(right[j]!, compared[j]!, chance[j]!);
  });
  const spammer = Float64Array.from({ length: W }, (_, j) => {
    const n = compared[j]!;
    if (n === 0 || level <= chance[j]!) return 1;
    const atLeast = betaQuantile(0.025, right[j]! + 0.5, n - right[j]! + 0.5);
    return atLeast > chance[j]! ? 1 : binomialAtMost(right[j]!, n, (chance[j]! + level) / 2);
  });

  const isConstant = holm(constant, FLAG_LEVEL);
  const isAdversarial = holm(adversarial, FLAG_LEVEL);
  const isSpammer = holm(spammer, FLAG_LEVEL);
  for (let j = 0; j < W; j++) {
    const n = compared[j]!;
    const facts = `right in ${percent(right[j]! / n)} of ${n} answers, chance is ${percent(chance[j]!)}`;
    if (isConstant[j]) {
      const also = percent(wrongly[j * K + favourite[j]!]!);
      const text = `"${names.label(favourite[j]!)}" in ${favoured[j]} of ${n} answers, also to ${also} of the tasks that are not`;
      flags[j]!.push({ flag: 'constant', p: constant[j]!, evidence: text });
    }
    if (isAdversarial[j]) flags[j]!.push({ flag: 'adversarial', p: adversarial[j]!, evidence: facts });
    if (isSpammer[j] && flags[j]!.length === 0) {
      flags[j]!.push({ flag: 'spammer', p: spammer[j]!, evidence: `${facts}, the crowd's ${percent(level)}` });
    }
  }
  addCopiers(flags, copies, names.worker);
  return flags;
}

/** Each copier gets one flag, for the partner with the strongest evidence. */
function addCopiers(
  flags: readonly Flag[][],
  { pairs, tests }: SharedMistakesReport,
  worker: (j: number) => string,
): void {
  const p = pairs.map((pair) => Math.min(1, pair.p / pair.weight));
  const rejected = holm(p, FLAG_LEVEL, tests);
  const strongest = pairs.filter((_, n) => rejected[n]).sort((a, b) => a.p - b.p || b.shared - a.shared);
  const told = new Set<number>();
  for (const { workers, shared, dissents, expected, p, copier } of strongest) {
    for (const [own, other] of [workers, [workers[1], workers[0]] as const]) {
      if (told.has(own) || (copier !== null && own !== copier)) continue;
      told.add(own);
      const who = copier === null ? '; which of the two copies is not known' : '';
      const evidence = `shares ${shared} of ${dissents} dissents with "${worker(other)}", ${expected.toFixed(1)} expected${who}`;
      flags[own]!.push({ flag: 'copier', p, evidence });
    }
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
