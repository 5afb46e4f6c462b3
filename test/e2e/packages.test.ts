import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData, type Package } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { root, workplace } from './cli.js';

interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly repository?: { readonly url: string; readonly directory: string };
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly quorate?: { readonly apiVersion: string };
}

const folders = ['packages', 'plugins']
  .flatMap((place) => readdirSync(join(root, place)).map((name) => `${place}/${name}`))
  .filter((folder) => existsSync(join(root, folder, 'package.json')));

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

const readManifest = (folder: string): Manifest & { readonly version: string } =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest & { readonly version: string };

/** What a package's tarball is called, by npm. */
const tarballOf = ({ name }: Manifest, version: string): string =>
  `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;

describe.each(folders)('%s, packed', (folder) => {
  const manifest = readManifest(folder);
  let tarball: Buffer;
  let packed: Package;
  let files: readonly string[];
  const read = (file: string): string => packed.readFile(`/node_modules/${manifest.name}/${file}`);

  beforeAll(() => {
    tarball = readFileSync(join(tarballs(), tarballOf(manifest, manifest.version)));
    packed = createPackageFromTarballData(tarball);
    files = packed.listFiles().map((file) => file.slice(`/node_modules/${manifest.name}/`.length));
  });

  it('says what it is, under which licence and where it comes from', () => {
    expect(read('LICENSE')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
    expect(read('README.md')).toMatch(/^# /);
    const { name, ...said } = JSON.parse(read('package.json')) as Manifest;
    expect(said).toMatchObject({
      license: 'MIT',
      description: expect.stringMatching(/\w+ \w+/) as string,
      keywords: expect.arrayContaining([folder.startsWith('plugins') ? 'quorate-plugin' : 'annotation']) as string[],
      repository: { url: 'git+https://github.com/quorate/quorate.git', directory: folder },
      homepage: expect.stringContaining(folder) as string,
      publishConfig: { access: 'public' },
      engines: { node: '>=20.19.0' },
    });
    expect(name).toMatch(folder.startsWith('plugins') ? /^@quorate\/plugin-/ : /^(@quorate\/|quorate$)/);
  });

  it('holds what it exports, with types, and nothing of its tests', () => {
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (typeof target === 'string') continue;
      const { types, default: code } = target as Record<string, string>;
      expect(files, subpath).toEqual(expect.arrayContaining([types!.slice(2), code!.slice(2)]));
    }
    expect(files.filter((file) => /\.(test|laws|mutants|fixture)\.|(^|\/)(test|fixtures?)\/|\.tsbuildinfo$/.test(file)))
      // The templates of tests are what `quorate generate plugin` writes.
      .toEqual(files.filter((file) => /^templates\/plugin\/kinds\/[a-z-]+\.laws\.ts$/.test(file)));
    expect(files.filter((file) => file.startsWith('src/'))).toEqual([]);
    if (folder === 'packages/cli') expect(files).toContain('oclif.manifest.json');
  });

  it('shows its sources where a debugger looks', () => {
    const maps = files.filter((file) => file.endsWith('.map'));
    expect(maps.filter((file) => file.endsWith('.d.ts.map'))).toEqual([]);
    expect(maps.filter((file) => file.endsWith('.js.map'))).not.toEqual([]);
    const mute = maps.filter((file) => {
      const { sources, sourcesContent = [] } = JSON.parse(read(file)) as SourceMap;
      return sourcesContent.length !== sources.length || sourcesContent.some((text) => text === null);
    });
    expect(mute).toEqual([]);
  });

  it.runIf(manifest.peerDependencies?.['@quorate/core'])('installs beside the cores whose API it speaks', async () => {
    const range = manifest.peerDependencies!['@quorate/core'];
    const { API_VERSION } = await import('@quorate/core');
    expect(readManifest('packages/core').version).toBe(API_VERSION);
    expect(range).toBe(manifest.quorate?.apiVersion ?? `^${API_VERSION}`);
    if (!manifest.quorate) return;
    const { default: plugin } = (await import(manifest.name)) as { default: { apiVersion: string } };
    expect(plugin.apiVersion).toBe(range);
  });

  it('pleases publint and are-the-types-wrong', async () => {
    const pack = { tarball: new Uint8Array(tarball).buffer };
    const { messages, pkg } = await publint({ strict: true, pack });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    const checked = await checkPackage(packed);
    expect(checked.types).not.toBe(false);
    // For ES modules only: neither `require` nor the resolution of Node 10 is served.
    const served = 'problems' in checked ? checked.problems : [];
    const problems = served.filter((problem) => {
      return !('resolutionKind' in problem) || !['node10', 'node16-cjs'].includes(problem.resolutionKind);
    });
    expect(problems).toEqual([]);
  });
});

let packedInto: string | undefined;

/** All packages, packed once. */
function tarballs(): string {
  if (packedInto !== undefined) return packedInto;
  packedInto = workplace();
  const args = ['pack', '--workspaces', '--silent', '--pack-destination', packedInto];
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return packedInto;
}
