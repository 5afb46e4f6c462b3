import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quorate, quorateProcess, workplace } from './cli.js';

const home = workplace();
const emptyFolder = (): string => mkdtempSync(join(home, 'empty-'));
interface Check {
  readonly name: string;
  readonly state: string;
  readonly text: string;
  readonly stepsPerSecond?: number;
  readonly chooses?: string;
}
const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('init', () => {
  it('writes, without questions, a configuration that validates', async () => {
    const here = emptyFolder();
    const written = await quorate(here, ['init', '--yes', '--seed', '7']);
    expect(written).toMatchObject({ status: 0, stderr: '' });
    const text = readFileSync(join(here, 'quorate.config.yaml'), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/quorate\.schema\.json\n/);
    expect(json(readFileSync(join(here, 'quorate.schema.json'), 'utf8'))).toHaveProperty('properties.seed');
    expect(await quorate(here, ['config', 'validate'])).toMatchObject({ status: 0, stderr: '' });
    const shown = json((await quorate(here, ['config', 'show', '--json'])).stdout);
    expect(shown).toMatchObject({ config: { seed: 7, experiment: 'mnist' } });
  });

  it('keeps a configuration that is there, unless forced', async () => {
    const here = emptyFolder();
    writeFileSync(join(here, 'quorate.config.yaml'), 'seed: 1\n');
    expect(await quorate(here, ['init', '--yes'])).toMatchObject({ status: 2, stdout: '' });
    expect(readFileSync(join(here, 'quorate.config.yaml'), 'utf8')).toBe('seed: 1\n');
    expect(await quorate(here, ['init', '--yes', '--force'])).toMatchObject({ status: 0 });
    expect(readFileSync(join(here, 'quorate.config.yaml'), 'utf8')).toContain('experiment: mnist');
  });

  it('takes your own data, and the run that it names next works', async () => {
    const here = emptyFolder();
    const rows = Array.from({ length: 120 }, (_, i) => `${i},${'ab'[i % 2]}`);
    writeFileSync(join(here, 'mine.csv'), ['id,label', ...rows].join('\n'));
    writeFileSync(join(here, 'ids.csv'), ['id', ...rows.map((row) => row.split(',')[0])].join('\n'));
    expect(await quorate(here, ['init', '--labels', 'nowhere.csv'])).toMatchObject({ status: 2 });
    expect(existsSync(join(here, 'quorate.config.yaml'))).toBe(false);
    expect(await quorate(here, ['init', '--labels', 'mine.csv'])).toMatchObject({ status: 0 });
    const run = await quorate(here, ['run', 'budget=160', '--out', 'r', '--json']);
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toContain('mine.csv: 100 tasks of 2 classes');
    expect(await quorate(here, ['init', '--labels', 'ids.csv', '--classes', 'a, b', '--force'])).toMatchObject({
      status: 0,
    });
    const { config } = json((await quorate(here, ['config', 'show', '--json'])).stdout) as { config: object };
    expect(config).toMatchObject({
      classes: ['a', 'b'],
      simulation: 'none',
      dataset: { labels: 'ids.csv', features: null },
    });
    expect((await quorate(here, ['run', '--out', 'r2'])).stdout).toContain('there is nobody to ask');
  });

  it('writes nothing for a preset that does not exist', async () => {
    const here = emptyFolder();
    const { status, stderr } = await quorate(here, ['init', '--experiment', 'imagenet_spilt_2']);
    expect(status).toBe(2);
    expect(stderr).toContain('Did you mean "imagenet_split_2"?');
    expect(existsSync(join(here, 'quorate.config.yaml'))).toBe(false);
  });
});

describe('config', () => {
  it('reports all problems at once, one line each, without a stack trace', async () => {
    const { status, stdout, stderr } = await quorate(emptyFolder(), ['config', 'validate', 'seed=x', 'budgte=3']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^Error: \[CONFIG_INVALID\] /);
  });

  it('reports them as JSON Lines on standard output with --json', async () => {
    const { status, stdout, stderr } = await quorate(emptyFolder(), [
      'config',
      'validate',
      'seed=x',
      'budgte=3',
      '--json',
    ]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    const records = stdout.trimEnd().split('\n').map(json);
    expect(records).toHaveLength(2);
    for (const record of records) {
      expect(Object.keys(record)).toEqual(['type', 'code', 'where', 'expected', 'got', 'fix']);
      expect(record).toMatchObject({ type: 'error', code: 'CONFIG_INVALID' });
    }
  });

  it('shows a configuration that is one again', async () => {
    const here = emptyFolder();
    const first = await quorate(here, ['config', 'show', 'sampler.hitSize=10']);
    expect(first.status).toBe(0);
    writeFileSync(join(here, 'quorate.config.yaml'), first.stdout);
    const second = await quorate(here, ['config', 'show', '--json']);
    expect(json(second.stdout)).toMatchObject({ config: { sampler: { hitSize: 10 } } });
  });

  it('prints a schema that knows the options of the components', async () => {
    const schema = json((await quorate(emptyFolder(), ['config', 'schema'])).stdout);
    expect(schema).toHaveProperty('properties.sampler.allOf.0.then.properties.hitSize');
  });
});

describe('plugins', () => {
  it('lists what is there and describes one component with its options', async () => {
    const here = emptyFolder();
    const listed = json((await quorate(here, ['plugins', '--json'])).stdout);
    expect(listed).toMatchObject({ failures: [] });
    expect(JSON.stringify(listed)).toContain('"greedy_task_assignment"');
    const described = await quorate(here, ['plugins', 'sampler/random']);
    expect(described.stdout).toContain('sampler.use=random');
    expect(described.stdout).toContain('hitSize  (default 40)');
    for (const line of described.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('names a plugin that throws while loading, lists the others, and refuses to run', async () => {
    const here = emptyFolder();
    writeFileSync(join(here, 'broken.mjs'), 'throw new Error("out of order");\n');
    writeFileSync(join(here, 'quorate.config.yaml'), 'plugins: ./broken.mjs\n');
    const { status, stdout } = await quorate(here, ['plugins']);
    expect(status).toBe(0);
    expect(stdout).toContain('@quorate/plugin-standard');
    expect(stdout).toContain('out of order');
    const refused = await quorate(here, ['run', '--out', 'r']);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^Error: \[PLUGIN_INVALID\] .*out of order.*\n$/);
    expect(existsSync(join(here, 'r'))).toBe(false);
  });
});

describe('data', () => {
  const content = Buffer.from('worker,class\n'.repeat(1000));
  /** Downloads go to the cache: here an empty one. */
  const alone = (here: string) => ({ QUORATE_CACHE_DIR: join(here, 'cache') });
  const sha256 = createHash('sha256').update(content).digest('hex');

  function withPlugin(url: string): string {
    const here = emptyFolder();
    const files = [{ path: 'counts/a b.csv', url, sha256, bytes: content.length }];
    const data = [{ name: 'tiny', summary: 'a small file', licence: 'CC0-1.0', files }];
    writeFileSync(
      join(here, 'tiny.mjs'),
      `import { definePlugin } from '@quorate/core';
export default definePlugin({ name: 'tiny', apiVersion: '^0.1.0', data: ${JSON.stringify(data)} });\n`,
    );
    writeFileSync(join(here, 'quorate.config.yaml'), 'plugins: [./tiny.mjs]\n');
    return here;
  }

  it('pulls from a mirror, once, and then knows that it is here', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror/`;
    try {
      const here = withPlugin('http://127.0.0.1:1/gone');
      const before = await quorate(here, ['data', 'list'], alone(here));
      expect(before.stdout).toContain('quorate data pull tiny');
      const pulled = await quorate(here, ['data', 'pull', 'tiny', '--url', base, '--json'], alone(here));
      expect(pulled).toMatchObject({ status: 0, stderr: '' });
      const [file] = json(pulled.stdout)['files'] as [{ file: string; status: string }];
      expect(file.status).toBe('downloaded');
      expect(readFileSync(file.file)).toEqual(content);
      expect(asked).toEqual(['/mirror/counts/a%20b.csv']);
      expect((await quorate(here, ['data', 'pull', 'tiny'], alone(here))).stdout).toContain('already here');
      expect(json((await quorate(here, ['data', 'list', '--json'], alone(here))).stdout)['data']).toContainEqual(
        expect.objectContaining({ name: 'tiny', complete: true }),
      );
    } finally {
      server.close();
    }
  });

  it('says in one line that nobody answers', async () => {
    const here = withPlugin('http://127.0.0.1:1/gone');
    const { status, stderr } = await quorate(here, ['data', 'pull', 'tiny'], alone(here));
    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^Error: \[DOWNLOAD_FAILED\] .*127\.0\.0\.1:1/);
  });

  it('suggests the name that was meant', async () => {
    const { status, stderr } = await quorate(emptyFolder(), ['data', 'pull', 'amt-worker']);
    expect(status).toBe(2);
    expect(stderr).toContain('Did you mean "amt-workers"?');
  });
});

describe('doctor', () => {
  it('as a process finds nothing wrong in an empty folder, says how fast a backend is, and which is taken', async () => {
    const { status, stdout, stderr } = await quorateProcess(emptyFolder(), ['doctor', '--json']);
    expect([status, stderr]).toEqual([0, '']);
    const { ok, checks } = json(stdout) as { ok: boolean; checks: Check[] };
    expect(ok).toBe(true);
    const names = checks.map(({ name }) => name);
    for (const name of [
      'node',
      'machine',
      'cache',
      'configuration',
      'plugins',
      'backend reference',
      'backend tfjs-node-gpu',
      'data amt-workers',
    ]) {
      expect(names).toContain(name);
    }
    const chosen = checks.find(({ name }) => name === 'backend auto')!.chooses!;
    const rate = (name: string) => checks.find((check) => check.name === `backend ${name}`)!.stepsPerSecond!;
    expect(rate('reference')).toBeGreaterThan(0);
    expect(rate(chosen)).toBeGreaterThan(rate('reference'));
  });

  it('still looks at the rest when the configuration does not parse', async () => {
    const here = emptyFolder();
    writeFileSync(join(here, 'quorate.config.yaml'), 'seed: [1\n');
    const { status, stdout } = await quorate(here, ['doctor', '--quick']);
    expect(status).toBe(2);
    expect(stdout).toMatch(/problem {2}configuration +.*CONFIG_UNREADABLE/);
    expect(stdout).toMatch(/ok {7}plugins/);
  });

  it('names a broken plugin, and looks at each backend alone: one crashes, one is not there, one chooses', async () => {
    const here = emptyFolder();
    writeFileSync(join(here, 'backends.mjs'), BACKENDS);
    writeFileSync(join(here, 'broken.mjs'), 'throw new Error("out of order");\n');
    writeFileSync(join(here, 'quorate.config.yaml'), 'plugins: [./backends.mjs, ./broken.mjs]\n');
    const { status, stdout } = await quorate(here, ['doctor', '--quick', '--json']);
    expect(status).toBe(2);
    const { checks } = json(stdout) as { checks: Check[] };
    const broken = { state: 'problem', text: expect.stringContaining('broken.mjs') as string };
    expect(checks).toContainEqual(expect.objectContaining(broken));
    const of = (name: string) => checks.find((check) => check.name === `backend ${name}`);
    expect(of('crashes')).toMatchObject({ state: 'problem', text: expect.stringContaining('SIGABRT') as string });
    expect(of('throws')).toMatchObject({ state: 'problem', text: expect.stringContaining('out of order') as string });
    expect(of('absent')).toMatchObject({ state: 'hint', text: 'it needs a quantum, and got none. Buy one.' });
    expect(of('choosing')).toMatchObject({ state: 'ok', chooses: 'reference' });
    expect(of('reference')).toMatchObject({ state: 'ok', text: 'starts' });
  });
});

const BACKENDS = `
import { QuorateError, T, defineComponent, definePlugin } from '@quorate/core';
import { z } from 'zod';
const backend = (name, create, inject = []) =>
  defineComponent({ kind: 'learnerBackend', name, summary: name, options: z.strictObject({}), inject, create });
export default definePlugin({ name: 'backends', apiVersion: '^0.1.0', components: [
  backend('crashes', () => process.abort()),
  backend('throws', () => { throw new Error('out of order'); }),
  backend('absent', () => {
    const detail = { where: 'backend "absent"', expected: 'a quantum', got: 'none', fix: 'Buy one.' };
    throw new QuorateError('BACKEND_UNAVAILABLE', detail);
  }),
  backend('choosing', (_, all) => all.find(({ name }) => name === 'reference').get(), [T.LearnerBackends]),
] });
`;

describe('the command line', () => {
  it('refuses what it does not know, in one or two lines', async () => {
    const here = emptyFolder();
    for (const [args, said] of [
      [['rnu'], 'Did you mean "quorate run"?'],
      [['agregate', 'file.csv'], 'Did you mean "quorate aggregate"?'],
      [['campain', 'start', 'x'], 'Did you mean "quorate campaign start"?'],
      [['run', '--colour'], 'Nonexistent flag: --colour'],
      [['run', 'sampler'], 'key=value'],
      [['data', 'pull'], 'Missing 1 required arg'],
      [['doctor', 'now'], '"doctor now" is not a quorate command'],
    ] as const) {
      const { status, stdout, stderr } = await quorate(here, args);
      expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' });
      expect(stderr).toContain(said);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });

  it('says as JSON alone that a command followed by arguments is mistyped', async () => {
    const { status, stdout, stderr } = await quorate(emptyFolder(), ['agregate', 'file.csv', '--json']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'USAGE',
      got: 'agregate',
      fix: 'Did you mean "quorate aggregate"?',
    });
  });

  it('shows examples in the help of the root', async () => {
    const { status, stdout } = await quorate(emptyFolder(), ['--help']);
    expect(status).toBe(0);
    const commands = [...stdout.matchAll(/\$ quorate ([a-z]+)/g)].map(([, name]) => name);
    expect(commands).toEqual(['aggregate', 'workers', 'run', 'init', 'doctor']);
  });
});
