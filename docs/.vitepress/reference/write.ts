/** Writes the pages that are made from the source: commands, parts, presets, configuration, errors and READMEs. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandPages } from './commands.js';
import { configurationPages } from './configuration.js';
import { readmePages } from './readmes.js';

const docs = join(import.meta.dirname, '../..');
for (const folder of ['reference', 'packages', 'plugins', 'examples'])
  rmSync(join(docs, folder), { recursive: true, force: true });
for (const [path, text] of [...(await commandPages()), ...(await configurationPages()), ...readmePages()]) {
  mkdirSync(dirname(join(docs, path)), { recursive: true });
  writeFileSync(join(docs, path), text);
}
