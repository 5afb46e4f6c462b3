import { QuorateError } from '@quorate/core';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { readIfThere, writing } from './write.js';

/** Throws RUN_FOLDER where another process that is alive holds the lock. */
export function takeLock(file: string, where: string, what = 'a folder'): void {
  const mine = `${process.pid} ${hostname()}`;
  const theirs = readIfThere(file);
  if (theirs !== undefined && theirs !== mine && isAlive(theirs)) {
    throw new QuorateError('RUN_FOLDER', {
      where,
      expected: `${what} that no other process is using`,
      got: `process ${theirs}`,
      fix: `Wait for it to end. If it is not running any more, remove ${file}.`,
    });
  }
  writing(file, () => writeFileSync(file, mine));
}

/** Is the process that wrote this lock running? On another machine nobody can tell: then yes. */
export function isAlive(lock: string): boolean {
  const [pid, host] = lock.split(' ');
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
