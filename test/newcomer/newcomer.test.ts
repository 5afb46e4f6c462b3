import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyCheckout } from './checkout.js';
import { lines, root, workplace } from '../e2e/cli.js';
import { startRegistry, upstream, type Registry } from './registry.js';

const uplink = upstream();
const reachable = await fetch(new URL('zod', uplink), { method: 'HEAD', signal: AbortSignal.timeout(10_000) }).then(
  ({ ok }) => ok,
  () => false,
);
if (!reachable) console.warn(`The newcomer's tests are skipped: the npm registry ${uplink} does not answer.`);

/** What npm tells its scripts of the checkout that these tests run in is not for a stranger's folder. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(cache|userconfig)$)|NODE_OPTIONS|NODE_ENV|VITEST|TEST$|INIT_CWD|QUORATE_)/i.test(name),
  ),
);

describe.skipIf(!reachable)('a newcomer, with the packages as a registry has them', () => {
  const home = workplace();
  const project = join(home, 'project');
  const plugin = join(project, 'quorate-plugin-curious');
  let registry: Registry;

  /** Runs a command and gives what it printed; any end but the expected one fails the test. */
  function command(cwd: string, line: string, expected = 0): Promise<string> {
    const [program, ...args] = line.split(' ');
    const env = {
      ...environment,
      CI: 'true',
      NO_COLOR: '1',
      NX_DAEMON: 'false',
      QUORATE_CACHE_DIR: join(home, 'cache'),
    };
    const child = spawn(program!, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const began = performance.now();
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => {
        console.info(`${((performance.now() - began) / 1000).toFixed(1)} s  ${line.replace(root, '')}`);
        if (status === expected) resolve(output);
        else reject(new Error(`${line} ended with ${status}:\n${output}\n${registry.log()}`));
      });
    });
  }

  /** A folder whose npm uses the local registry; what is in the cache is not asked for again. */
  function folder(path: string): string {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, '.npmrc'), `${registry.npmrc}audit=false\nfund=false\nprefer-offline=true\n`);
    return path;
  }

  beforeAll(async () => {
    registry = await startRegistry(join(home, 'registry'), uplink);
    const checkout = join(home, 'checkout');
    copyCheckout(checkout, registry.npmrc);
    const lerna = `${process.execPath} ${join(root, 'node_modules/lerna/dist/cli.js')}`;
    await command(checkout, `${lerna} version patch --yes --no-push`);
    await command(checkout, `${lerna} publish from-package --yes --no-verify-access --registry ${registry.url}`);
    await command(folder(project), 'npm init -y');
    await command(project, 'npm install quorate');
  }, 300_000);
  afterAll(() => registry.stop());

  it('gets the version that lerna made and published, the same of every package', () => {
    const here = JSON.parse(readFileSync(join(root, 'lerna.json'), 'utf8')) as { version: string };
    const next = here.version.replace(/\d+$/, (patch) => String(Number(patch) + 1));
    const manifest = (name: string): unknown =>
      JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8'));
    expect(manifest('quorate')).toMatchObject({ version: next, dependencies: { '@quorate/engine': `^${next}` } });
    expect(manifest('@quorate/plugin-standard')).toMatchObject({ version: next });
  });

  it('runs the first command of the README', async () => {
    expect(lines(root, 'README.md').join('\n')).toMatch(/^npx quorate run /m);
    expect(await command(project, 'npx quorate run budget=500')).toMatch(/500 annotations of 50 workers/);
  });

  it('generates a plugin, tests it, changes its rule and runs with it', async () => {
    await command(project, 'npx quorate generate plugin quorate-plugin-curious --kind sampler');
    folder(plugin);
    await command(plugin, 'npm install');
    await command(plugin, 'npm test');
    const file = join(plugin, 'src/sampler.ts');
    const source = readFileSync(file, 'utf8');
    const changed = source.replace('Math.min(hitSize,', 'Math.min(7, hitSize,');
    expect(changed).not.toBe(source);
    writeFileSync(file, changed);
    await command(plugin, 'npm test');
    await command(plugin, 'npm run build');
    await command(project, 'npm install ./quorate-plugin-curious');
    const run = 'npx quorate run method=ds_model sampler.use=curious budget=70 --out curious';
    expect(await command(project, run)).toMatch(/70 annotations .* in 10 steps/);
  });

  it('publishes a learner, finds it by one line of configuration, and misses it by name', async () => {
    const author = join(home, 'third-party-plugin');
    cpSync(join(root, 'examples/third-party-plugin'), author, {
      recursive: true,
      filter: (path) => !/[/\\](node_modules|dist)$/.test(path),
    });
    folder(author);
    await command(author, 'npm install');
    expect(await command(author, 'npm test')).toMatch(/1 passed/);
    await command(author, 'npm publish');

    await command(project, 'npm install quorate-plugin-nearest-neighbours');
    writeFileSync(join(project, 'quorate.config.yaml'), 'learner: { use: nearest_neighbours }\n');
    await command(project, 'npx quorate run budget=400 --out neighbours');
    const { config } = JSON.parse(readFileSync(join(project, 'neighbours/run.json'), 'utf8')) as {
      config: { learner: unknown };
    };
    expect(config.learner).toMatchObject({ use: 'nearest_neighbours', neighbours: 7 });

    await command(project, 'npm uninstall quorate-plugin-nearest-neighbours');
    const missed = await command(project, 'npx quorate run budget=400', 2);
    expect(missed).toMatch(/"nearest_neighbours"/);
    expect(missed).toMatch(/npm install quorate-plugin-nearest-neighbours/);
    expect(missed).not.toMatch(/\n\s+at /);
  });

  it('uses the engine as a library, in TypeScript', async () => {
    const [, block] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, 'packages/engine/README.md'), 'utf8'))!;
    const program = folder(join(home, 'program'));
    const used = [...block!.matchAll(/from '(@quorate\/[^']+)'/g)].map(([, name]) => name!);
    writeFileSync(join(program, 'package.json'), '{ "private": true, "type": "module" }');
    await command(program, `npm install ${used.join(' ')} typescript@~6.0.3 @types/node@20`);
    writeFileSync(join(program, 'program.ts'), block!);
    await command(program, 'npx tsc --strict --module nodenext --target es2022 --types node program.ts');
    expect(await command(program, 'node program.js')).toMatch(/it was interrupted .*labels\.csv\n$/);
  });
});
