import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunFile } from '../run/records.js';
import { asInferred } from '../run/delivered.js';
import { smallRun } from '../run/setting.fixture.js';
import { noAudits } from '../audit/audits.js';
import { Lock, makeFolder } from '@quorate/host';
import { RunFolder, defaultFolder } from './run-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const runFile: RunFile = {
  format: 1,
  api: '1.0.0',
  config: { seed: 1 },
  configFile: null,
  plugins: [],
  data: { hash: 'h', description: 'd' },
};
const path = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');

function opened(at: string): RunFolder {
  makeFolder(at);
  const lock = Lock.take(join(at, 'lock'), { where: at, what: 'a folder', onNote: () => undefined });
  return new RunFolder(at, runFile, lock, { models: false });
}

/** A journal with three answers, written to the folder. */
function written(): { files: RunFolder; journal: ReturnType<typeof smallRun>['journal'] } {
  const { journal } = smallRun();
  const column = (...values: number[]): Int32Array => Int32Array.from(values);
  journal.collect({ count: 3, item: column(0, 1, 0), worker: column(0, 0, 1), label: column(0, 1, 1) }, 1);
  const files = opened(folder);
  files.annotations.append(journal, 0);
  return { files, journal };
}

describe('a run folder', () => {
  it('holds every answer, and its lock while it is open', () => {
    const { files } = written();
    expect(read('annotations.csv')).toBe('task,worker,label,step\nt0,w00,cat,1\nt1,w00,dog,1\nt0,w01,dog,1\n');
    expect(existsSync(path('lock'))).toBe(true);
    files.close();
    expect(existsSync(path('lock'))).toBe(false);
  });

  it('is brought to what the journal holds: cut where it is longer, completed where it is shorter', () => {
    const { journal, ...first } = written();
    let { files } = first;
    const whole = read('annotations.csv');
    const notes: string[] = [];
    files.close();
    writeFileSync(path('annotations.csv'), `${whole}t5,w00,cat,2\n`);
    files = opened(folder);
    files.annotations.match(journal, (note) => notes.push(note));
    expect([read('annotations.csv'), notes]).toEqual([whole, []]);
    files.close();
    writeFileSync(path('annotations.csv'), whole.slice(0, 30));
    files = opened(folder);
    files.annotations.match(journal, (note) => notes.push(note));
    expect([read('annotations.csv'), notes.length]).toEqual([whole, 1]);
    writeFileSync(path('annotations.csv'), whole.replace('cat', 'dog'));
    expect(() => files.annotations.match(journal, () => undefined)).toThrow(/annotations\.csv/);
    files.close();
  });

  it('drops the timings of steps that are measured again, and of a line that was cut short', () => {
    const { files } = written();
    files.timings.append('{"step":0,"seconds":1}\n{"step":1,"seconds":1}\n{"step":2,"sec');
    files.cutTimings(1);
    expect(read('timings.jsonl')).toBe('{"step":0,"seconds":1}\n');
    files.close();
  });

  it('gives a task of which nothing is known no label', () => {
    const { files, journal } = written();
    const { setting } = smallRun();
    const posterior = new Float64Array(12);
    posterior.set([1, 0]);
    const risk = new Float64Array(6).fill(1);
    risk[0] = 0;
    const workers = { probability: new Float64Array(20).fill(0.5) } as never;
    const delivery = noAudits.deliver(
      asInferred({ posterior, risk, workers, learner: null, iterations: 0, converged: true }),
    );
    files.writeResults(setting.dataset, journal, delivery, 0.1);
    expect(read('labels.csv').split('\n').slice(0, 3)).toEqual([
      'task,label,confidence,annotations,valid',
      't0,cat,1,2,true',
      't1,,0,1,false',
    ]);
    files.close();
  });
});

it('a run without --out goes to the first free name, resumed to the last that is there', () => {
  const config = { name: 'mine', experiment: null, method: null, simulation: null, seed: 1 };
  const at = (resume: boolean): string => defaultFolder(config, folder, { resume }).slice(folder.length + 1);
  expect(at(false)).toBe('runs/mine');
  for (const name of ['mine', 'mine-2', 'mine-x']) opened(path(`runs/${name}`)).close();
  expect([at(false), at(true)]).toEqual(['runs/mine-3', 'runs/mine-2']);
});
