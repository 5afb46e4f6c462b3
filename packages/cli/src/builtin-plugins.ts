import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PluginRef } from '@quorate/host';

const manifest = new URL('../package.json', import.meta.url);

/** The plugins that come with the command line: its own dependencies that are plugins, resolved from its own package. */
export function builtinPlugins(): PluginRef[] {
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies: Record<string, string> };
  return Object.keys(dependencies)
    .filter((name) => name.startsWith('@quorate/plugin-'))
    .map((spec) => ({ spec, from: fileURLToPath(manifest), origin: 'builtin' }));
}
