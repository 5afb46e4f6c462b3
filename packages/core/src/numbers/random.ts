/** State of one stream and of all streams forked from it; plain data, part of the checkpoint. */
export interface RngState {
  /** Four 32-bit words of the generator. */
  readonly words: readonly [number, number, number, number];
  readonly forks: Readonly<Record<string, RngState>>;
}

/**
 * A seeded random stream. Everything random in a run takes one as an argument.
 *
 * - Same seed, same numbers, on every machine.
 * - `fork(label)` is *the* stream of that name below this one: its numbers depend on the seed and on the names that
 *   lead to it, not on how much was drawn elsewhere, and asking twice gives the same stream.
 * - `snapshot` and `restore` take all forks along.
 */
export interface Rng {
  /** Uniform in [0, 1), 53 random bits. */
  uniform(): number;
  /** Uniform integer in 0..n-1, unbiased, n in 1..2^32. */
  int(n: number): number;
  /** Standard normal (Marsaglia's polar method, one value a call). */
  normal(): number;
  /** Index k with probability weights[k] / sum. Weights >= 0, finite, sum > 0. */
  categorical(weights: ArrayLike<number>): number;
  /** 0..n-1 in uniformly random order. */
  permutation(n: number): Int32Array;
  /** k distinct members of 0..n-1, uniformly, in random order. O(k) memory. */
  choose(n: number, k: number): Int32Array;
  /** `count` indices drawn with replacement, index i with probability weights[i] / sum. O(n + count log n). */
  draw(weights: ArrayLike<number>, count: number): Int32Array;
  fork(label: string): Rng;
  snapshot(): RngState;
  restore(state: RngState): void;
}

/** A root stream of a seed (any string or integer). */
export function makeRng(seed: number | string): Rng {
  return new Stream(`quorate/${seed}`);
}

/** xoshiro128** (Blackman and Vigna 2018), seeded by a hash of the stream's path. */
class Stream implements Rng {
  readonly #path: string;
  readonly #forks = new Map<string, Stream>();
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  constructor(path: string) {
    this.#path = path;
    [this.#a, this.#b, this.#c, this.#d] = hash128(path);
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#a = 1;
    for (let i = 0; i < 8; i++) this.#next();
  }

  #next(): number {
    const five = Math.imul(this.#b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  uniform(): number {
    return ((this.#next() >>> 5) * 67108864 + (this.#next() >>> 6)) / 9007199254740992;
  }

  int(n: number): number {
    if (!(n >= 1 && n <= 4294967296)) throw new RangeError(`int(n) needs n in 1..2^32, got ${n}`);
    const limit = 4294967296 - (4294967296 % n);
    let x = this.#next();
    while (x >= limit) x = this.#next();
    return x % n;
  }

  normal(): number {
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
    }
  }

  categorical(weights: ArrayLike<number>): number {
    const total = sumOfWeights(weights);
    let rest = this.uniform() * total;
    let last = 0;
    for (let k = 0; k < weights.length; k++) {
      const w = weights[k]!;
      if (w === 0) continue;
      last = k;
      rest -= w;
      if (rest < 0) return k;
    }
    return last;
  }

  permutation(n: number): Int32Array {
    const order = new Int32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  }

  choose(n: number, k: number): Int32Array {
    if (!(k >= 0 && k <= n)) throw new RangeError(`choose(n, k) needs 0 <= k <= n, got n=${n}, k=${k}`);
    // A Fisher-Yates shuffle of which only the displaced places are remembered.
    const displaced = new Map<number, number>();
    const picked = new Int32Array(k);
    for (let i = 0; i < k; i++) {
      const j = i + this.int(n - i);
      picked[i] = displaced.get(j) ?? j;
      displaced.set(j, displaced.get(i) ?? i);
    }
    return picked;
  }

  draw(weights: ArrayLike<number>, count: number): Int32Array {
    const total = sumOfWeights(weights);
    const cumulative = new Float64Array(weights.length);
    let sum = 0;
    for (let i = 0; i < weights.length; i++) cumulative[i] = sum += weights[i]!;
    const drawn = new Int32Array(count);
    for (let c = 0; c < count; c++) {
      const x = this.uniform() * total;
      let low = 0;
      let high = weights.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (cumulative[middle]! > x) high = middle;
        else low = middle + 1;
      }
      while (weights[low] === 0) low--;
      drawn[c] = low;
    }
    return drawn;
  }

  fork(label: string): Rng {
    let fork = this.#forks.get(label);
    if (!fork) {
      fork = new Stream(`${this.#path}/${label}`);
      this.#forks.set(label, fork);
    }
    return fork;
  }

  snapshot(): RngState {
    const labels = [...this.#forks.keys()].sort();
    return {
      words: [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0],
      forks: Object.fromEntries(labels.map((label) => [label, this.#forks.get(label)!.snapshot()])),
    };
  }

  restore(state: RngState): void {
    [this.#a, this.#b, this.#c, this.#d] = state.words;
    for (const [label, inner] of Object.entries(state.forks)) this.fork(label).restore(inner);
    for (const [label, fork] of this.#forks) {
      if (!Object.hasOwn(state.forks, label)) fork.restore(new Stream(`${this.#path}/${label}`).snapshot());
    }
  }
}

function sumOfWeights(weights: ArrayLike<number>): number {
  let total = 0;
  for (let k = 0; k < weights.length; k++) {
    if (!(weights[k]! >= 0)) throw new RangeError(`weights must be >= 0, got ${weights[k]} at ${k}`);
    total += weights[k]!;
  }
  if (!(total > 0 && total < Infinity)) throw new RangeError(`weights must have a finite sum > 0, got ${total}`);
  return total;
}

/** Four 32-bit words of a string: four FNV-1a lanes with different offsets, each finished by Murmur3's mixer. */
function hash128(text: string): [number, number, number, number] {
  const bytes = new TextEncoder().encode(text);
  const lane = (offset: number): number => {
    let h = offset;
    for (const byte of bytes) h = Math.imul(h ^ byte, 16777619);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) | 0;
  };
  return [lane(0x811c9dc5), lane(0x9e3779b9), lane(0x7f4a7c15), lane(0x94d049bb)];
}
