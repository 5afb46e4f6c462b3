import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { packagesBelow, root } from './sources.js';

const pages = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));

it('docs/contracts is what `npm run docs` makes of the doc comments', () => {
  const typedoc = join(dirname(createRequire(import.meta.url).resolve('typedoc/package.json')), 'bin/typedoc');
  const out = mkdtempSync(join(tmpdir(), 'quorate-docs-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, [typedoc, '--out', out], { cwd: root, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    expect(pages(join(root, 'docs/contracts'))).toEqual(pages(out));
  } finally {
    rmSync(out, { recursive: true });
  }
});

it('there is a page of every contract', () => {
  const contracts = readdirSync(join(root, 'packages/core/src/contracts')).filter((file) => file !== 'index.ts');
  const wanted = contracts.map((file) => file.replace('.ts', '.md'));
  expect(Object.keys(pages(join(root, 'docs/contracts'))).sort()).toEqual([...wanted, 'README.md'].sort());
});

it.each(['plugins', 'packages'] as const)('%s/README.md speaks of every folder beside it', (place) => {
  const page = readFileSync(join(root, place, 'README.md'), 'utf8');
  const folders = packagesBelow(place).map((folder) => folder.slice(place.length + 1));
  expect(folders.filter((name) => !page.includes(`[\`${name}\`](${name})`))).toEqual([]);
});
