import type { Evidence } from './evidence.js';

/** What a view is worth, b >= 0, and the evidence of it in nats. */
export interface Weighed {
  readonly weights: readonly number[];
  readonly evidence: number;
}

const [LEAST, MOST, COARSE, FINE] = [1e-3, 4, 22, 9];
const GRID = logSpaced(LEAST, MOST, COARSE);
const SWEEPS = 3;
/** What a weight is tried at: one that is 0, and factors of another, from the middle on, beside 0. */
const AWAKENINGS = [0.1, 0.2, 0.4, 0.8, 1.2];
const FACTORS = [0.5, 0.7, 0.85, 1, 1.15, 1.4, 2];
/** Prototypes and annotated items by which features can be judged. */
const ENOUGH = 100;
/** Nats over no features at all by which they are half believed: noise has up to so many, for its labels are fitted. */
const HALF_TRUST = 10;
/** Below this features are not listened to. */
const LEAST_TRUST = 0.01;
/** Rounds of the classes' shares without features. */
const ROUNDS_ALONE = 30;

/**
 * The weight of one view by evidence: over {0} and 22 log-spaced values in 0.001..4, then 9 finer ones around the best.
 * @param near A weight to start from, which finds the same where the evidence has one peak, in fewer looks; 0: none.
 */
export function temperature(evidence: Evidence, view: Float32Array, logShares: Float64Array, near: number): Weighed {
  const at = (b: number): Weighed => ({ weights: [b], evidence: evidence.of([view], [b], logShares) });
  const nothing = at(0);
  const coarse = near > 0 ? climb(GRID, nearest(near), at) : bestOf(GRID.map(at));
  if (!(coarse.evidence > nothing.evidence)) return nothing;
  const best = GRID.indexOf(coarse.weights[0]!);
  if (best === COARSE - 1) return coarse;
  const fine = logSpaced(GRID[Math.max(best - 1, 0)]!, GRID[best + 1]!, FINE);
  return near > 0 ? climb(fine, best === 0 ? 0 : FINE >> 1, at) : bestOf(fine.map(at));
}

/** Coordinate ascent on the evidence of several views, three sweeps from `start`. */
export function stack(
  evidence: Evidence,
  views: readonly Float32Array[],
  logShares: Float64Array,
  start: readonly number[],
): Weighed {
  const at = (weights: readonly number[]): Weighed => ({ weights, evidence: evidence.of(views, weights, logShares) });
  let best = at(start);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const before = best;
    for (let v = 0; v < views.length; v++) {
      const { weights } = best;
      const b = weights[v]!;
      const along = (tried: number): Weighed => at(weights.with(v, tried));
      const factors = FACTORS.map((factor) => factor * b);
      const others = b === 0 ? AWAKENINGS.map(along) : [climb(factors, FACTORS.length >> 1, along), along(0)];
      best = bestOf([best, ...others]);
    }
    if (best === before) break;
  }
  return best;
}

/**
 * How far the features are believed, beside shares π' of the classes by the answers alone:
 *
 *     trust = 1 / (1 + exp(10 - gain)),   gain = E(b, π) - E(0, π')
 *
 * so gradually, since features that fall silent and speak again take all items from one class to another.
 * @param judged Prototypes and annotated items to judge by: with fewer than 100 the trust is 1.
 * @returns trust, 0 or in 0.01..1, and π'.
 */
export function trustIn(
  { weights, evidence: reached }: Weighed,
  evidence: Evidence,
  views: readonly Float32Array[],
  judged: number,
): { readonly trust: number; readonly shares: Float64Array } {
  const alone = evidence.shares([], [], evidence.evenShares, ROUNDS_ALONE);
  const nothing = weights.map(() => 0);
  const gain = reached - evidence.of(views, nothing, alone);
  const trust = judged < ENOUGH ? 1 : 1 / (1 + Math.exp(HALF_TRUST - gain));
  return { trust: trust < LEAST_TRUST ? 0 : trust, shares: alone.map(Math.exp) };
}

/** Index of the grid's value nearest to a weight, in ratio. */
function nearest(weight: number): number {
  const step = Math.log(MOST / LEAST) / (COARSE - 1);
  return Math.min(COARSE - 1, Math.max(0, Math.round(Math.log(weight / LEAST) / step)));
}

/** The top of the peak that the weight at `from` lies on. */
function climb(grid: readonly number[], from: number, at: (b: number) => Weighed): Weighed {
  const start = at(grid[from]!);
  let top = start;
  for (const step of [1, -1]) {
    for (let x = from + step; x >= 0 && x < grid.length; x += step) {
      const there = at(grid[x]!);
      if (!(there.evidence > top.evidence)) break;
      top = there;
    }
    if (top !== start) break;
  }
  return top;
}

function bestOf(all: readonly Weighed[]): Weighed {
  return all.reduce((best, one) => (one.evidence > best.evidence ? one : best));
}

function logSpaced(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, x) => from * (to / from) ** (x / (count - 1)));
}
