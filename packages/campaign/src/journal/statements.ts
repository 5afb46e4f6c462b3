import type { Connection } from './database.js';

export type QuestionKind = 'ask' | 'gold' | 'audit';
export type LeaseState = 'open' | 'answered' | 'expired' | 'skipped';
export type Role = 'worker' | 'auditor' | 'admin';

export interface LeaseRow {
  readonly id: number;
  readonly item: number;
  readonly worker: number;
  readonly kind: QuestionKind;
  readonly issued: number;
  readonly expires: number;
  readonly state: LeaseState;
  readonly batch: string | null;
}

export interface AnnotationRow {
  readonly seq: number;
  readonly lease: number | null;
  readonly item: number;
  readonly worker: number;
  readonly kind: QuestionKind;
  /** Null takes back what it supersedes. */
  readonly label: number | null;
  /** Milliseconds that it took, where known. */
  readonly ms: number | null;
  readonly at: number;
  /** 1 where the lease had ended. */
  readonly late: number;
  readonly file: number | null;
  readonly supersedes: number | null;
}

export interface WorkerRow {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly created_at: number;
  readonly disabled_at: number | null;
}

export interface TaskRow {
  readonly item: number;
  readonly id: string;
  readonly kind: 'image' | 'url' | 'text' | 'id';
  /** A path below the campaign's root, a URL or a text; empty where only the id is known. */
  readonly content: string;
}

type Value = string | number | null;

/** The writes of a campaign, prepared once. They are called inside a transaction of `GroupCommit`. */
export class Statements {
  readonly insertTask;
  readonly insertWorker;
  readonly grant;
  readonly closeLease;
  readonly insertAnnotation;
  readonly insertSkip;
  readonly insertFlag;
  readonly insertStep;
  readonly insertOutcome;

  constructor(db: Connection) {
    const prepare = (sql: string): ((...values: readonly Value[]) => void) => {
      const statement = db.prepare(sql);
      return (...values) => void statement.run([...values]);
    };
    this.insertTask = prepare('INSERT INTO task(item, id, kind, content, added_at) VALUES (?, ?, ?, ?, ?)');
    this.insertWorker = prepare('INSERT INTO worker(id, name, role, token_hash, created_at) VALUES (?, ?, ?, ?, ?)');
    this.grant = prepare(
      `INSERT INTO lease(id, item, worker, kind, issued, expires, batch) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT(id) DO UPDATE SET state = 'open', issued = excluded.issued, expires = excluded.expires,
         batch = excluded.batch`,
    );
    this.closeLease = prepare('UPDATE lease SET state = ? WHERE id = ?');
    this.insertAnnotation = prepare(
      `INSERT INTO annotation(seq, lease, item, worker, kind, label, ms, at, late, file, supersedes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.insertSkip = prepare(
      `INSERT INTO skip(item, worker, reason, at) VALUES (?, ?, ?, ?)
       ON CONFLICT(item, worker) DO UPDATE SET reason = excluded.reason, at = excluded.at`,
    );
    this.insertFlag = prepare('INSERT INTO flag(item, worker, text, at) VALUES (?, ?, ?, ?)');
    this.insertStep = prepare(
      `INSERT INTO step(n, generation, upto_seq, tasks, workers, seed, config_hash, data_hash, at, audit_seq)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.insertOutcome = prepare(
      `INSERT INTO outcome(n, annotations, valid, error, deviation, stop, ms, audits, bound)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT(n) DO NOTHING`,
    );
  }
}

/** Rows of annotations after one sequence number, up to another, in order; one at a time, never all in memory. */
export function annotationsBetween(db: Connection, after: number, upto: number): IterableIterator<AnnotationRow> {
  const statement = db.prepare('SELECT * FROM annotation WHERE seq > ? AND seq <= ? ORDER BY seq');
  return statement.iterate(after, upto) as IterableIterator<AnnotationRow>;
}

/** What auditors said after one sequence number, up to another, in order. */
export function auditsBetween(
  db: Connection,
  after: number,
  upto: number,
): Pick<AnnotationRow, 'item' | 'worker' | 'label'>[] {
  const sql = `SELECT item, worker, label FROM annotation WHERE kind = 'audit' AND seq > ? AND seq <= ? ORDER BY seq`;
  return db.prepare(sql).all(after, upto) as Pick<AnnotationRow, 'item' | 'worker' | 'label'>[];
}
