import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from './markdown.js';

const root = join(import.meta.dirname, '../../..');

/** The READMEs of packages, plugins and examples, at the same places below `docs`; `links.ts` leads their links. */
export function readmePages(): Page[] {
  return ['packages', 'plugins', 'examples'].flatMap((place) => {
    const inside = readdirSync(join(root, place)).map((name) => `${place}/${name}/README.md`);
    const files = [`${place}/README.md`, ...inside].filter((file) => existsSync(join(root, file)));
    return files.map((file): Page => [file, readFileSync(join(root, file), 'utf8')]);
  });
}
