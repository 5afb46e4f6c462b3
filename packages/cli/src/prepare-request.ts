import type { PrepareRequest } from '@quorate/host';
import { builtinPlugins } from './builtin-plugins.js';

/** What the engine needs to know of this command line: here, this environment, the plugins that come with it. */
export function prepareRequest(given: {
  readonly words: readonly string[];
  readonly config: string | undefined;
  readonly base?: PrepareRequest['base'];
}): PrepareRequest {
  return {
    cwd: process.cwd(),
    env: process.env,
    overrides: given.words,
    builtins: builtinPlugins(),
    ...(given.config === undefined ? {} : { file: given.config }),
    ...(given.base === undefined ? {} : { base: given.base }),
  };
}
