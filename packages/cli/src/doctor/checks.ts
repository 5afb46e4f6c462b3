import { accessSync, constants, mkdirSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { isQuorateError, messageOf } from '@quorate/core';
import { cacheDir, createFiles, dataStatus, display, prepare, type Found, type PrepareRequest } from '@quorate/host';
import { backendChecks } from './backends.js';
import { pluginsOf } from './plugins.js';
import { describeFailure } from '../failure.js';
import { totalSize } from '../terminal/catalogue.js';
import { plural, size } from '../terminal/format.js';
import type { Check } from './check.js';

/** Looks at everything that a run here depends on. Changes nothing but creates the cache folder. */
export async function examine(request: PrepareRequest, quick: boolean): Promise<Check[]> {
  const { found, thrown } = await pluginsOf(request);
  const checks = [node(), machine(), cache(request.env), await configuration(request), ...plugins(found)];
  if (thrown !== undefined && !isQuorateError(thrown)) {
    checks.push({ name: 'plugins', state: 'problem', text: messageOf(thrown) });
  }
  checks.push(...(await backendChecks(found.registry, request.file, quick)), ...data(found, request));
  return checks;
}

/** The least version of `engines` in package.json. */
const LEAST_NODE = [20, 19] as const;

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const text = `Node.js ${process.versions.node} on ${process.platform} ${process.arch}`;
  return enough
    ? { name: 'node', state: 'ok', text }
    : { name: 'node', state: 'problem', text: `${text}; install ${LEAST_NODE.join('.')} or newer` };
}

function machine(): Check {
  return {
    name: 'machine',
    state: 'ok',
    text: `${plural(availableParallelism(), 'core')}, ${size(totalmem())} of memory`,
  };
}

function cache(env: PrepareRequest['env']): Check {
  const folder = cacheDir(env);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return { name: 'cache', state: 'ok', text: folder };
  } catch (thrown) {
    const text = `${folder} cannot be written (${messageOf(thrown)}); set QUORATE_CACHE_DIR to another folder`;
    return { name: 'cache', state: 'problem', text };
  }
}

async function configuration(request: PrepareRequest): Promise<Check> {
  const name = 'configuration';
  try {
    const { file } = await prepare(request);
    const text =
      file === null
        ? 'no file; runs use the embedded default (quorate init writes one)'
        : `${display(file, request.cwd)} is valid`;
    return { name, state: 'ok', text };
  } catch (thrown) {
    const lines = describeFailure(thrown).lines.map((line) => line.replace(/^Error: /, ''));
    return { name, state: 'problem', text: lines.join(' ') };
  }
}

function plugins({ plugins: loaded, failures }: Found): Check[] {
  return [
    { name: 'plugins', state: 'ok', text: `${plural(loaded.length, 'plugin')} loaded` },
    ...failures.map(({ spec, error }): Check => ({
      name: 'plugins',
      state: 'problem',
      text: `${spec}: ${messageOf(error)}`,
    })),
  ];
}

function data({ plugins: loaded, baseDir }: Found, { cwd, env }: PrepareRequest): Check[] {
  const files = createFiles({ cwd, baseDir, env, onNote: () => undefined });
  const declarations = loaded.flatMap(({ plugin }) => plugin.data ?? []);
  return dataStatus(declarations, files).map(({ declaration: { name }, files: there, complete }): Check => {
    const label = `data ${name}`;
    return complete
      ? { name: label, state: 'ok', text: there[0]?.file ?? 'here' }
      : { name: label, state: 'hint', text: `not here; quorate data pull ${name} gets it (${totalSize(there)})` };
  });
}
