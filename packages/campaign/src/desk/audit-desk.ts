/** What auditors have said so far, by item. */
export class AuditDesk {
  readonly #said = new Map<number, Set<number>>();
  #seqs: number[] = [];
  #count = 0;

  clear(): void {
    this.#said.clear();
    this.#seqs = [];
    this.#count = 0;
  }

  /** Takes an entry of the journal; without a label it takes back what the auditor had said. */
  take(seq: number, item: number, auditor: number, label: number | null): void {
    this.#seqs.push(seq);
    const said = this.#said.get(item) ?? new Set();
    const before = said.size;
    if (label === null) said.delete(auditor);
    else said.add(auditor);
    this.#said.set(item, said);
    this.#count += said.size - before;
  }

  has(item: number): boolean {
    return (this.#said.get(item)?.size ?? 0) > 0;
  }

  /** Audits that count, those of one item by several auditors too: each was paid for. */
  get count(): number {
    return this.#count;
  }

  /** Entries after a sequence number. */
  since(seq: number): number {
    let n = 0;
    while (n < this.#seqs.length && this.#seqs.at(-1 - n)! > seq) n++;
    return n;
  }
}
