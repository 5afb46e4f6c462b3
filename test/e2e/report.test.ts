import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quorate, workplace } from './cli.js';

const browserPath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
const python = ['pandas', 'pyarrow'].every((name) => spawnSync('python3', ['-c', `import ${name}`]).status === 0);

const home = workplace();
beforeAll(async () => {
  const words = ['method=ds_model,quorate', 'seed=1..3', 'experiment=synthetic', 'budget=400', '-j', '2'];
  expect((await quorate(home, ['sweep', ...words, '--out', 'study'])).status).toBe(0);
  const { status, stdout, stderr } = await quorate(home, ['report', 'study']);
  expect(`${status} ${stderr}`).toBe('0 ');
  expect(stdout).toMatch(/quorate is better than ds_model/);
});

it('writes every picture as SVG, PNG and PDF, every table as Markdown, CSV, LaTeX and Parquet', () => {
  const byName = (folder: string): Record<string, string[]> => {
    const names: Record<string, string[]> = {};
    for (const file of readdirSync(join(home, 'study', folder))) {
      const [name, kind] = file.split('.') as [string, string];
      names[name] = [...(names[name] ?? []), kind].sort();
    }
    return names;
  };
  for (const kinds of Object.values(byName('figures'))) expect(kinds).toEqual(['json', 'pdf', 'png', 'svg']);
  for (const kinds of Object.values(byName('tables'))) expect(kinds).toEqual(['csv', 'md', 'parquet', 'tex']);
  expect(Object.keys(byName('tables'))).toEqual(['annotations-to', 'comparisons', 'summary']);
});

it('comes out the same, byte for byte, when it is made again', async () => {
  const before = readFileSync(join(home, 'study/report.html'), 'utf8');
  expect((await quorate(home, ['report', 'study'])).status).toBe(0);
  expect(readFileSync(join(home, 'study/report.html'), 'utf8') === before).toBe(true);
});

it('compares two runs, and is written by quorate run itself', async () => {
  for (const [out, method] of [
    ['a', 'ds_model'],
    ['b', 'quorate'],
  ] as const) {
    // prettier-ignore
    const words = ['run', `method=${method}`, 'experiment=synthetic', 'budget=400', '--out', out, '--report'];
    const { status, stdout } = await quorate(home, words);
    expect(status).toBe(0);
    expect(stdout).toContain('report.html');
    expect(existsSync(join(home, out, 'report.html'))).toBe(true);
  }
  const { status, stdout } = await quorate(home, ['report', 'a', 'b']);
  expect(`${status} ${stdout}`).toMatch(/^0 [^]*a and b: too few pairs/);
  expect(existsSync(join(home, 'report/report.html'))).toBe(true);
});

it('refuses what is no run and no sweep', async () => {
  for (const words of [['nowhere'], ['.'], [], ['study', '--target', '2'], ['study', '--price', 'x']]) {
    expect((await quorate(home, ['report', ...words])).status).toBe(2);
  }
});

it.skipIf(!python)(`pandas reads the Parquet files${python ? '' : ' [skipped: no pandas here]'}`, () => {
  const script = "import pandas; f = pandas.read_parquet('study/steps.parquet'); print(len(f), f.accuracy.max() > 0.5)";
  const { stdout } = spawnSync('python3', ['-c', script], { cwd: home, encoding: 'utf8' });
  expect(stdout).toMatch(/^\d+ True/);
});

describe.skipIf(!browserPath)(`in a browser${browserPath ? '' : ' [skipped: no chromium here]'}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)(
    '%i pixels, %s: nothing leaves the page, nothing is asked of the network, axe finds nothing',
    async (width, scheme) => {
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      const url = pathToFileURL(join(home, 'study/report.html')).href;
      await page.goto(url);
      expect(asked).toEqual([url]);
      const { scroll, shown } = await page.evaluate<{ scroll: number; shown: number }>(`({
      scroll: document.documentElement.scrollWidth,
      shown: [...document.querySelectorAll('figure svg')].filter((svg) => svg.getBoundingClientRect().width > 0).length,
    })`);
      expect(scroll).toBeLessThanOrEqual(width);
      expect(shown).toBe(await page.locator('figure').count());
      await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
      const { violations } = await page.evaluate<{ violations: { id: string; nodes: unknown[] }[] }>('axe.run()');
      expect(violations.map(({ id, nodes }) => [id, JSON.stringify(nodes).slice(0, 300)])).toEqual([]);
      await page.close();
    },
  );

  it('prints', async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(home, 'study/report.html')).href);
    const pdf = await page.pdf({ format: 'A4' });
    expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });
});
