import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokenOnLoading } from './broken-plugins-loading.js';
import { brokenOnRunning } from './broken-plugins-running.js';
import { start, workplace } from './cli.js';

const brokenPlugins = [...brokenOnLoading, ...brokenOnRunning];

describe('a broken plugin is named, with the reason and a fix', () => {
  const home = workplace();

  it.concurrent.each(brokenPlugins.map((broken) => [broken.name, broken] as const))('%s', async (name, broken) => {
    const folder = join(home, name.replaceAll(/\W+/g, '-'));
    const file = `rotten.${broken.extension ?? 'js'}`;
    mkdirSync(folder);
    writeFileSync(join(folder, file), broken.source);
    const words = [`plugins=["./${file}"]`, 'method=ds_model', 'budget=200', ...broken.words];
    const { status, stderr } = await start(folder, ['run', ...words, '--out', 'run']).ended;
    expect(stderr).toMatch(broken.says);
    expect(stderr).toMatch(/^Error: \[[A-Z_]+\] .*rotten/m);
    expect(stderr).not.toMatch(/\n\s+at |bug in quorate/);
    expect(status).toBe(2);
  });

  it('and does not take the others down', async () => {
    const folder = join(home, 'others');
    mkdirSync(folder);
    const files = brokenPlugins
      .filter(({ words, name }) => words.length === 0 && !name.includes('forever'))
      .map(({ source, extension }, x) => {
        const file = `./rotten-${x}.${extension ?? 'js'}`;
        writeFileSync(join(folder, file), source);
        return file;
      });
    const good = `import { defineComponent, definePlugin } from '@quorate/core';
      import { z } from 'zod';
      const measure = () => ({ measure: () => 7 });
      const seven = { kind: 'metric', name: 'seven', summary: 's', options: z.strictObject({}), create: measure };
      export default definePlugin({ name: 'good', apiVersion: '^0.1.0', components: [defineComponent(seven)] });`;
    writeFileSync(join(folder, 'good.js'), good);
    writeFileSync(join(folder, 'quorate.config.json'), JSON.stringify({ plugins: [...files, './good.js'] }));
    const { status, stdout } = await start(folder, ['plugins', '--json']).ended;
    expect(status).toBe(0);
    const { plugins, failures } = JSON.parse(stdout) as { plugins: { name: string }[]; failures: { spec: string }[] };
    expect(failures.map(({ spec }) => spec)).toEqual(files);
    expect(plugins.map(({ name }) => name)).toEqual(expect.arrayContaining(['good', '@quorate/plugin-standard']));
  });
});

describe('what a configuration says of plugins cannot reach beyond them', () => {
  const home = workplace();

  it.each([
    ['a path out of the project to something that is no module', 'plugins=["../../../../../../etc/passwd"]', /passwd/],
    ['a package name with a way out', 'plugins=["quorate/../../../etc"]', /PLUGIN_(NOT_FOUND|INVALID)/],
    ['options that reach for the prototype', 'sampler={"use":"random","__proto__":{"hitSize":1}}', /__proto__/],
    ['a key that reaches for the prototype', 'sampler.__proto__.hitSize=1', /__proto__/],
    ['a key that reaches for the constructor', 'constructor.prototype.polluted=1', /constructor/],
  ])('%s', async (_name, word, says) => {
    const { status, stderr } = await start(home, ['run', word, '--out', 'run']).ended;
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/\n\s+at |bug in quorate/);
    expect(status).toBe(2);
  });
});
