import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import imagenet from '@quorate/plugin-imagenet-sandbox';
import { quorate, root, workplace } from './cli.js';
import { npy } from './npy.js';
import { photos } from './photos.js';

const pages = ['docs', 'docs/guides'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`),
);
const readmes = [
  'README.md',
  'CONTRIBUTING.md',
  ...pages,
  ...['packages', 'plugins', 'examples'].flatMap(readmesBelow),
];
function readmesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const inside = readdirSync(join(root, folder)).map((name) => `${folder}/${name}/README.md`);
  return [`${folder}/README.md`, ...inside].filter((file) => existsSync(join(root, file)));
}

/** Contents of the fenced blocks of a language. `text` blocks are for the eye only. */
function blocks(file: string, language: string): string[] {
  const fences = readFileSync(join(root, file), 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...fences].filter(([, name]) => name === language).map(([, , text]) => text!);
}

const shared = process.env['QUORATE_SHARED'] ?? join(root, '../shared');
const amtCounts = join(shared, 'data');
const haveCounts = existsSync(join(amtCounts, 'amt/group_workers.json'));

const commands = readmes.flatMap((file) =>
  blocks(file, 'sh').flatMap((block) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== '')
      .map((line) => [file, line] as const),
  ),
);
const elsewhere = [
  'npm ci', // the first line of CI
  'npm test', // this
  'npx quorate run', // run.test.ts
  'npx quorate doctor --quick', // cli.test.ts
  'npx quorate data pull amt-workers', // the network; packages/engine/src/data-pull.test.ts has a local server
];

describe('every command of a README runs', () => {
  const homes = new Map<string, string>();
  const album = workplace();
  beforeAll(() => photos(join(album, 'photos'), 40));
  it.each(commands.filter(([, line]) => !elsewhere.includes(line)))('%s: %s', async (file, line) => {
    expect(line.startsWith('npx quorate '), 'sh blocks hold quorate commands; use text for others').toBe(true);
    if (line.includes('amt_') && !haveCounts) return console.warn(`skipped without the AMT counts: ${line}`);
    const home = homes.get(file) ?? prepared(workplace(), album);
    homes.set(file, home);
    let words = line.split(/\s+/).slice(2);
    // The first page's commands run as they are. Those of the other pages, whole experiments, end after 200 answers.
    if (words[0] === 'run' && file !== 'README.md' && !words.includes('--resume')) {
      words = [...words.filter((word) => !word.startsWith('budget=')), 'budget=200'];
    }
    const { status, stderr } = await quorate(home, words, haveCounts ? { QUORATE_DATA_DIR: amtCounts } : {});
    expect(`${status} ${stderr}`).toMatch(/^0 /);
  });
});

/**
 * With what READMEs speak of: the answers of an example, a folder `photos`, and `F.npy` and `L.csv`, rows of the classes
 * of imagenet_split_2.
 */
function prepared(home: string, album: string): string {
  for (const example of ['examples/crowd-answers', 'examples/recorded-answers', 'examples/model-first']) {
    cpSync(join(root, example), join(home, example), { recursive: true });
  }
  cpSync(join(album, 'photos'), join(home, 'photos'), { recursive: true });
  const preset = imagenet.presets?.find(({ name }) => name === 'imagenet_split_2');
  const wnids = preset?.config['classes'] as string[];
  const rows = wnids.flatMap((wnid) => Array.from({ length: 14 }, (_, i) => `${wnid}-${i},${wnid}`));
  writeFileSync(join(home, 'L.csv'), ['id,label', ...rows].join('\n'));
  writeFileSync(
    join(home, 'F.npy'),
    npy(
      rows.flatMap((_, row) => [row % 7, row % 5]),
      [rows.length, 2],
    ),
  );
  return home;
}

describe('every TypeScript block of a README compiles', () => {
  const sources = readmes.flatMap((file) => blocks(file, 'ts').map((text, n) => [file, n, text] as const));
  const fileOf = (file: string, n: number): string => `${file.replace('.md', '')}/${n}/block.ts`;
  let errors: string[];
  beforeAll(() => {
    // Beside the sources that it talks about, so that its imports mean what a reader thinks they mean.
    const folder = join(root, 'node_modules/.cache/readme');
    rmSync(folder, { recursive: true, force: true });
    for (const [file, n, text] of sources) {
      mkdirSync(dirname(join(folder, fileOf(file, n))), { recursive: true });
      writeFileSync(join(folder, fileOf(file, n)), text);
    }
    const config = {
      extends: join(root, 'tsconfig.base.json'),
      // Blocks are no part of each other, also those that import and export nothing.
      compilerOptions: {
        ...{
          noEmit: true,
          composite: false,
          declaration: false,
          declarationMap: false,
          sourceMap: false,
          inlineSources: false,
        },
        moduleDetection: 'force',
      },
      files: sources.map(([file, n]) => fileOf(file, n)),
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const args = [tsc, '-p', '.', '--pretty', 'false'];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: folder });
    errors = stdout.split(/\n(?! )/).filter((error) => error !== '');
  });
  it.each(sources)('%s, block %i', (file, n) => {
    expect(errors.filter((error) => error.startsWith(`${fileOf(file, n)}(`))).toEqual([]);
  });
  it('and nothing else is wrong', () => {
    const known = sources.map(([file, n]) => `${fileOf(file, n)}(`);
    expect(errors.filter((error) => !known.some((start) => error.startsWith(start)))).toEqual([]);
  });
});

describe('the plugin of plugins/README.md', () => {
  it('is found beside the config that names it, and annotates', async () => {
    const home = workplace();
    writeFileSync(join(home, 'riskiest.ts'), blocks('plugins/README.md', 'ts')[0]!);
    writeFileSync(join(home, 'quorate.config.yaml'), blocks('plugins/README.md', 'yaml')[0]!);
    const words = ['method=ds_model', 'experiment=synthetic', 'dataset.itemsPerClass=20', 'budget=60', '--out', 'run'];
    const { status, stderr } = await quorate(home, ['run', ...words]);
    expect(`${status} ${stderr}`).toBe('0 ');
    expect(readFileSync(join(home, 'run/annotations.csv'), 'utf8').trim().split('\n')).toHaveLength(61);
    expect((await quorate(home, ['plugins', 'riskiest'])).stdout).toContain('cap');
  });
});
