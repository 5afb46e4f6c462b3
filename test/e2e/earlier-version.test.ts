import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lines, quorate, workplace } from './cli.js';

const home = workplace();
const small = [
  'experiment=synthetic',
  'method=lean',
  'dataset.itemsPerClass=20',
  'dataset.classes=3',
  'sampler.hitSize=5',
];

type Config = Record<string, Record<string, unknown>>;

/** A run that was stopped before its first checkpoint, as a version without some options would have left it. */
async function startedEarlier(name: string, forget: (config: Config) => void): Promise<void> {
  expect((await quorate(home, ['run', ...small, 'budget=40', '--out', name])).status).toBe(0);
  const file = join(home, name, 'run.json');
  const run = JSON.parse(readFileSync(file, 'utf8')) as { config: Config };
  forget(run.config);
  writeFileSync(file, JSON.stringify(run));
  for (const one of ['checkpoint', 'checkpoint.previous', 'annotations.csv', 'steps.jsonl'])
    rmSync(join(home, name, one), { force: true });
}
const forget = (config: Config): void => {
  delete config['learner']!['graph'];
  delete config['sampler']!['hitsPerStep'];
  delete config['keep'];
};

it.each([
  ['without a configuration', ['--resume']],
  ['with the same words', [...small, 'budget=40', '--resume']],
])('a run that an earlier version started is resumed %s, with the defaults of what is new', async (name, words) => {
  await startedEarlier(name, forget);
  await quorate(home, ['run', ...small, 'budget=40', '--out', `${name} whole`]);
  // The second time from the checkpoint that the first has made.
  for (let time = 0; time < 2; time++) {
    const { status, stderr } = await quorate(home, ['run', ...words, '--out', name]);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('now have their defaults: keep=null, learner.graph=null');
    expect(lines(home, name, 'labels.csv')).toEqual(lines(home, `${name} whole`, 'labels.csv'));
  }
});

it('one with another value of an option that both know is refused, as ever', async () => {
  await startedEarlier('other', (config) => {
    forget(config);
    config['learner']!['steps'] = 7;
  });
  const { status, stderr } = await quorate(home, ['run', ...small, 'budget=40', '--out', 'other', '--resume']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/RUN_FOLDER.*learner=.*"steps":7/);
});
