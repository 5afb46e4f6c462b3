import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** vitest globalSetup of the e2e project: its tests run the built command line, so everything is built once before. */
export default function build(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const folders = readdirSync(new URL('../../plugins', import.meta.url), { withFileTypes: true });
  const plugins = folders.filter((entry) => entry.isDirectory()).map(({ name }) => `plugins/${name}`);
  execFileSync(process.execPath, [tsc, '-b', 'packages/cli', ...plugins], { cwd: root, stdio: 'inherit' });
}
