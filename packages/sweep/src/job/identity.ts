import { createHash } from 'node:crypto';
import { API_VERSION, T, compose, kinds, makeRng, sectionOf } from '@quorate/core';
import { createFiles, type Prepared } from '@quorate/host';
import { dataOf, hashOfFile } from './fingerprint.js';

/** What a run is, whoever computes it and wherever: equal identities give equal bytes. */
export interface Identity {
  /** The resolved configuration without the name of the run, the names of plugins and the number of threads. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly api: string;
  /** Versions of the plugins that bring parts or presets; of a file of the user's own the hash of its content. */
  readonly plugins: Readonly<Record<string, string>>;
  /** The learner backend that starts here; null where the run needs none. */
  readonly backend: string | null;
  /** `dataOf`. */
  readonly data: string;
}

export interface Here {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function identityOf(prepared: Prepared, here: Here): Promise<Identity> {
  const { name: _name, plugins: _plugins, [sectionOf.learnerBackend]: backend, ...others } = prepared.config.resolved;
  const { threads: _threads, ...withoutThreads } = (backend ?? {}) as Record<string, unknown>;
  const plugins: Record<string, string> = {};
  for (const { plugin, packageName, version, file } of prepared.plugins) {
    // What has runs done has no part in what comes out of them.
    if ((plugin.components ?? []).length + (plugin.presets ?? []).length === 0) continue;
    plugins[plugin.name] = packageName === null ? await hashOfFile(file) : (version ?? '');
  }
  return {
    config: backend === undefined ? others : { ...others, [sectionOf.learnerBackend]: withoutThreads },
    api: API_VERSION,
    plugins,
    backend: await backendOf(prepared, here),
    data: await dataOf(prepared, here.cwd, here.env),
  };
}

/** SHA-256 of an identity, in hex. */
export function keyOf(identity: Identity): string {
  return createHash('sha256').update(canonical(identity)).digest('hex');
}

/** The part of a key that folders and people know a run by. */
export function idOf(key: string): string {
  return key.slice(0, 16);
}

/** JSON with the keys of every object sorted. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** By section of the configuration: starting a backend takes a while. */
const backends = new Map<string, Promise<string>>();

/** The name of the learner backend that the run would compute with here; null where it needs none. */
async function backendOf({ registry, config, baseDir }: Prepared, { cwd, env }: Here): Promise<string | null> {
  const { choices } = config;
  const composition = compose({ registry, choices, rng: makeRng(0) });
  const roots = kinds.filter((kind) => kind !== 'learnerBackend' && choices[kind] !== undefined);
  const reached = composition.reach(roots).find(({ component }) => component.kind === 'learnerBackend');
  if (!reached) {
    await composition.dispose();
    return null;
  }
  const key = canonical(config.resolved[sectionOf.learnerBackend]);
  const known = backends.get(key);
  if (known) return known;
  const started = (async () => {
    composition.provide(T.Files, createFiles({ cwd, baseDir, env, onNote: () => undefined }));
    try {
      return (await composition.get('learnerBackend')).name;
    } finally {
      await composition.dispose();
    }
  })();
  backends.set(key, started);
  return started;
}
