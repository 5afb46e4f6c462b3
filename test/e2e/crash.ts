import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const real = { ...fs };
const onPaths = [
  'renameSync',
  'rmSync',
  'unlinkSync',
  'rmdirSync',
  'mkdirSync',
  'linkSync',
  'copyFileSync',
  'writeFileSync',
] as const;
const patched = ['openSync', 'closeSync', 'writeSync', 'fsyncSync', 'ftruncateSync', ...onPaths] as const;
/** A process number that no process can have. */
const NOBODY = 2 ** 30;

/** The process is gone: whatever it would still have done to the disk does not happen. */
class Killed extends Error {}

export interface Crash {
  /** Operations on files below the folder, as `1 renameSync a b`. */
  readonly operations: readonly string[];
  readonly died: boolean;
}

/**
 * Runs `work` as a process that is killed right before its file operation number `at` (from 1) below `folder`. Of a write
 * half is done first with `half`. Nothing that it does later reaches the disk; then its locks are those of a process that
 * is gone.
 */
export async function killedAt(
  folder: string,
  at: number,
  half: boolean,
  work: () => Promise<unknown>,
): Promise<Crash> {
  const operations: string[] = [];
  const fds = new Map<number, string>();
  let dead = false;
  const hit = (name: string, what: string, partial?: () => void): void => {
    if (!dead) operations.push(`${operations.length + 1} ${name} ${what.replaceAll(folder, '')}`);
    if (dead || operations.length === at) {
      if (!dead && half) partial?.();
      dead = true;
      throw new Killed('killed');
    }
  };
  const inside = (path: unknown): path is string => typeof path === 'string' && path.startsWith(folder);
  const writes = (flags: unknown): boolean => (typeof flags === 'number' ? (flags & 0o103) !== 0 : flags !== 'r');
  const patch = fs as unknown as Record<string, unknown>;
  patch['openSync'] = (path: string, flags: string | number = 'r', mode?: number) => {
    if (inside(path) && writes(flags)) hit('open', path);
    const fd = real.openSync(path, flags, mode);
    if (inside(path)) fds.set(fd, path);
    return fd;
  };
  patch['closeSync'] = (fd: number) => {
    fds.delete(fd);
    real.closeSync(fd);
  };
  patch['writeSync'] = (fd: number, data: string | Uint8Array, offset = 0, length?: number, position?: number) => {
    const bytes = (typeof data === 'string' ? Buffer.from(data) : data).subarray(offset, length && offset + length);
    const file = fds.get(fd);
    if (file !== undefined) {
      hit('write', file, () => real.writeSync(fd, bytes, 0, Math.floor(bytes.length / 2), position ?? null));
    }
    return real.writeSync(fd, bytes, 0, bytes.length, position ?? null);
  };
  for (const name of ['fsyncSync', 'ftruncateSync'] as const) {
    patch[name] = (fd: number, ...rest: []) => {
      if (fds.has(fd)) hit(name, fds.get(fd)!);
      real[name](fd, ...rest);
    };
  }
  for (const name of onPaths) {
    patch[name] = (path: string, ...rest: []) => {
      if (inside(path)) hit(name, [path, ...rest].filter((one) => typeof one === 'string').join(' '));
      return (real[name] as (path: string, ...rest: []) => unknown)(path, ...rest);
    };
  }
  syncBuiltinESMExports();
  try {
    await work().catch((thrown: unknown) => {
      if (!dead) throw thrown;
    });
  } finally {
    for (const fd of fds.keys()) real.closeSync(fd);
    Object.assign(fs, Object.fromEntries(patched.map((name) => [name, real[name]])));
    syncBuiltinESMExports();
  }
  if (dead) orphanLocks(folder);
  return { operations, died: dead };
}

function orphanLocks(folder: string): void {
  for (const path of Object.keys(tree(folder)).filter((name) => /lock(\.\w+)?$/.test(name))) {
    const text = real.readFileSync(join(folder, path), 'utf8');
    real.writeFileSync(join(folder, path), text.replace(`"pid":${process.pid},`, `"pid":${NOBODY},`));
  }
}

/** Every file below a folder and its bytes; those that `ignore` matches left out. */
export function tree(folder: string, ignore = /(?!)/): Record<string, string> {
  const files = real
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory());
  const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const kept = paths.filter((path) => !ignore.test(path)).sort();
  return Object.fromEntries(kept.map((path) => [path, real.readFileSync(join(folder, path)).toString('latin1')]));
}
