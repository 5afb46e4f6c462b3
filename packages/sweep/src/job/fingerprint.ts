import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '@quorate/core';
import { createFiles, type Prepared } from '@quorate/host';

type Environment = Readonly<Record<string, string | undefined>>;

/** Hashes of files, so that runs that read the same ones read them once for it. Key: path, size and time of change. */
const hashes = new Map<string, Promise<string>>();

/**
 * The files that a run reads, as one hash: those that its configuration names, and the published ones that it would find.
 * Names are left out, contents count. Empty where there are none.
 */
export async function dataOf(prepared: Prepared, cwd: string, env: Environment): Promise<string> {
  const files = createFiles({ cwd, baseDir: prepared.baseDir, env, onNote: () => undefined });
  const named = [...stringsIn(prepared.config.resolved)].flatMap((text) => filesAt(files, text));
  const found = [...named, ...publishedFiles(prepared, files)];
  if (found.length === 0) return '';
  const hash = createHash('sha256');
  for (const one of found) hash.update(`${await hashOfFile(one)}\n`);
  return hash.digest('hex');
}

/** SHA-256 of a file's content, in hex. */
export function hashOfFile(file: string): Promise<string> {
  const { size, mtimeMs, ino } = statSync(file);
  const key = `${file} ${ino} ${size} ${mtimeMs}`;
  const known = hashes.get(key);
  if (known) return known;
  const made = (async () => {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
    return hash.digest('hex');
  })();
  hashes.set(key, made);
  return made;
}

/** Every string of a configuration may be a path; those that are none name no file. */
function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) yield* stringsIn(one);
  }
}

function filesAt(files: Files, text: string): string[] {
  // A word without a dot or a slash is the name of a part far more often than a file without extension.
  if (!/[./\\]/.test(text) || text.includes('\0')) return [];
  const path = files.resolve(text);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isFile()) return [path];
  return there?.isDirectory() ? filesBelow(path) : [];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Of the plugins that provide a chosen part. */
function publishedFiles({ config, registry, plugins }: Prepared, files: Files): string[] {
  const used = new Set<string>();
  for (const kind of Object.keys(config.choices) as (keyof typeof config.choices)[]) {
    for (const { use } of config.choices[kind] ?? []) {
      const plugin = registry.component(kind, use)?.plugin;
      if (plugin !== undefined) used.add(plugin);
    }
  }
  return plugins
    .filter(({ plugin }) => used.has(plugin.name))
    .flatMap(({ plugin }) => plugin.data ?? [])
    .flatMap(({ name, files: declared }) => declared.map(({ path }) => files.locate(name, path)))
    .filter((file) => file !== undefined);
}
