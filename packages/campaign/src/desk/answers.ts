import { AnnotationIndex } from '@quorate/core';
import type { AnnotationRow, QuestionKind } from '../journal/statements.js';
import { AuditDesk } from './audit-desk.js';

/** What counts of the journal's entries. Items are numbered from 0, workers from 1. */
export class Answers {
  /** Answers to `ask` questions that count; worker j of the index is worker j + 1 of the database. */
  readonly index: AnnotationIndex;
  readonly audits = new AuditDesk();
  /** Latest answer to each item; an item is pending while that is after the last step. */
  readonly lastSeq: Float64Array;
  /** Sequence number of each of the index's annotations. */
  readonly #seqOf: number[] = [];
  /** Latest answer of a worker to gold, in an audit, or taken back, by kind, item and worker. */
  readonly #others = new Map<string, { seq: number; label: number | null }>();
  #seq = 0;

  constructor(tasks: number, workers: number, classes: number) {
    this.index = new AnnotationIndex(tasks, workers, classes);
    this.lastSeq = new Float64Array(tasks);
  }

  /** Sequence number of the latest entry. */
  get seq(): number {
    return this.#seq;
  }

  /** Answers to gold that count. */
  get gold(): number {
    let count = 0;
    for (const [key, { label }] of this.#others) if (label !== null && key.startsWith('gold ')) count++;
    return count;
  }

  /** The worker's answer that counts, with its sequence number. */
  labelOf(worker: number, item: number, kind: QuestionKind): { seq: number; label: number } | undefined {
    if (kind !== 'ask') {
      const known = this.#others.get(keyOf(kind, item, worker));
      return known && known.label !== null ? { seq: known.seq, label: known.label } : undefined;
    }
    const a = this.#find(worker, item);
    return a < 0 ? undefined : { seq: this.#seqOf[a]!, label: this.index.label[a]! };
  }

  /** The worker's latest entry about the item, also one that takes back. */
  lastEntry(worker: number, item: number, kind: QuestionKind): number | null {
    return this.labelOf(worker, item, kind)?.seq ?? this.#others.get(keyOf(kind, item, worker))?.seq ?? null;
  }

  #find(worker: number, item: number): number {
    const { firstOfItem, nextOfItem, worker: workerOf } = this.index;
    for (let a = firstOfItem[item]!; a >= 0; a = nextOfItem[a]!) if (workerOf[a] === worker - 1) return a;
    return -1;
  }

  /** Items that the worker has answered. */
  itemsOf(worker: number): number[] {
    const items: number[] = [];
    const { firstOfWorker, nextOfWorker, item } = this.index;
    for (let a = firstOfWorker[worker - 1]!; a >= 0; a = nextOfWorker[a]!) items.push(item[a]!);
    return items;
  }

  /** Takes the next entry of the journal. */
  take({ seq, item, worker, kind, label, supersedes }: AnnotationRow): void {
    this.#seq = seq;
    const key = keyOf(kind, item, worker);
    if (kind !== 'ask') {
      this.#others.set(key, { seq, label });
      if (kind === 'audit') this.audits.take(seq, item, worker, label);
      return;
    }
    if (supersedes !== null) {
      const a = this.#find(worker, item);
      if (a >= 0) this.index.remove(a);
    }
    this.#others.delete(key);
    if (label === null) this.#others.set(key, { seq, label });
    else this.#seqOf[this.index.append(item, worker - 1, label)] = seq;
    this.lastSeq[item] = seq;
  }
}

function keyOf(kind: QuestionKind, item: number, worker: number): string {
  return `${kind} ${item} ${worker}`;
}
