import { logSumExp } from '@quorate/core/numbers';

/** Numbers of errors that the mixture bets on. */
const BETS = 40;

/**
 * Exact test of "at least m of N labels are wrong" from audits of a uniformly random order, without replacement, and the
 * bound on the number of errors that goes with it. Both may be looked at after every audit.
 *
 * Of t audited labels S were wrong. In the order in which they came, that has for M errors among N the probability
 *
 *     L_M(S, t) = [M]_S [N-M]_{t-S} / [N]_t,          [a]_n = a (a-1) ... (a-n+1)
 *
 * whatever the order of right and wrong. The evidence against M >= m is a uniform mixture over smaller numbers of errors
 * (a bet of the universal-portfolio kind):
 *
 *     K_m(S, t) = 1/|G| Σ_{g in G} L_g / L_m,         G = the distinct integers nearest to 40 even steps from 0 to m-1
 *
 * The share of wrong labels that the mixture foretells for the next audit stays below the null's (m-S)/(N-t), so K_m is a
 * non-negative supermartingale that starts at 1 for every M >= m, and exceeds 1/δ at any time with probability at most δ
 * (Ville's inequality). What is believed of the labels does not enter.
 *
 * Natural logarithms; logarithms of factorials come from one table of N + 1 entries.
 */
export class AuditTest {
  /** ln n!, n = 0..N. */
  readonly #logFactorial: Float64Array;
  readonly #terms = new Float64Array(BETS);

  /** @param N Labels that the test is about, >= 1. */
  constructor(readonly N: number) {
    this.#logFactorial = new Float64Array(N + 1);
    for (let n = 2; n <= N; n++) this.#logFactorial[n] = this.#logFactorial[n - 1]! + Math.log(n);
  }

  /** ln [a]_n; -Infinity where n > a. */
  #falling(a: number, n: number): number {
    return n > a ? -Infinity : this.#logFactorial[a]! - this.#logFactorial[a - n]!;
  }

  /** ln (L_M [N]_t): the factor that all M share is left out. */
  #logLikelihood(M: number, errors: number, audits: number): number {
    return this.#falling(M, errors) + this.#falling(this.N - M, audits - errors);
  }

  /**
   * ln K_m: evidence against "at least `m` labels are wrong", in nats. -Infinity once `m` were found, Infinity where `m`
   * are no longer possible.
   * @param m 1..N. @param errors S, 0..audits. @param audits t, 0..N.
   */
  logEvidence(m: number, errors: number, audits: number): number {
    if (errors >= m) return -Infinity;
    const underNull = this.#logLikelihood(m, errors, audits);
    if (underNull === -Infinity) return Infinity;
    let count = 0;
    let last = -1;
    for (let x = 0; x < BETS; x++) {
      const g = Math.round(((m - 1) * x) / (BETS - 1));
      if (g === last) continue;
      this.#terms[count++] = this.#logLikelihood(g, errors, audits);
      last = g;
    }
    return logSumExp(this.#terms, 0, count) - Math.log(count) - underNull;
  }

  /**
   * The greatest number of errors that this look does not refute: max {m <= most : ln K_m < ln 1/δ}, by bisection (ln K_m
   * grows with m where it is large). Handed on as the next look's `most`, it is the running minimum over all looks, which
   * bounds M with probability 1-δ at all times at once.
   * @param delta δ, 0..1. @param most errors..N. @returns U in errors..most.
   */
  bound(errors: number, audits: number, delta: number, most = this.N): number {
    const enough = -Math.log(delta);
    let low = errors;
    let high = most;
    while (high > low) {
      // First the greatest, which a look often leaves as it is.
      const m = high === most ? most : (low + high + 1) >>> 1;
      if (m === 0 || this.logEvidence(m, errors, audits) < enough) low = m;
      else high = m - 1;
    }
    return low;
  }

  /** Fewest audits that could refute "at least `m` wrong", when `errors` are found among them; N + 1: none could. */
  fewestAudits(m: number, errors: number, delta: number): number {
    const enough = -Math.log(delta);
    let low = errors - 1;
    let high = this.N + 1;
    while (high - low > 1) {
      const t = (low + high) >>> 1;
      if (this.logEvidence(m, errors, t) < enough) low = t;
      else high = t;
    }
    return high;
  }
}

/** Number of errors from which on more than the share `maxError` of `N` labels is wrong. */
export function tooManyErrors(N: number, maxError: number): number {
  return Math.floor(maxError * N) + 1;
}
