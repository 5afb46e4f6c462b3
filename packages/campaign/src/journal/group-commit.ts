import { QuorateError, messageOf } from '@quorate/core';
import type { Connection } from './database.js';

interface Pending {
  readonly write: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes that arrive in one turn of the event loop share a transaction, and with it the one wait for the disk. A promise
 * resolves when its write is on the disk, in the order of the calls.
 *
 * When a transaction fails none of its writes happened: `onFailure` is called before any promise rejects, so that what
 * is kept in memory can be read again.
 */
export class GroupCommit {
  readonly #db: Connection;
  readonly #file: string;
  readonly #onFailure: () => void;
  #pending: Pending[] = [];
  #scheduled = false;

  constructor(db: Connection, file: string, onFailure: () => void) {
    this.#db = db;
    this.#file = file;
    this.#onFailure = onFailure;
  }

  /** Resolves when `write` is on the disk. @param write Calls prepared statements and nothing else. */
  commit(write: () => void = () => undefined): Promise<void> {
    return new Promise((done, failed) => {
      this.#pending.push({ write, done, failed });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Writes what is waiting, now. */
  flush(): void {
    this.#scheduled = false;
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    try {
      this.#transact(batch);
    } catch (cause) {
      const error = new QuorateError('WRITE_FAILED', {
        where: this.#file,
        expected: 'to write to it',
        got: messageOf(cause),
        fix: 'What was acknowledged before is saved. Make room or correct the permissions, then try again.',
        cause,
      });
      this.#onFailure();
      for (const { failed } of batch) failed(error);
      return;
    }
    for (const { done } of batch) done();
  }

  #transact(batch: readonly Pending[]): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const { write } of batch) write();
      this.#db.exec('COMMIT');
    } catch (thrown) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw thrown;
    }
  }
}
