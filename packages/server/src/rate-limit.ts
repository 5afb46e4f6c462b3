/** Token buckets: so many requests at once for each key, refilled at a constant rate. */
export class RateLimit {
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** @param burst Requests at once. @param perSecond Refill. */
  constructor(
    readonly burst: number,
    readonly perSecond: number,
    readonly clock: () => number,
  ) {}

  /** Takes one; false where none is left. */
  take(key: string): boolean {
    const now = this.clock();
    const left = this.#left(key, now);
    if (this.#buckets.size > 10_000) this.#buckets.clear();
    this.#buckets.set(key, { left: left < 1 ? left : left - 1, at: now });
    return left >= 1;
  }

  /** Is one left? */
  allows(key: string): boolean {
    return this.#left(key, this.clock()) >= 1;
  }

  #left(key: string, now: number): number {
    const { left, at } = this.#buckets.get(key) ?? { left: this.burst, at: now };
    return Math.min(this.burst, left + ((now - at) / 1000) * this.perSecond);
  }
}
