/**
 * The tables of `campaign.db`. An append-only journal of what people did, and the few facts that it refers to:
 *
 * - `task.item` numbers tasks from 0 in order of arrival, for good; `worker.id` numbers workers from 1.
 * - A `lease` is a question that is out: one for each (task, worker, kind), renewed where it is granted again.
 * - An `annotation` is never changed. A later answer of the same worker to the same task names the one that it
 *   `supersedes`; without a label it takes that one back. The two unique indexes keep an answer from counting twice
 *   whatever a program does.
 * - A `step` records what inference saw: the answers up to `upto_seq`, of the first `tasks` tasks and `workers` workers,
 *   and the audits up to `audit_seq`.
 *   Steps of the same `generation` follow one another; a new generation starts afresh, with other data or settings.
 *
 * Entry n takes a database of version n to version n + 1; `PRAGMA user_version` is the version.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE campaign(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE class(k INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE task(
    item INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('image', 'url', 'text', 'id')), content TEXT NOT NULL,
    added_at INTEGER NOT NULL) STRICT;
  CREATE TABLE gold(item INTEGER PRIMARY KEY REFERENCES task(item), label INTEGER NOT NULL REFERENCES class(k)) STRICT;
  CREATE TABLE worker(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, token_hash TEXT UNIQUE,
    role TEXT NOT NULL DEFAULT 'worker' CHECK (role IN ('worker', 'auditor', 'admin')),
    created_at INTEGER NOT NULL, disabled_at INTEGER) STRICT;
  CREATE TABLE lease(
    id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES task(item), worker INTEGER NOT NULL REFERENCES worker(id),
    kind TEXT NOT NULL CHECK (kind IN ('ask', 'gold', 'audit')), issued INTEGER NOT NULL, expires INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'expired', 'skipped')), batch TEXT,
    UNIQUE (item, worker, kind)) STRICT;
  CREATE INDEX open_lease ON lease(expires) WHERE state = 'open';
  CREATE TABLE annotation(
    seq INTEGER PRIMARY KEY, lease INTEGER REFERENCES lease(id),
    item INTEGER NOT NULL REFERENCES task(item), worker INTEGER NOT NULL REFERENCES worker(id),
    kind TEXT NOT NULL CHECK (kind IN ('ask', 'gold', 'audit')), label INTEGER REFERENCES class(k),
    ms INTEGER, at INTEGER NOT NULL, late INTEGER NOT NULL DEFAULT 0, file INTEGER REFERENCES file(id),
    supersedes INTEGER UNIQUE REFERENCES annotation(seq)) STRICT;
  CREATE UNIQUE INDEX one_answer ON annotation(item, worker, kind) WHERE supersedes IS NULL;
  CREATE INDEX annotation_of_worker ON annotation(worker);
  CREATE INDEX annotation_of_lease ON annotation(lease) WHERE lease IS NOT NULL;
  CREATE TABLE skip(
    item INTEGER NOT NULL REFERENCES task(item), worker INTEGER NOT NULL REFERENCES worker(id),
    reason TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (item, worker)) STRICT, WITHOUT ROWID;
  CREATE TABLE flag(
    id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES task(item), worker INTEGER NOT NULL REFERENCES worker(id),
    text TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE TABLE audit(
    item INTEGER PRIMARY KEY REFERENCES task(item), label INTEGER NOT NULL, delivered INTEGER NOT NULL,
    round INTEGER NOT NULL, step INTEGER NOT NULL, worker INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE TABLE invite(
    token_hash TEXT PRIMARY KEY, name TEXT, role TEXT NOT NULL, uses_left INTEGER NOT NULL, expires INTEGER NOT NULL,
    created_at INTEGER NOT NULL) STRICT;
  CREATE TABLE file(
    id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, at INTEGER NOT NULL,
    answers INTEGER NOT NULL, added INTEGER NOT NULL) STRICT;
  CREATE TABLE step(
    n INTEGER PRIMARY KEY, generation INTEGER NOT NULL, upto_seq INTEGER NOT NULL, tasks INTEGER NOT NULL,
    workers INTEGER NOT NULL, seed TEXT NOT NULL, config_hash TEXT NOT NULL, data_hash TEXT NOT NULL,
    at INTEGER NOT NULL) STRICT;
  CREATE TABLE outcome(
    n INTEGER PRIMARY KEY REFERENCES step(n), annotations INTEGER NOT NULL, valid INTEGER NOT NULL,
    error REAL NOT NULL, deviation REAL NOT NULL, stop TEXT, ms INTEGER NOT NULL) STRICT;
  `,
  `
  ALTER TABLE step ADD COLUMN audit_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE outcome ADD COLUMN audits INTEGER;
  ALTER TABLE outcome ADD COLUMN bound REAL;
  -- Audits are annotations of that kind.
  DROP TABLE audit;
  `,
];
