import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { lines, quorate, root, start, workplace } from './cli.js';

const crowd = join(process.env['QUORATE_SHARED'] ?? join(root, '../shared'), 'data/crowd');
const example = join(root, 'examples/crowd-answers/answers.csv');
const small = 'task,worker,label\nt1,ann,cat\nt1,bob,cat\nt2,ann,dog\nt2,bob,cat\nt2,eve,dog\n';

function folder(files: Record<string, string> = { 'answers.csv': small }): string {
  const home = workplace();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  return home;
}
const ok = async (home: string, ...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await quorate(home, args);
  expect(`${status} ${stderr}`).toBe('0 ');
  return stdout;
};
const refused = async (home: string, args: string[], ...parts: (string | RegExp)[]): Promise<void> => {
  const { status, stderr } = await quorate(home, args);
  expect(`${status} ${stderr}`).toMatch(/^2 Error: /);
  expect(stderr).not.toMatch(/\n\s+at /);
  for (const part of parts) expect(stderr).toMatch(part);
};
interface Aggregated {
  objective: number;
  classes: string[];
  classPrior: number[];
  labels: { task: string; label: string | null; confidence: number; needsReview: boolean }[];
  workersReport: { worker: string; skill: number; flags: unknown[] }[];
  files: string[];
}
const aggregated = async (home: string, ...args: string[]): Promise<Aggregated> =>
  JSON.parse(await ok(home, 'aggregate', ...args, '--json')) as Aggregated;

describe('quorate aggregate', () => {
  it('writes labels.csv and workers.csv beside you, in the order of the input, and never over what is there', async () => {
    const home = folder();
    const stdout = await ok(home, 'aggregate', 'answers.csv');
    expect(stdout).toContain('5 answers of 3 workers');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines(home, 'labels.csv')[0]).toMatch(
      /^task,label,confidence,annotations,margin,runner_up,needs_review,sure,confidence_is$/,
    );
    expect(
      lines(home, 'labels.csv')
        .slice(1)
        .map((line) => line.split(',').slice(0, 2).join()),
    ).toEqual(['t1,cat', 't2,dog']);
    expect(lines(home, 'workers.csv').map((line) => line.split(',')[0])).toEqual(['worker', 'ann', 'bob', 'eve']);
    const before = readFileSync(join(home, 'labels.csv'));
    await refused(home, ['aggregate', 'answers.csv'], /labels\.csv/, /--out/);
    expect(readFileSync(join(home, 'labels.csv'))).toEqual(before);
    await ok(home, 'aggregate', 'answers.csv', '--out', 'deep/er', '--proba', '--html', 'report.html');
    await ok(home, 'aggregate', 'answers.csv', '--out', 'deep/er');
    expect(readdirSync(join(home, 'deep/er')).sort()).toEqual(['labels.csv', 'proba.csv', 'workers.csv']);
    expect(readFileSync(join(home, 'report.html'), 'utf8')).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it('finds what Dawid and Skene found: log-likelihood -192.8909, priors .3996 .4220 .1118 .0667', async () => {
    const home = workplace();
    const { objective, classes, classPrior, files } = await aggregated(home, example, '--aggregator', 'dawid_skene');
    expect(objective).toBeCloseTo(-192.8909, 3);
    const prior = Object.fromEntries(classes.map((name, k) => [name, classPrior[k]!]));
    expect([1, 2, 3, 4].map((name) => prior[name]!.toFixed(4))).toEqual(['0.3996', '0.4220', '0.1118', '0.0667']);
    expect(files).toEqual([]);
    expect(existsSync(join(home, 'labels.csv'))).toBe(false);
  });

  it('keeps ids and labels as they are: commas, quotes, line breaks, unicode, digits', async () => {
    const rows = [
      ['task, one', 'w"1"', '01'],
      ['two\nlines', 'w2', '1'],
      ['três', 'w2', 'naïve "x", y'],
      ['007', 'w2', 'true'],
    ];
    const quoted = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join()).join('\r\n');
    const home = folder({ 'a.csv': `\ufefftask,worker,label\r\n${quoted}\r\n` });
    await ok(home, 'aggregate', 'a.csv', '--aggregator', 'majority_vote');
    const back: string[][] = parse(readFileSync(join(home, 'labels.csv')));
    expect(back.slice(1).map(([task, label]) => [task, label])).toEqual(rows.map(([task, , label]) => [task, label]));
  });

  it('the same seed writes the same bytes, standard input reads like a file, options are words', async () => {
    const home = workplace();
    const words = ['--aggregator', 'dawid_skene_map', 'aggregator.strength=3', '--seed', '5'];
    await ok(home, 'aggregate', example, ...words, '--out', 'a', '--proba');
    const { child, ended } = start(home, ['aggregate', '-', ...words, '--out', 'b', '--proba']);
    child.stdin.end(readFileSync(example));
    expect((await ended).status).toBe(0);
    for (const name of ['labels.csv', 'workers.csv', 'proba.csv']) {
      expect(readFileSync(join(home, 'b', name))).toEqual(readFileSync(join(home, 'a', name)));
    }
    await ok(home, 'aggregate', example, '--aggregator', 'dawid_skene_map', '--out', 'c', '--proba');
    expect(readFileSync(join(home, 'c/proba.csv'))).not.toEqual(readFileSync(join(home, 'a/proba.csv')));
  });

  it('gold fixes its tasks, and a class that nobody named is one', async () => {
    const home = folder({ 'answers.csv': small, 'gold.csv': 'task,label\nt2,bird\nelsewhere,cat\n' });
    const { labels } = await aggregated(home, 'answers.csv', '--gold', 'gold.csv', '--aggregator', 'dawid_skene_map');
    expect(labels[1]).toMatchObject({ task: 't2', label: 'bird', confidence: 1, needsReview: false, gold: true });
  });

  it('crowdlab takes the probabilities of a model', async () => {
    const home = folder({
      'answers.csv': small,
      'model.csv': 'task,dog,cat\nt2,0.9,0.1\nt1,0.2,0.8\n',
      'cut.csv': 'task,dog,cat\nt2,1,0\n',
    });
    const { labels } = await aggregated(
      home,
      'answers.csv',
      '--aggregator',
      'crowdlab',
      '--probabilities',
      'model.csv',
    );
    expect(labels.map(({ label }) => label)).toEqual(['cat', 'dog']);
    await refused(
      home,
      ['aggregate', 'answers.csv', '-a', 'crowdlab', '--probabilities', 'cut.csv', '--out', 'o'],
      /cut\.csv/,
      /t1/,
    );
    await refused(
      home,
      ['aggregate', 'answers.csv', '-a', 'crowdlab', '--probabilities', 'no.csv', '--out', 'o'],
      /no\.csv/,
    );
  });

  it('says what is wrong with files and words, and writes nothing', async () => {
    const home = folder({
      'answers.csv': small,
      'empty.csv': '',
      'head.csv': 'task,worker,label\n',
      'bad.csv': `${small}t3,ann\n`,
    });
    await refused(home, ['aggregate', 'nowhere.csv'], /nowhere\.csv/);
    await refused(home, ['aggregate', 'head.csv'], /head\.csv/);
    await refused(home, ['aggregate', 'bad.csv'], /bad\.csv/, /7/);
    await refused(home, ['aggregate', 'answers.csv', '--aggregator', 'dawid_skeen'], /dawid_skene/);
    await refused(home, ['aggregate', 'answers.csv', '--aggregator', 'bayes'], /bayes/);
    await refused(home, ['aggregate', 'answers.csv', 'aggregator.strenght=2', '-a', 'dawid_skene_map'], /strenght/);
    await refused(home, ['aggregate', 'answers.csv', '--review-below', 'x'], /review-below/);
    await refused(home, ['aggregate', 'answers.csv', '--nonsense'], /nonsense/);
    expect(
      readdirSync(home)
        .filter((name) => name.endsWith('.csv'))
        .sort(),
    ).toEqual(['answers.csv', 'bad.csv', 'empty.csv', 'head.csv']);
    expect(await ok(home, 'aggregate', 'bad.csv', '--skip-bad-rows')).toContain('1 row could not be read');
    const { status, stdout } = await quorate(home, ['aggregate', 'nowhere.csv', '--json']);
    expect([status, (JSON.parse(stdout) as { code: string }).code]).toEqual([2, 'ANSWERS_INVALID']);
  });
});

describe('quorate aggregate --state', () => {
  const [head, ...rows] = lines(example) as [string, ...string[]];
  const csv = (from: number, to: number): string => [head, ...rows.slice(from, to)].join('\n') + '\n';
  const files = {
    'monday.csv': csv(0, 150),
    'tuesday.csv': csv(150, 300),
    'late.csv': csv(300, 315),
    'all.csv': csv(0, 315),
  };
  const settings = ['--aggregator', 'dawid_skene_map'];

  it('file after file, absorbed or settled, ends in the bytes of all at once', async () => {
    const home = folder(files);
    await ok(home, 'aggregate', '--state', 's/state', 'monday.csv', ...settings);
    await ok(home, 'aggregate', '--state', 's/state', 'tuesday.csv', '--no-settle');
    const absorbed = readFileSync(join(home, 's/labels.csv'), 'utf8');
    expect(absorbed.trim().split('\n').length).toBe(44);
    await ok(home, 'aggregate', '--state', 's/state', 'late.csv');
    await ok(home, 'aggregate', 'all.csv', ...settings, '--out', 'once');
    for (const name of ['labels.csv', 'workers.csv']) {
      expect(readFileSync(join(home, 's', name), 'utf8')).toBe(readFileSync(join(home, 'once', name), 'utf8'));
    }
    await ok(home, 'aggregate', '--state', 's/state');
    expect(readFileSync(join(home, 's/labels.csv'), 'utf8')).toBe(readFileSync(join(home, 'once/labels.csv'), 'utf8'));
  });

  it('carries columns from call to call: of tasks before, of new ones, and the new value of one that is known', async () => {
    const columns = 'task,worker,label,url\n';
    const home = folder({
      'c1.csv': `${columns}a,w1,x,u/a\na,w2,x,u/a\nb,w1,y,u/b\nz,w1,,u/z\n`,
      'c2.csv': `${columns}c,w1,x,u/c\nb,w2,y,u/b2\nz,w2,x,\n`,
    });
    const urls = (): string[] =>
      lines(home, 'kept', 'labels.csv').map((line) => [line.split(',')[0], line.split(',').at(-1)].join(' '));
    for (const words of [['c1.csv', '--carry', 'url'], ['c2.csv', '--carry', 'url'], []]) {
      const { status, stderr } = await quorate(home, ['aggregate', ...words, '--state', 'kept/s', '--out', 'kept']);
      expect(status, stderr).toBe(0);
    }
    expect(urls()).toEqual(['task url', 'a u/a', 'b u/b2', 'z u/z', 'c u/c']);
  });

  it('bad input, other settings and foreign files leave it as it was', async () => {
    const home = folder({ ...files, 'bad.csv': 'task,worker,label\nt,w\n' });
    await ok(home, 'aggregate', '--state', 'state', 'monday.csv', ...settings);
    const before = readFileSync(join(home, 'state'));
    const labels = readFileSync(join(home, 'labels.csv'));
    await refused(home, ['aggregate', '--state', 'state', 'bad.csv'], /bad\.csv/);
    await refused(home, ['aggregate', '--state', 'state', 'tuesday.csv', 'bad.csv'], /bad\.csv/);
    await refused(home, ['aggregate', '--state', 'state', 'tuesday.csv', '-a', 'wawa'], /dawid_skene_map/, /wawa/);
    writeFileSync(join(home, 'labels.csv'), 'mine');
    await refused(home, ['aggregate', '--state', 'state', 'tuesday.csv'], /labels\.csv/);
    writeFileSync(join(home, 'labels.csv'), labels);
    expect(readFileSync(join(home, 'state'))).toEqual(before);
    await ok(home, 'aggregate', '--state', 'state', 'monday.csv', '--force');
    expect(readFileSync(join(home, 'state.previous'))).toEqual(before);
  });

  it('a damaged state is refused, and nothing is lost', async () => {
    const home = folder(files);
    await ok(home, 'aggregate', '--state', 'state', 'monday.csv', ...settings);
    const whole = readFileSync(join(home, 'state'));
    writeFileSync(join(home, 'state'), whole.subarray(0, whole.length - 9));
    await refused(home, ['aggregate', '--state', 'state', 'tuesday.csv'], /CHECKPOINT_DAMAGED/, /state\.previous/);
    await refused(home, ['aggregate', '--state', 'all.csv', 'tuesday.csv'], /CHECKPOINT_DAMAGED/);
    expect(readFileSync(join(home, 'all.csv'), 'utf8')).toBe(files['all.csv']);
  });

  it('killed in the middle, the state is the old one or the new one', async () => {
    const home = folder(files);
    await ok(home, 'aggregate', '--state', 'state', 'monday.csv', ...settings);
    mkdirSync(join(home, 'kept'));
    copyFileSync(join(home, 'state'), join(home, 'kept/state'));
    for (const wait of [400, 900]) {
      const { child, ended } = start(home, ['aggregate', '--state', 'state', 'tuesday.csv', '--force']);
      setTimeout(() => child.kill('SIGKILL'), wait);
      await ended;
      expect((await quorate(home, ['aggregate', '--state', 'state', '--json'])).status).toBe(0);
    }
  });
});

describe('quorate agreement, workers, compare', () => {
  it('print tables within 80 columns, and JSON and nothing else', async () => {
    const home = folder({ 'gold.csv': 'task,label\npatient 1,1\npatient 2,4\n' });
    for (const args of [
      ['agreement', example],
      ['workers', example, '-a', 'dawid_skene'],
      ['compare', example, '--gold', 'gold.csv'],
    ]) {
      const table = await ok(home, ...args);
      for (const line of table.replaceAll(root, '').split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
      const json = await ok(home, ...args, '--json');
      expect(() => JSON.parse(json) as unknown).not.toThrow();
    }
    const { agreement } = JSON.parse(await ok(home, 'agreement', example, '--json')) as {
      agreement: { alpha: number; answersPerTask: number };
    };
    expect([agreement.alpha.toFixed(4), agreement.answersPerTask]).toEqual(['0.5843', 5]);
  });
});

const haveCrowd = existsSync(crowd);
if (!haveCrowd) console.warn(`the real crowd sets are not here (QUORATE_SHARED): skipped`);
describe.skipIf(!haveCrowd)('quorate compare of a real crowd', () => {
  // The other sets: plugins/truth-inference/src/public-sets.test.ts.
  it('music: accuracies as known, held-out gold', async () => {
    const wanted = { majority_vote: 0.704, wawa: 0.797, one_coin: 0.793, dawid_skene: 0.767, dawid_skene_map: 0.784 };
    const set = join(crowd, 'music');
    const words = ['compare', join(set, 'annotations.csv'), '--gold', join(set, 'gold.csv'), '--json'];
    const { accuracy } = JSON.parse(await ok(workplace(), ...words)) as {
      accuracy: { name: string; accuracy: number }[];
    };
    for (const [method, value] of Object.entries(wanted)) {
      const found = accuracy.find((one) => one.name === method)!.accuracy;
      expect(Math.abs(found - value), `${method} ${found}`).toBeLessThanOrEqual(0.01);
    }
  });
});

describe('quorate aggregate on what a slip makes of files', () => {
  it('refuses a folder that is a file', async () => {
    const home = folder();
    await refused(home, ['aggregate', 'answers.csv', '--out', 'answers.csv'], /a file where the folder would be/);
    await refused(home, ['convert', 'answers.csv', 'answers.csv/a.jsonl'], /a file where the folder would be/);
    expect(readFileSync(join(home, 'answers.csv'), 'utf8')).toBe(small);
  });

  it('says how many answers are repeats of one worker', async () => {
    const home = folder({ 'answers.csv': `${small}t1,ann,cat\nt2,eve,dog\n` });
    expect(await ok(home, 'aggregate', 'answers.csv')).toContain('repeats: 2 further answers of a worker');
    expect(await ok(home, 'aggregate', 'answers.csv', '--out', 'again')).not.toContain('nothing to compare');
  });
});

describe('quorate gold', () => {
  const rows = Array.from({ length: 200 }, (_, i) =>
    [0, 1, 2].map((j) => `t${i},w${(i + j) % 7},${(i + Number(j === 2 && i % 3 === 0)) % 2 === 0 ? 'cat' : 'dog'}\n`),
  );
  const answers = `task,worker,label\n${rows.flat().join('')}`;

  it('draws tasks to fill in, which --gold takes back, filled in wholly or in part', async () => {
    const home = folder({ 'answers.csv': answers });
    const { stdout: printed, stderr } = await quorate(home, ['gold', 'answers.csv', '--tasks', '20']);
    expect(stderr).toMatch(/^20 tasks of 200, dealt evenly over their labels/);
    expect(printed.trim().split('\n')).toHaveLength(21);
    await ok(home, 'gold', 'answers.csv', '--tasks', '20', '--out', 'gold.csv');
    expect(readFileSync(join(home, 'gold.csv'), 'utf8')).toBe(printed);
    await refused(home, ['gold', 'answers.csv', '--out', 'gold.csv'], /gold\.csv/, /--force/);
    const filled = lines(home, 'gold.csv').map((line, n) => {
      if (n === 0 || n > 15) return line;
      return line + (Number(line.slice(1, -1)) % 2 === 0 ? 'cat' : 'dog');
    });
    writeFileSync(join(home, 'gold.csv'), `${filled.join('\n')}\n`);
    const summary = await ok(home, 'aggregate', 'answers.csv', '--gold', 'gold.csv', '--out', 'out');
    expect(summary.replaceAll('\n', ' ')).toMatch(/of 185 other labels are expected to be right .* by 15 gold tasks/);
    const kinds = lines(home, 'out/labels.csv').map((line) => line.split(',').at(-1));
    expect(kinds.filter((kind) => kind === 'gold')).toHaveLength(15);
    expect(new Set(kinds)).toEqual(new Set(['confidence_is', 'gold', 'calibrated_on_gold']));
    const more = JSON.parse(await ok(home, 'gold', 'answers.csv', '--gold', 'gold.csv', '--json')) as {
      tasks: string[];
    };
    const known = new Set(filled.slice(1, 16).map((line) => line.split(',')[0]));
    expect(more.tasks).toHaveLength(50);
    expect(more.tasks.filter((task) => known.has(task))).toEqual([]);
  });

  it('is printed as a command that reads the answers as they were read', async () => {
    const home = folder({
      'my answers.csv': answers.replace('task,worker,label', 'item;who;verdict').replaceAll(',', ';'),
    });
    const columns = 'task=item,worker=who,label=verdict';
    const reading = ['my answers.csv', '--columns', columns, '--missing', 'no idea'];
    const words = `'my answers.csv' --columns ${columns} --missing 'no idea'`;
    const summary = await ok(home, 'aggregate', ...reading, '--out', 'a');
    expect(summary.replaceAll('\n', ' ')).toContain(`"quorate gold ${words} --out gold.csv"`);
    const drawn = await ok(home, 'gold', ...reading, '--out', 'gold.csv');
    expect(drawn.replaceAll('\n', ' ')).toContain(`quorate aggregate ${words} --gold gold.csv`);
  });

  it('without gold says what to do, and every aggregator which confidence it shows', async () => {
    const home = folder({ 'answers.csv': answers });
    const summary = (await ok(home, 'aggregate', 'answers.csv', '--out', 'a')).replaceAll('\n', ' ');
    expect(summary).toMatch(
      /honest on average over files; ask 50 random gold tasks to make it so for this one: "quorate gold/,
    );
    expect(lines(home, 'a/labels.csv')[1]).toMatch(/,calibrated$/);
    const other = await ok(home, 'aggregate', 'answers.csv', '-a', 'dawid_skene', '--out', 'b');
    expect(other).toContain('not calibrated');
    expect(lines(home, 'b/labels.csv')[1]).toMatch(/,,uncalibrated$/);
    await ok(home, 'aggregate', 'answers.csv', 'calibration.dependence=Infinity', '--out', 'c');
    expect(lines(home, 'c/labels.csv')[1]).toMatch(/,,uncalibrated$/);
    await refused(home, ['aggregate', 'answers.csv', 'calibration.dependence=-1', '--out', 'd'], /dependence/);
  });
});
