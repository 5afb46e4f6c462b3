import type { LeaseRow } from '../journal/statements.js';

/** The questions that are out, by number, by worker and by item. */
export class OpenLeases {
  readonly #byId = new Map<number, LeaseRow>();
  readonly #byWorker = new Map<number, Map<number, LeaseRow>>();
  /** Open `ask` leases of an item. */
  readonly #ofItem = new Map<number, LeaseRow[]>();
  /** Open `audit` leases of an item. */
  readonly #auditOf = new Map<number, LeaseRow>();
  #asks = 0;

  /** How many `ask` questions are out. */
  get asks(): number {
    return this.#asks;
  }

  get count(): number {
    return this.#byId.size;
  }

  clear(): void {
    this.#byId.clear();
    this.#byWorker.clear();
    this.#ofItem.clear();
    this.#auditOf.clear();
    this.#asks = 0;
  }

  add(lease: LeaseRow): void {
    this.remove(lease.id);
    this.#byId.set(lease.id, lease);
    let mine = this.#byWorker.get(lease.worker);
    if (!mine) this.#byWorker.set(lease.worker, (mine = new Map<number, LeaseRow>()));
    mine.set(lease.item, lease);
    this.#count(lease, 1);
  }

  remove(id: number): void {
    const lease = this.#byId.get(id);
    if (!lease) return;
    this.#byId.delete(id);
    const mine = this.#byWorker.get(lease.worker)!;
    mine.delete(lease.item);
    if (mine.size === 0) this.#byWorker.delete(lease.worker);
    this.#count(lease, -1);
  }

  #count(lease: LeaseRow, change: 1 | -1): void {
    if (lease.kind === 'audit' && change > 0) this.#auditOf.set(lease.item, lease);
    if (lease.kind === 'audit' && change < 0) this.#auditOf.delete(lease.item);
    if (lease.kind !== 'ask') return;
    this.#asks += change;
    const out = this.#ofItem.get(lease.item) ?? [];
    const now = change > 0 ? [...out, lease] : out.filter(({ id }) => id !== lease.id);
    if (now.length > 0) this.#ofItem.set(lease.item, now);
    else this.#ofItem.delete(lease.item);
  }

  get(id: number): LeaseRow | undefined {
    return this.#byId.get(id);
  }

  /** How many open `ask` leases an item has. */
  ofItem(item: number): number {
    return this.#ofItem.get(item)?.length ?? 0;
  }

  /** The open `ask` leases of an item, oldest first. */
  onItem(item: number): readonly LeaseRow[] {
    return this.#ofItem.get(item) ?? [];
  }

  /** The open `audit` lease of an item. */
  auditOf(item: number): LeaseRow | undefined {
    return this.#auditOf.get(item);
  }

  /** The items that have open `ask` leases. */
  items(): Iterable<number> {
    return this.#ofItem.keys();
  }

  has(worker: number, item: number): boolean {
    return this.#byWorker.get(worker)?.has(item) ?? false;
  }

  find(worker: number, item: number): LeaseRow | undefined {
    return this.#byWorker.get(worker)?.get(item);
  }

  /** The questions before a worker, oldest first. */
  of(worker: number): LeaseRow[] {
    return [...(this.#byWorker.get(worker)?.values() ?? [])].sort((a, b) => a.issued - b.issued || a.id - b.id);
  }

  due(now: number): LeaseRow[] {
    return [...this.#byId.values()].filter(({ expires }) => expires <= now);
  }
}
