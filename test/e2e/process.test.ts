import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { quorate, quorateProcess, workplace, type Ended } from './cli.js';
import { photos } from './photos.js';

// Two folders alike: what a command does in one does not change what it says in the other.
const [here, there] = [workplace(), workplace()];
beforeAll(async () => {
  for (const home of [here, there]) {
    writeFileSync(join(home, 'answers.csv'), 'task,worker,label\nt1,ann,cat\nt1,bob,cat\nt2,ann,dog\nt2,bob,cat\n');
    await photos(join(home, 'photos'), 2);
  }
});

/** Without what differs from folder to folder and from moment to moment. */
const told = (home: string, { status, stdout, stderr }: Ended): Ended => {
  const plain = (text: string): string => text.replaceAll(home, '~').replaceAll(/"seconds":[\d.]+/g, '"seconds":0');
  return { status, stdout: plain(stdout), stderr: plain(stderr) };
};

// `doctor`, which starts processes, is one in cli.test.ts.
describe('as a process of its own every command says, returns and exits as in this one', () => {
  it.each([
    [0, 'run experiment=synthetic method=ds_model budget=60 --out run --json'],
    [2, 'run experiment=synthetic budget=0 --json'],
    [2, 'run experiment=synthetic budget=0'],
    [0, 'aggregate answers.csv --json'],
    [0, 'aggregate answers.csv'],
    [0, 'agreement answers.csv --json'],
    [0, 'workers answers.csv --json'],
    [0, 'compare answers.csv --json'],
    [0, 'convert answers.csv answers.jsonl --json'],
    [0, 'features photos --out photos.npy --json'],
    [0, 'init --yes --json'],
    [0, 'config show --json'],
    [0, 'config validate --json'],
    [2, 'config validate seed=x budgte=3 --json'],
    [0, 'config schema --json'],
    [0, 'plugins --json'],
    [0, 'plugins inspect standard --json'],
    [0, 'generate plugin mine --kind metric --json'],
    [0, 'data list --json'],
    [1, 'data pull amt-workers --url http://127.0.0.1:1/ --json'],
    [2, 'rnu'],
    [2, 'rnu --json'],
    [0, '--help'],
  ])('%i: %s', async (status, line) => {
    const words = line.split(' ');
    const process = told(there, await quorateProcess(there, words));
    expect(process.status).toBe(status);
    if (words.includes('--json')) {
      expect(process.stderr).toBe('');
      // Errors and what takes its time are one record a line.
      const manyLines = status > 0 || ['run', 'features'].includes(words[0]!);
      for (const record of manyLines ? process.stdout.trimEnd().split('\n') : [process.stdout]) {
        expect(() => JSON.parse(record) as unknown, record).not.toThrow();
      }
    }
    expect(told(here, await quorate(here, words))).toEqual(process);
  });

  it('says its version without loading anything', async () => {
    const { status, stdout } = await quorateProcess(here, ['--version']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^quorate\/\d+\.\d+\.\d+ \S+ node-v\d+/);
  });
});
