/**
 * Indices of byte strings. A field that was seen before costs a hash and a comparison of its bytes; only a new one
 * becomes a string.
 *
 * Open addressing, linear probing, load at most 1/2. The hash is FNV-1a (Fowler, Noll, Vo) with its high bits folded in.
 */
export class Interner {
  #size = 0;
  #slots = new Int32Array(1 << 10).fill(-1);
  #hash = new Int32Array(1 << 9);
  /** Where the bytes of each string begin in `#store`; one more entry for the end of the last. */
  #begin = new Float64Array((1 << 9) + 1);
  #value = new Int32Array(1 << 9);
  #store = new Uint8Array(1 << 12);

  /**
   * @param name Called once for each new string. What it returns is what `indexOf` returns for the string from then on;
   *   what it throws, the string stays unknown.
   */
  constructor(readonly name: (bytes: Uint8Array, start: number, end: number) => number) {}

  indexOf(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    const length = end - start;
    let slot = hash & mask;
    for (let k = this.#slots[slot]!; k >= 0; k = this.#slots[slot]!) {
      if (this.#hash[k] === hash && this.#holds(k, bytes, start, length)) return this.#value[k]!;
      slot = (slot + 1) & mask;
    }
    const value = this.name(bytes, start, end);
    this.#add(slot, hash, bytes.subarray(start, end), value);
    return value;
  }

  #holds(k: number, bytes: Uint8Array, start: number, length: number): boolean {
    const begin = this.#begin[k]!;
    if (this.#begin[k + 1]! - begin !== length) return false;
    const store = this.#store;
    for (let i = 0; i < length; i++) if (store[begin + i] !== bytes[start + i]) return false;
    return true;
  }

  #add(slot: number, hash: number, bytes: Uint8Array, value: number): void {
    const k = this.#size++;
    if (k === this.#hash.length) this.#growEntries();
    const begin = this.#begin[k]!;
    const end = begin + bytes.length;
    if (end > this.#store.length) {
      const store = new Uint8Array(Math.max(end, 2 * this.#store.length));
      store.set(this.#store.subarray(0, begin));
      this.#store = store;
    }
    this.#store.set(bytes, begin);
    this.#begin[k + 1] = end;
    this.#hash[k] = hash;
    this.#value[k] = value;
    this.#slots[slot] = k;
    if (2 * this.#size > this.#slots.length) this.#rehash();
  }

  #growEntries(): void {
    const length = 2 * this.#hash.length;
    const [hash, begin, value] = [this.#hash, this.#begin, this.#value];
    this.#hash = new Int32Array(length);
    this.#hash.set(hash);
    this.#begin = new Float64Array(length + 1);
    this.#begin.set(begin);
    this.#value = new Int32Array(length);
    this.#value.set(value);
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const mask = this.#slots.length - 1;
    for (let k = 0; k < this.#size; k++) {
      let slot = this.#hash[k]! & mask;
      while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = k;
    }
  }
}
