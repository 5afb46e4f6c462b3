import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createCampaign, openCampaign, type Campaign, type Settings } from '@quorate/campaign';
import backends from '@quorate/plugin-backend-onnx';
import datasets from '@quorate/plugin-datasets';
import { digitImages } from '@quorate/plugin-mnist';
import neural from '@quorate/plugin-neural-learner';
import method from '@quorate/plugin-quorate-method';
import crowds from '@quorate/plugin-real-crowds';
import standard from '@quorate/plugin-standard';
import { serveCampaign, type Serving } from '@quorate/server';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './cli.js';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** PAGES_PICTURES=folder keeps a picture of every page that is looked at here. */
const pictures = process.env['PAGES_PICTURES'];

const wide = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };
type Kind = typeof wide | typeof phone;

const plugins = [backends, datasets, neural, method, crowds, standard];
const opened: { campaign: Campaign; serving: Serving }[] = [];

async function serve(given: { classes?: string[]; texts?: string[]; settings?: Partial<Settings> } = {}) {
  const { classes = ['cat', 'dog', 'neither'], texts, settings = {} } = given;
  const folder = workplace();
  const images = texts ? [] : await digitImages(30, 'pages');
  mkdirSync(join(folder, 'images'));
  images.forEach(({ png }, n) => writeFileSync(join(folder, `images/${n}.png`), png));
  const tasks = texts
    ? texts.map((content, n) => ({ id: `t${n}`, kind: 'text' as const, content }))
    : images.map((_, n) => ({ id: `t${n}`, kind: 'image' as const, content: `${n}.png` }));
  writeFileSync(join(folder, 'tasks.csv'), `id\n${tasks.map(({ id }) => id).join('\n')}\n`);
  const run = { classes, dataset: { use: 'files', labels: 'tasks.csv' }, method: 'quorate', learner: { use: 'none' } };
  createCampaign({ folder, settings: { source: 'images', ...settings, run }, tasks, now: Date.now() });
  const campaign = await openCampaign(folder, { plugins, env: {} });
  const serving = await serveCampaign({ campaign, host: '127.0.0.1', port: 0, behindProxy: false });
  opened.push({ campaign, serving });
  return { campaign, serving };
}

const answersIn = ({ db }: Campaign): string[] => {
  const sql = `SELECT class.name AS name FROM annotation JOIN class ON class.k = label ORDER BY seq`;
  return (db.prepare(sql).all([]) as { name: string }[]).map(({ name }) => JSON.parse(name) as string);
};
const skipsIn = ({ db }: Campaign): number => (db.prepare('SELECT count(*) AS n FROM skip').get([]) as { n: number }).n;
const until = (seen: () => unknown, value: unknown) => expect.poll(seen, { timeout: 20_000 }).toEqual(value);

describe.skipIf(executablePath === undefined)('the pages in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    for (const { campaign, serving } of opened.splice(0)) {
      await serving.close();
      await campaign.dispose();
    }
  });
  afterAll(() => browser.close());

  async function visit(link: string, kind: Kind = wide, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const context = await browser.newContext({ ...kind, colorScheme });
    contexts.push(context);
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) problems.push(message.text());
    });
    page.on('close', () => expect(problems).toEqual([]));
    await page.goto(link);
    return page;
  }

  async function enter(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Start' }).click();
    // A key that is pressed before there is a question answers nothing.
    await page.locator('.choice, .task.empty p, .figures').filter({ hasNotText: 'One moment' }).first().waitFor();
  }

  /** Nothing is wrong by axe, and nothing sticks out at the side. */
  async function look(page: Page, name: string): Promise<void> {
    await page.evaluate(axe);
    const wrong = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    const beside = await page.evaluate(() => {
      const { document, innerWidth } = globalThis as unknown as {
        document: { scrollingElement: { scrollWidth: number } };
        innerWidth: number;
      };
      return document.scrollingElement.scrollWidth - innerWidth;
    });
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    expect([name, wrong, Math.max(0, beside)]).toEqual([name, [], 0]);
  }

  it('by keyboard only: a key answers, undo, skip, report, own keys, the class that one types', async () => {
    const { campaign, serving } = await serve();
    const page = await visit(await serving.workerLink(1));
    page.setDefaultTimeout(8000);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ann');
    await page.keyboard.press('Enter');
    await page.locator('.choice').first().waitFor();
    for (const key of ['1', '2', 'u', '3', '1']) await page.keyboard.press(key);
    await until(() => answersIn(campaign), ['cat', 'neither']);
    await page.keyboard.press('s');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Enter');
    await until(() => skipsIn(campaign), 1);
    expect(answersIn(campaign)).toEqual(['cat', 'neither', 'cat']);
    await page.keyboard.press('f');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('It is torn. 1 2 3');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until(() => campaign.db.prepare('SELECT text FROM flag').all([]), [{ text: 'It is torn. 1 2 3' }]);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByText('Keys', { exact: true }).click();
    await page.getByLabel('Layout').selectOption('left hand');
    await page.getByLabel('dog').fill('d');
    await page.getByLabel('dog').press('Tab');
    await page.keyboard.press('Escape');
    await page.keyboard.press('d');
    await page.keyboard.press('3');
    await until(() => answersIn(campaign).at(-1), 'dog');
    expect(campaign.desk.workers[0]!.name).toBe('Ann');
  });

  it('by touch only, on a phone', async () => {
    const { campaign, serving } = await serve();
    const page = await visit(await serving.workerLink(1), phone);
    await page.getByRole('button', { name: 'Start' }).tap();
    await page.getByRole('button', { name: 'dog' }).tap();
    await page.getByRole('button', { name: 'cat' }).tap();
    await page.getByRole('button', { name: 'Undo' }).tap();
    await page.getByRole('button', { name: 'neither' }).tap();
    await page.getByRole('button', { name: 'Skip' }).tap();
    await page.getByRole('button', { name: 'It is broken or empty' }).tap();
    await until(() => answersIn(campaign), ['dog', 'neither']);
    await until(() => skipsIn(campaign), 1);
  });

  it('offline in the middle, and after a reload: nothing is lost', async () => {
    const { campaign, serving } = await serve();
    const page = await visit(await serving.workerLink(1));
    await enter(page);
    await page.keyboard.press('1');
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await page.context().setOffline(true);
    for (const key of ['2', '3', '1']) await page.keyboard.press(key);
    await page.getByText(/offline, [23] kept here/).waitFor();
    expect(answersIn(campaign).length).toBeLessThan(2);
    await page.context().setOffline(false);
    await until(() => answersIn(campaign), ['cat', 'dog', 'neither']);
    const before = await page.locator('.task img').getAttribute('src');
    await page.reload();
    await page.locator('.choice').first().waitFor();
    // The answer that was held back went out when the page was left.
    await until(() => answersIn(campaign), ['cat', 'dog', 'neither', 'cat']);
    expect(await page.locator('.task img').getAttribute('src')).toBe(before);
  });

  it('in two tabs: the same person is asked nothing twice', async () => {
    const { campaign, serving } = await serve();
    const one = await visit(await serving.workerLink(1));
    await enter(one);
    const two = await one.context().newPage();
    await two.goto(serving.url);
    await two.locator('.choice').first().waitFor();
    const shown = (tab: Page): Promise<string | null> => tab.locator('.task img').getAttribute('src');
    for (let n = 0; n < 6; n++) {
      const [here, there] = n % 2 === 0 ? [one, two] : [two, one];
      const before = await shown(here);
      await here.keyboard.press('2');
      await expect.poll(() => shown(there), { timeout: 20_000 }).not.toBe(before);
    }
    await Promise.all([one.reload(), two.reload()]);
    await until(() => answersIn(campaign).length, 6);
    expect(campaign.db.prepare('SELECT count(DISTINCT item) AS n FROM annotation').get([])).toMatchObject({ n: 6 });
  });

  it('there and back: the token is not in the history, and the page goes on', async () => {
    const { serving, campaign } = await serve();
    const page = await visit(await serving.adminLink());
    await enter(page);
    expect(page.url()).toBe(`${serving.url}/admin`);
    await page.getByRole('link', { name: 'Label', exact: true }).click();
    await page.locator('.choice').first().waitFor();
    await page.keyboard.press('1');
    await page.goBack();
    await page.locator('.figures').waitFor();
    await until(() => answersIn(campaign), ['cat']);
    await page.goForward();
    await page.locator('.choice').first().waitFor();
    await page.keyboard.press('2');
    await page.goBack();
    await until(() => answersIn(campaign), ['cat', 'dog']);
    await page.getByRole('button', { name: 'Pause' }).click();
    await until(() => campaign.state, 'paused');
    await page.getByRole('button', { name: 'Resume' }).click();
    await until(() => campaign.state, 'open');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Stop' }).click();
    await until(() => campaign.state, 'closed');
  });

  it('400 classes: what one types finds them', async () => {
    const classes = Array.from({ length: 400 }, (_, k) => `species ${k}`);
    const { campaign, serving } = await serve({ classes });
    const page = await visit(await serving.workerLink(1), phone);
    await enter(page);
    await look(page, '400-classes');
    await page.getByRole('searchbox').fill('species 39');
    expect(await page.locator('.choice').count()).toBe(11);
    await page.getByRole('searchbox').press('Enter');
    await page.getByRole('searchbox').fill('399');
    await page.getByRole('searchbox').press('Enter');
    await page.reload();
    await until(() => answersIn(campaign), ['species 39', 'species 399']);
  });

  it('what a worker waits for comes by itself', async () => {
    const { campaign, serving } = await serve();
    await campaign.setState('paused');
    const page = await visit(await serving.workerLink(1));
    await enter(page);
    await page.getByText('This is paused').waitFor();
    await campaign.setState('open');
    await page.locator('.choice').first().waitFor();
  });

  it.each([
    ['wide', 'light'],
    ['phone', 'dark'],
    ['wide', 'dark'],
    ['phone', 'light'],
  ] as const)('axe finds nothing on any page: %s, %s', async (size, scheme) => {
    const kind = { wide, phone }[size];
    const rtl = 'הטקסט הזה נכתב מימין לשמאל, with a few words of English. ';
    const texts = [
      rtl.repeat(60),
      'short',
      ...Array.from({ length: 12 }, (_, n) => `text ${n}, ${'long '.repeat(300)}`),
    ];
    const name = (what: string): string => `${what}-${size}-${scheme}`;
    const settings = {
      guidelines: 'First paragraph.\n\nSecond paragraph.',
      prices: { answer: 0.05, audit: 0.2, currency: 'EUR' },
      examples: { good: ['a text that is good'], رديء: ['0.png'] },
    };
    const { campaign, serving } = await serve({ texts, classes: ['good', 'رديء'], settings });
    writeFileSync(join(campaign.folder, 'images/0.png'), (await digitImages(1, 'x'))[0]!.png);
    const page = await visit(await serving.workerLink(2), kind, scheme);
    await look(page, name('join'));
    await enter(page);
    await look(page, name('worker'));
    for (const panel of ['Skip', 'Report', 'Guidelines']) {
      await page.getByRole('button', { name: panel }).click();
      if (panel === 'Guidelines') await page.getByText('Keys', { exact: true }).click();
      await look(page, name(panel));
      await page.getByRole('button', { name: 'Close' }).click();
    }
    const stranger = await visit(serving.url, kind, scheme);
    await stranger.getByText('Open the link').waitFor();
    await look(stranger, name('stranger'));
    for (const worker of ['ann', 'bob']) {
      const { questions } = await campaign.next(worker, 6);
      for (const { lease } of questions) await campaign.answer({ worker, lease, label: 'good', ms: 1200 });
      await campaign.flag({ worker, lease: questions[0]!.lease, text: 'It is torn.' });
      await campaign.step();
    }
    const admin = await visit(await serving.adminLink(), kind, scheme);
    await enter(admin);
    await admin.getByText('It is torn.').first().waitFor();
    await admin.getByRole('button', { name: 'Invite workers' }).click();
    await admin.getByLabel('Link for workers').waitFor();
    await look(admin, name('admin'));
    await campaign.setState('closed');
    await page.reload();
    await page.getByText('That was all').waitFor();
    await look(page, name('done'));
  });
});
