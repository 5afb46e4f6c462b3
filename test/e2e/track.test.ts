import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lines, quorate, workplace } from './cli.js';

const home = workplace();
const run = ['run', 'experiment=synthetic', 'method=ds_model', 'budget=600', '--out', 'one'];

it('tells trackers of a run while it goes on, and of finished ones, the same', async () => {
  const { status, stderr } = await quorate(home, [...run, '--track', 'tensorboard=tb', '--track', 'jsonl=live']);
  expect(`${status} ${stderr}`).toBe('0 ');
  expect(existsSync(join(home, 'tb/one/events.out.tfevents.quorate'))).toBe(true);
  const history = lines(home, 'live/one/history.jsonl').map((line) => JSON.parse(line) as Record<string, number>);
  expect(history.map(({ _step }) => _step)).toEqual(lines(home, 'one/steps.jsonl').map((_, step) => step));
  expect(history.at(-1)).toMatchObject({ annotations: 600 });
  expect((await quorate(home, ['track', 'one', '--track', 'jsonl=later'])).status).toBe(0);
  for (const name of ['config.json', 'history.jsonl']) {
    expect(readFileSync(join(home, 'later/one', name), 'utf8')).toBe(
      readFileSync(join(home, 'live/one', name), 'utf8'),
    );
  }
});

it('refuses a tracker that there is not, before anything is run', async () => {
  for (const [word, message] of [
    ['tensorbord=x', /tensorboard=PLACE/],
    ['jsonl', /NAME=PLACE/],
    ['mlflow=http://127.0.0.1:9', /tracking server of MLflow that answers/],
  ] as const) {
    const { status, stderr } = await quorate(home, ['run', 'experiment=synthetic', '--out', 'not', '--track', word]);
    expect(`${status} ${stderr}`).toMatch(message);
    expect(status).toBe(2);
  }
  expect(existsSync(join(home, 'not'))).toBe(false);
});
