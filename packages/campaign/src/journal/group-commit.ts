import { close, fdatasync, fsync, open } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { QuorateError, messageOf } from '@quorate/core';
import type { Connection } from './database.js';

const [openFile, sync, closeFile] = [promisify(open), promisify(fdatasync), promisify(close)];

interface Pending {
  readonly write: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes that arrive in one turn of the event loop share a transaction. A promise resolves when its write is on the disk,
 * in the order of the calls.
 *
 * The wait for the disk holds up nobody. SQLite appends a transaction to the write-ahead log without waiting
 * (`synchronous=NORMAL`); then the log is synchronised by a thread of Node, once for all transactions that are in it. A
 * log that a power cut ended early is valid up to its last whole transaction, so what was acknowledged stays.
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
  /** In the log, and perhaps not on the disk. */
  #written: Pending[] = [];
  #syncing: Promise<void> | null = null;
  #log: number | null = null;

  constructor(db: Connection, file: string, onFailure: () => void) {
    this.#db = db;
    this.#file = file;
    this.#onFailure = onFailure;
    db.exec('PRAGMA synchronous = NORMAL');
  }

  /** Resolves when `write` is on the disk. @param write Calls prepared statements and nothing else. */
  commit(write: () => void = () => undefined): Promise<void> {
    return new Promise((done, failed) => {
      this.#pending.push({ write, done, failed });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  /** Writes what is waiting; resolves when all is on the disk and nothing more is to come. */
  async end(): Promise<void> {
    this.#flush();
    await this.#syncing;
    if (this.#log !== null) await closeFile(this.#log);
    this.#log = null;
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    try {
      this.#transact(batch);
    } catch (cause) {
      const error = this.#error(cause);
      this.#onFailure();
      for (const { failed } of batch) failed(error);
      return;
    }
    this.#written.push(...batch);
    this.#syncing ??= this.#sync().finally(() => (this.#syncing = null));
  }

  async #sync(): Promise<void> {
    while (this.#written.length > 0) {
      const batch = this.#written;
      this.#written = [];
      try {
        this.#log ??= await this.#openLog();
        await sync(this.#log);
      } catch (cause) {
        const error = this.#error(cause);
        for (const { failed } of batch) failed(error);
        continue;
      }
      for (const { done } of batch) done();
    }
  }

  /** The log is there as long as the database is open; its name in the folder has to last too. */
  async #openLog(): Promise<number> {
    if (process.platform !== 'win32') {
      const folder = await openFile(dirname(this.#file), 'r');
      await promisify(fsync)(folder).finally(() => closeFile(folder));
    }
    return openFile(`${this.#file}-wal`, 'r+');
  }

  #error(cause: unknown): QuorateError {
    return new QuorateError('WRITE_FAILED', {
      where: this.#file,
      expected: 'to write to it',
      got: messageOf(cause),
      fix: 'What was acknowledged before is saved. Make room or correct the permissions, then try again.',
      cause,
    });
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
