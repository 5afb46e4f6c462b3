import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Files } from '@quorate/core';

type Environment = Readonly<Record<string, string | undefined>>;

export interface FilesRequest {
  readonly cwd: string;
  /** The folder of the configuration file. */
  readonly baseDir: string;
  readonly env: Environment;
  readonly onNote: (message: string) => void;
}

/** Quorate's folder in the user's cache: QUORATE_CACHE_DIR, else where the system keeps caches. */
export function cacheDir(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const set = (name: string): string | undefined => env[name] || undefined;
  const own = set('QUORATE_CACHE_DIR');
  if (own !== undefined) return resolve(own);
  const home = set('HOME') ?? set('USERPROFILE') ?? homedir();
  if (platform === 'win32') return join(set('LOCALAPPDATA') ?? join(home, 'AppData', 'Local'), 'quorate');
  const xdg = set('XDG_CACHE_HOME');
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'quorate');
  return join(home, ...(platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']), 'quorate');
}

/** Where downloaded data sets are, below `cacheDir`. */
export function dataFolder(cache: string, data: string): string {
  return join(cache, 'data', data);
}

/** The `T.Files` of a run. */
export function createFiles({ cwd, baseDir, env, onNote }: FilesRequest): Files {
  const cache = cacheDir(env);
  const dataDir = env['QUORATE_DATA_DIR'] || undefined;
  return {
    resolve: (path) => {
      if (isAbsolute(path)) return path;
      const beside = resolve(baseDir, path);
      // Words of the command line are written as seen from the working directory.
      const here = resolve(cwd, path);
      return !existsSync(beside) && existsSync(here) ? here : beside;
    },
    locate: (data, file) => {
      const places = [join(dataFolder(cache, data), file)];
      if (dataDir !== undefined) {
        const root = resolve(cwd, dataDir);
        // The folder may carry the data set's whole name or its first word: `amt/` for amt-workers.
        places.unshift(join(root, file), join(root, data, file), join(root, data.split('-')[0]!, file));
      }
      return places.find((place) => statSync(place, { throwIfNoEntry: false })?.isFile());
    },
    cacheDir: join(cache, 'computed'),
    note: onNote,
  };
}
