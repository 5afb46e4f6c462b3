import { closeSync, linkSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { QuorateError, type ErrorCode } from '@quorate/core';
import { writing } from './failure.js';

/** Who holds a lock, and what it was about to give its name when it wrote the lock last: SHA-256 by path. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as the system counts; null where that cannot be told. */
  readonly start: string | null;
  readonly files: Readonly<Record<string, string>>;
}

export interface LockRequest {
  /** What is locked, for messages. */
  readonly where: string;
  readonly what: string;
  readonly code?: ErrorCode;
  readonly onNote: (message: string) => void;
  /** Milliseconds to wait for another process; 0: refuse at once. */
  readonly patience?: number;
}

/** Time that a process needs at most to write its lock, in ms: one that is not whole after that was cut off. */
const HALF_WRITTEN = 1000;
const POLL = 20;

/**
 * A lock file: one process at a time. One whose process is gone is taken over, with a note; what that process was writing
 * stays known. A process is told by pid, host and start time. On another machine nobody can tell: it is then alive.
 */
export class Lock {
  readonly #file: string;
  #content: string;

  private constructor(
    file: string,
    content: string,
    /** What processes that were killed were about to give its name: SHA-256 by path. */
    readonly unfinished: Readonly<Record<string, string>>,
  ) {
    this.#file = file;
    this.#content = content;
  }

  /** Throws `code` (RUN_FOLDER) where a process that is alive holds it. */
  static take(file: string, request: LockRequest): Lock {
    const { where, what, code = 'RUN_FOLDER', onNote, patience = 0 } = request;
    for (let waited = 0; ;) {
      const taken = writing(file, () => Lock.#create(file));
      if (taken) return taken;
      const found = look(file);
      if (!found) continue;
      const holder = found.holder ?? waitForHolder(file, found.text);
      if (holder === 'changed') continue;
      if (holder && isAlive(holder)) {
        if (waited < patience) {
          pause(POLL);
          waited += POLL;
          continue;
        }
        throw new QuorateError(code, {
          where,
          expected: `${what} that no other process is using`,
          got: `process ${holder.pid} on ${holder.host}`,
          fix: `Wait for it to end. If it is not running any more, remove ${file}.`,
        });
      }
      if (writing(file, () => setAside(file, found.inode, holder !== null))) {
        const who = holder ? `process ${holder.pid}, which is gone` : 'a process that was killed as it wrote it';
        onNote(`Took over the lock of ${where}: it was left by ${who}.`);
      }
    }
  }

  /** Removes a lock whose process is gone. */
  static clear(file: string, request: LockRequest): void {
    const holder = look(file)?.holder;
    if (holder && !isAlive(holder)) Lock.take(file, request).release();
  }

  static #create(file: string): Lock | null {
    const aside = look(`${file}.stale`)?.holder;
    const files = aside?.files ?? {};
    const content = encode({ ...self(), files });
    let fd;
    try {
      fd = openSync(file, 'wx');
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return null;
      throw thrown;
    }
    try {
      writeSync(fd, content);
    } finally {
      closeSync(fd);
    }
    for (const left of [`${file}.stale`, `${file}.tmp`]) rmSync(left, { force: true });
    return new Lock(file, content, files);
  }

  /** Says which files are about to get their names, before the first of them does. */
  declare(files: Readonly<Record<string, string>>): void {
    const content = encode({ ...self(), files: { ...this.unfinished, ...files } });
    writing(this.#file, () => {
      const temporary = `${this.#file}.tmp`;
      rmSync(temporary, { force: true });
      const fd = openSync(temporary, 'wx');
      try {
        writeSync(fd, content);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, this.#file);
    });
    this.#content = content;
  }

  /** What a killed process was about to give its name, without taking its lock: none while it is alive. */
  static unfinishedOf(file: string): Readonly<Record<string, string>> {
    const holder = look(file)?.holder ?? null;
    if (holder && isAlive(holder)) return {};
    return { ...look(`${file}.stale`)?.holder?.files, ...holder?.files };
  }

  release(): void {
    if (look(this.#file)?.text === this.#content) rmSync(this.#file, { force: true });
  }

  /** Releases it, but for what was declared: that stays known as if the process had been killed. */
  abandon(): void {
    if (look(this.#file)?.text === this.#content) renameSync(this.#file, `${this.#file}.stale`);
  }
}

function encode(holder: Holder): string {
  return `${JSON.stringify(holder)}\n`;
}

function look(file: string): { text: string; holder: Holder | null; inode: bigint } | null {
  try {
    const there = lstatSync(file, { bigint: true });
    if (!there.isFile()) {
      throw new QuorateError('OUTPUT_TAKEN', {
        where: file,
        expected: 'a lock file, or nothing of that name',
        got: there.isSymbolicLink() ? 'a symbolic link' : 'something else',
        fix: 'Move it away.',
      });
    }
    const text = readFileSync(file, 'utf8');
    return { text, holder: decode(text), inode: there.ino };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}

/** Null for one that is not whole. */
function decode(text: string): Holder | null {
  // Version 0.1 wrote the pid and the host, without an end that tells whether that is all.
  const [, pid, host] = /^(\d+) (\S+)$/.exec(text) ?? [];
  if (pid !== undefined && host !== undefined) {
    const cutOff = host !== hostname() && hostname().startsWith(host);
    return cutOff ? null : { pid: Number(pid), host, start: null, files: {} };
  }
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    const whole = text.endsWith('\n') && Number.isInteger(holder?.pid) && typeof holder?.host === 'string';
    return whole ? { ...(holder as Holder), start: holder.start ?? null, files: holder.files ?? {} } : null;
  } catch {
    return null;
  }
}

/** Waits as long as a process may need to write its lock. Null: it was cut off. */
function waitForHolder(file: string, before: string): Holder | 'changed' | null {
  for (let waited = 0; waited < HALF_WRITTEN; waited += POLL) {
    pause(POLL);
    const found = look(file);
    if (found?.holder) return found.holder;
    if (found?.text !== before) return 'changed';
  }
  return null;
}

/**
 * Moves a lock of nobody away, unless another process has taken it over in the meantime. One that was cut off is removed
 * where an earlier one is there, which says more.
 */
function setAside(file: string, inode: bigint, whole: boolean): boolean {
  const aside = `${file}.stale`;
  const kept = whole || !look(aside);
  const moved = kept ? aside : `${file}.tmp`;
  try {
    renameSync(file, moved);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
  const mine = lstatSync(moved, { bigint: true, throwIfNoEntry: false })?.ino === inode;
  if (!mine) linkSync(moved, file);
  if (!mine || !kept) rmSync(moved, { force: true });
  return mine;
}

function self(): Omit<Holder, 'files'> {
  return { pid: process.pid, host: hostname(), start: processOf(process.pid)?.start ?? null };
}

function isAlive({ pid, host, start }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const there = processOf(pid);
  // A process that has ended and whose parent has not looked yet writes nothing any more.
  if (there?.state === 'Z') return false;
  return start === null || !there || there.start === start;
}

/** Of the system's own table, where there is one (Linux): state, and start time in clock ticks since the system started. */
function processOf(pid: number): { readonly state: string; readonly start: string } | null {
  try {
    // The name, in brackets, may hold blanks and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { state: fields[0]!, start: fields[19]! };
  } catch {
    return null;
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
