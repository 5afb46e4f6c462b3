import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Inputs } from '../disk/inputs.js';
import { Lock } from '../disk/lock.js';
import { cacheDir } from '../disk/places.js';
import { makeFolder, replaceFile } from '../disk/write.js';
import { isTree } from '../tree.js';
import type { LoadedPlugin } from './load.js';

/**
 * Which package has provided what on this machine, `sampler/curious` → `quorate-plugin-curious`: so that a run can say
 * what is missing after a package was removed. A file of the cache; to lose it loses that hint and no more.
 */
export class PluginMemory {
  readonly #file: string;
  readonly #known: Record<string, string>;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#file = join(cacheDir(env), 'plugins-seen.json');
    this.#known = read(this.#file);
  }

  /** Package that provided a component or preset when it was last seen. */
  get providers(): ReadonlyMap<string, string> {
    return new Map(Object.entries(this.#known));
  }

  /** Remembers what packages of the project provide. */
  note(plugins: readonly LoadedPlugin[]): void {
    let changed = false;
    for (const { plugin, packageName, origin } of plugins) {
      if (origin === 'builtin' || packageName === null) continue;
      const components = (plugin.components ?? []).map(({ kind, name }) => `${kind}/${name}`);
      const presets = (plugin.presets ?? []).map(({ group, name }) => `preset/${group}/${name}`);
      for (const key of [...components, ...presets]) {
        changed ||= this.#known[key] !== packageName;
        this.#known[key] = packageName;
      }
    }
    if (!changed) return;
    try {
      makeFolder(dirname(this.#file));
      const lock = Lock.take(`${this.#file}.lock`, { where: this.#file, what: 'a file', onNote: () => undefined });
      try {
        replaceFile(this.#file, JSON.stringify(this.#known, null, 2), new Inputs());
      } finally {
        lock.release();
      }
    } catch {
      // A cache that cannot be written costs a hint.
    }
  }
}

function read(file: string): Record<string, string> {
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const entries = isTree(found) ? Object.entries(found).filter(([, name]) => typeof name === 'string') : [];
    return Object.fromEntries(entries) as Record<string, string>;
  } catch {
    return {};
  }
}
