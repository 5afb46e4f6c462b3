import type { Annotations, Rng, SampleRequest } from '@quorate/core';
import type { HitOptions } from './sampler-options.js';

/** What the threshold is lowered by until a HIT can be filled [Liao21, program]. */
const THRESHOLD_STEP = 0.01;
const NO_ITEMS = new Int32Array(0);

type CandidateOptions = Pick<HitOptions, 'maxAnnotationsPerItem' | 'fillHits' | 'allowRepeats'>;

/**
 * The items that a HIT of `size` items is drawn from:
 *
 *     {i : R_i > t_l and n_i < cap},    t_0 = τ,  t_{l+1} = t_l - 0.01,    the lowest level l with at least `size` items
 *
 * and all items below the cap where no level has as many. With `fillHits: 'shrink'` there is level 0 only. n_i counts
 * the plan's own HITs too (`take`); the risk is that of the request.
 *
 * Items below the cap are kept ordered by level, so that the candidates of a level are a prefix. After one O(N) pass per
 * plan, drawing a HIT costs one call of `may` per candidate plus O(size · levels + answers of its worker). Arrays are kept
 * from plan to plan as scratch; nothing in them outlives a plan.
 */
export class Candidates {
  readonly #cap: number;
  readonly #reopen: boolean;
  readonly #allowRepeats: boolean;
  #annotations!: Annotations;
  #may!: SampleRequest['may'];
  /** Items below the cap, those of level 0 first; level l ends before place #end[l]. */
  #items = new Int32Array(0);
  #place = new Int32Array(0);
  /** Level of each item, -1 for one that can not be drawn. */
  #level = new Int8Array(0);
  #count = new Int32Array(0);
  #end = new Int32Array(0);
  /** Items with mark = stamp are not free for the HIT being drawn. */
  #mark = new Int32Array(0);
  #stamp = 0;
  /** How many of the items up to a level are closed to the worker of that HIT. */
  #closed = new Int32Array(0);

  constructor({ maxAnnotationsPerItem, fillHits, allowRepeats }: CandidateOptions) {
    this.#cap = maxAnnotationsPerItem;
    this.#reopen = fillHits === 'reopen';
    this.#allowRepeats = allowRepeats;
  }

  /** Number of open items: above the threshold and below the cap. */
  get open(): number {
    return this.#end[0]!;
  }

  /** Starts a plan. O(N). */
  gather({ annotations, risk, riskThreshold, may }: SampleRequest): void {
    const N = annotations.items;
    if (this.#items.length < N) this.#allocate(N);
    this.#annotations = annotations;
    this.#may = may;
    this.#count.set(annotations.perItem.subarray(0, N));
    const thresholds = this.#thresholds(riskThreshold);
    const last = thresholds.length - 1;
    const end = (this.#end = new Int32Array(last + 1));
    this.#closed = new Int32Array(last + 1);
    for (let i = 0; i < N; i++) {
      let level = -1;
      if (this.#count[i]! < this.#cap) {
        if (risk[i]! > riskThreshold) level = 0;
        else if (this.#reopen) level = levelOf(risk[i]!, thresholds);
      }
      this.#level[i] = level;
      if (level >= 0) end[level]!++;
    }
    let total = 0;
    for (let l = 0; l <= last; l++) [end[l], total] = [total, total + end[l]!];
    for (let i = 0; i < N; i++) {
      const level = this.#level[i]!;
      if (level >= 0) this.#put(i, end[level]!++);
    }
  }

  /** `size` distinct candidates, uniformly; fewer where fewer are left. */
  draw(size: number, rng: Rng): Int32Array {
    this.#stamp++;
    this.#closed.fill(0);
    return this.#pick(size, NO_ITEMS, rng);
  }

  /**
   * `size` distinct candidates that the worker may be asked about and, without repeats, has not answered, uniformly; fewer
   * where fewer are left. None where every open item is closed to them, and none without an open item unless repeats are
   * allowed. Items of `keep`, a HIT drawn before, stay where the worker may answer them.
   */
  drawFor(worker: number, size: number, rng: Rng, keep: Int32Array = NO_ITEMS): Int32Array {
    this.#stamp++;
    this.#closed.fill(0);
    if (!this.#allowRepeats) this.#closeAnswered(worker);
    this.#closeForbidden(worker);
    const closed = this.#closed;
    for (let l = 1; l < closed.length; l++) closed[l]! += closed[l - 1]!;
    const exhausted = closed[0]! >= this.open && !(this.#allowRepeats && this.open === 0);
    return exhausted ? NO_ITEMS : this.#pick(size, keep, rng);
  }

  /** Counts one more annotation of each item; those that reach the cap are candidates no more. */
  take(items: Int32Array): void {
    for (const i of items) if (++this.#count[i]! === this.#cap) this.#remove(i);
  }

  #allocate(N: number): void {
    this.#items = new Int32Array(N);
    this.#place = new Int32Array(N);
    this.#level = new Int8Array(N);
    this.#count = new Int32Array(N);
    this.#mark = new Int32Array(N);
    this.#stamp = 0;
  }

  /** τ, τ - 0.01, ... and the first one below 0, which every risk is above. */
  #thresholds(riskThreshold: number): number[] {
    const thresholds = [riskThreshold];
    // Subtracted one by one, as the original does: a product rounds differently and would admit other items.
    for (let t = riskThreshold; this.#reopen && t >= 0;) thresholds.push((t -= THRESHOLD_STEP));
    return thresholds;
  }

  #put(item: number, place: number): void {
    this.#items[place] = item;
    this.#place[item] = place;
  }

  /** Fills the gap with the last item of the level, whose gap is filled with the last item of the next, and so on. */
  #remove(item: number): void {
    let gap = this.#place[item]!;
    for (let l = this.#level[item]!; l < this.#end.length; l++) {
      const last = --this.#end[l]!;
      if (last !== gap) this.#put(this.#items[last]!, gap);
      gap = last;
    }
    this.#level[item] = -1;
  }

  #closeAnswered(worker: number): void {
    const { item, firstOfWorker, nextOfWorker } = this.#annotations;
    for (let a = firstOfWorker[worker]!; a >= 0; a = nextOfWorker[a]!) this.#close(item[a]!);
  }

  #closeForbidden(worker: number): void {
    const may = this.#may;
    const end = this.#end.at(-1)!;
    for (let x = 0; x < end; x++) if (!may(worker, this.#items[x]!)) this.#close(this.#items[x]!);
  }

  #close(item: number): void {
    if (this.#mark[item] === this.#stamp) return;
    this.#mark[item] = this.#stamp;
    if (this.#level[item]! >= 0) this.#closed[this.#level[item]!]!++;
  }

  #pick(size: number, keep: Int32Array, rng: Rng): Int32Array {
    let l = 0;
    while (l < this.#end.length - 1 && this.#end[l]! - this.#closed[l]! < size) l++;
    const end = this.#end[l]!;
    const free = end - this.#closed[l]!;
    const hit = new Int32Array(Math.min(size, free));
    let filled = 0;
    for (const i of keep) {
      if (this.#mark[i] === this.#stamp || filled === hit.length) continue;
      this.#mark[i] = this.#stamp;
      hit[filled++] = i;
    }
    // Where most are free, a random one is free soon; elsewhere `end` is of the order of what was answered and asked.
    if (2 * free >= end && 2 * hit.length <= free) {
      while (filled < hit.length) {
        const i = this.#items[rng.int(end)]!;
        if (this.#mark[i] === this.#stamp) continue;
        this.#mark[i] = this.#stamp;
        hit[filled++] = i;
      }
    } else {
      const rest = this.#items.subarray(0, end).filter((i) => this.#mark[i] !== this.#stamp);
      for (const x of rng.choose(rest.length, hit.length - filled)) hit[filled++] = rest[x]!;
    }
    return hit;
  }
}

/** The lowest level whose threshold the risk is above; the last one for a risk that rounding has put below 0. */
function levelOf(risk: number, thresholds: readonly number[]): number {
  const last = thresholds.length - 1;
  let level = Math.min(last, Math.max(0, Math.ceil((thresholds[0]! - risk) / THRESHOLD_STEP)));
  while (level > 0 && risk > thresholds[level - 1]!) level--;
  while (level < last && !(risk > thresholds[level]!)) level++;
  return level;
}
