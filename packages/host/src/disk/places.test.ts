import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dataStatus } from './download.js';
import { cacheDir, createFiles } from './places.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quorate-files-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  return file;
}
const files = (env: Readonly<Record<string, string>> = {}, notes: string[] = []) =>
  createFiles({
    cwd: join(folder, 'cwd'),
    baseDir: join(folder, 'project'),
    env: { QUORATE_CACHE_DIR: join(folder, 'cache'), ...env },
    onNote: (note) => notes.push(note),
  });

it('the cache is where the system keeps caches', () => {
  expect(cacheDir({ HOME: '/home/x' }, 'linux')).toBe('/home/x/.cache/quorate');
  expect(cacheDir({ HOME: '/home/x', XDG_CACHE_HOME: '/c' }, 'linux')).toBe('/c/quorate');
  expect(cacheDir({ HOME: '/home/x', XDG_CACHE_HOME: 'relative' }, 'linux')).toBe('/home/x/.cache/quorate');
  expect(cacheDir({ HOME: '/Users/x' }, 'darwin')).toBe('/Users/x/Library/Caches/quorate');
  expect(cacheDir({ LOCALAPPDATA: '/l' }, 'win32')).toBe('/l/quorate');
  expect(cacheDir({ QUORATE_CACHE_DIR: '/own', XDG_CACHE_HOME: '/c' }, 'linux')).toBe('/own');
  expect(cacheDir({}, 'linux')).toBe(join(homedir(), '.cache/quorate'));
});

it('paths are relative to the configuration, or as seen from the working directory where that is what is there', () => {
  const resolve = (path: string) => files().resolve(path);
  expect(resolve('F.npy')).toBe(join(folder, 'project/F.npy'));
  const here = write('cwd/F.npy');
  expect(resolve('F.npy')).toBe(here);
  const beside = write('project/F.npy');
  expect(resolve('F.npy')).toBe(beside);
  expect(resolve('/x/F.npy')).toBe('/x/F.npy');
});

it('data is found in QUORATE_DATA_DIR, in a folder of its name or of the first word of it, else in the cache', () => {
  const env = { QUORATE_DATA_DIR: '../data' };
  const locate = () => files(env).locate('amt-workers', 'group_workers.json');
  expect(locate()).toBe(undefined);
  mkdirSync(join(folder, 'data/amt/group_workers.json'), { recursive: true });
  expect(locate()).toBe(undefined);
  rmSync(join(folder, 'data'), { recursive: true });
  for (const place of [
    'cache/data/amt-workers/group_workers.json',
    'data/amt/group_workers.json',
    'data/amt-workers/group_workers.json',
    'data/group_workers.json',
  ]) {
    const file = write(place);
    expect(locate()).toBe(file);
  }
  expect(files().locate('amt-workers', 'group_workers.json')).toBe(
    join(folder, 'cache/data/amt-workers/group_workers.json'),
  );
});

it('says which declared data is there, and hands notes on', () => {
  const notes: string[] = [];
  const found = files({}, notes);
  found.note('a fallback was taken');
  expect(notes).toEqual(['a fallback was taken']);
  const file = (path: string) => ({ path, url: 'https://example.org', sha256: '', bytes: 1 });
  const declaration = { name: 'd', summary: '', licence: 'MIT', files: [file('a'), file('b')] };
  const a = write('cache/data/d/a');
  expect(dataStatus([declaration], found)).toEqual([
    {
      declaration,
      files: [
        { path: 'a', bytes: 1, file: a },
        { path: 'b', bytes: 1, file: null },
      ],
      complete: false,
    },
  ]);
  write('cache/data/d/b');
  expect(dataStatus([declaration], found)[0]?.complete).toBe(true);
});
