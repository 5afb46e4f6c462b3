import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { quorate, workplace } from './cli.js';
import { photos } from './photos.js';

/** Fills in the column `label` of a batch. */
function fillIn(file: string, label: (task: string) => string): number {
  const [header, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  writeFileSync(file, `${header}\n${rows.map((row) => row + label(row.split(',')[0]!)).join('\n')}\n`);
  return rows.length;
}

const classes = ['good', 'bad'];
const truthOf = (task: string): string => classes[Number(task) % 2]!;

describe('quorate campaign', () => {
  let folder = '';
  beforeAll(() => {
    folder = workplace();
    const rows = Array.from({ length: 40 }, (_, i) => `${i},"text, number ${i}"`);
    writeFileSync(join(folder, 'reviews.csv'), `id,text\n${rows.join('\n')}\n`);
  });
  const run = (...args: string[]) => quorate(folder, ['campaign', ...args]);

  it('goes from texts to labels by file', async () => {
    const started = await run('start', 'reviews.csv', '--classes', 'good,bad');
    expect(started).toMatchObject({ status: 0, stderr: '' });
    expect(started.stdout).toMatch(/reviews-campaign: 40 tasks.*\n.*\n/);
    const made = readdirSync(join(folder, 'reviews-campaign')).filter((name) => !/-(wal|shm)$/.test(name));
    expect(made.sort()).toEqual(['campaign.db', 'campaign.yaml', 'tasks.csv']);
    let round = 0;
    for (; round < 9; round++) {
      const file = `batch-${round}.csv`;
      const next = await run('next', '--people', '2', '--per-person', '15', '--out', file, '--json');
      expect(next).toMatchObject({ status: 0, stderr: '' });
      const { questions } = JSON.parse(next.stdout) as { questions: number };
      if (questions === 0) break;
      expect(readFileSync(join(folder, file), 'utf8')).toMatch(
        /^quorate_task,worker,text,label\n\d+,person-\d,"text, number/,
      );
      expect(fillIn(join(folder, file), truthOf)).toBe(questions);
      const added = await run('add', file);
      expect(added.stdout).toMatch(new RegExp(`${file}: ${questions} new answers`));
    }
    expect(round).toBeGreaterThan(1);
    const status = JSON.parse((await run('status', '--json')).stdout) as { answers: number; out: number };
    expect(status).toMatchObject({ tasks: 40, out: 0, left: { high: 0 } });
    const again = await run('add', 'batch-0.csv', '--json');
    expect(again.stdout.split('\n')[0]).toMatch(/"added":0.*"before":"20/);
    const labels = (await run('labels')).stdout.trim().split('\n').slice(1);
    expect(labels.filter((line) => line.split(',')[1] === truthOf(line.split(',')[0]!))).toHaveLength(40);
    const exported = (await run('export')).stdout.trim().split('\n');
    expect(exported).toHaveLength(1 + status.answers);
    const workers = await run('workers');
    expect(workers.stdout).toMatch(/person-1/);
    const late = await run('start', 'reviews.csv', '--classes', 'good,bad');
    expect(late.stdout).toMatch(/0 new tasks, 40 tasks in all/);
  });

  it('writes every format, with a way back', async () => {
    for (const [format, back] of [
      ['label_studio', /"quorate_task": "\d+"/],
      ['jsonl', /^\{"quorate_task":"\d+","worker":"ann","text"/],
      ['mturk', /^quorate_task,text\n/],
      ['prodigy', /^\{"id":"\d+","text":.*"options":\[\{"id":"good"/],
    ] as const) {
      const place = workplace();
      writeFileSync(join(place, 'reviews.csv'), readFileSync(join(folder, 'reviews.csv')));
      await quorate(place, ['campaign', 'start', 'reviews.csv', '--classes', 'good,bad']);
      const args = ['campaign', 'next', '--worker', 'ann', '--per-person', '4', '--format', format, '--out', 'b.out'];
      expect(await quorate(place, args)).toMatchObject({ status: 0, stderr: '' });
      expect(readFileSync(join(place, 'b.out'), 'utf8')).toMatch(back);
      if (format === 'label_studio') {
        expect(readFileSync(join(place, 'b.out.config.xml'), 'utf8')).toMatch(/<Choice value="good"\/>/);
        const tasks = JSON.parse(readFileSync(join(place, 'b.out'), 'utf8')) as { data: object }[];
        const result = [{ type: 'choices', from_name: 'label', to_name: 'task', value: { choices: ['bad'] } }];
        const annotations = [{ completed_by: 7, result }];
        writeFileSync(
          join(place, 'x.json'),
          JSON.stringify(tasks.map((task, id) => ({ id: id + 900, ...task, annotations }))),
        );
        const added = await quorate(place, ['campaign', 'add', 'x.json']);
        expect(added.stdout).toMatch(/x.json: 4 new answers, 1 new worker/);
      }
      if (format === 'mturk') {
        const rows = readFileSync(join(place, 'b.out'), 'utf8').trim().split('\n').slice(1);
        const hits = rows.map((row, x) => `H${x},W${x % 2},${row.split(',')[0]},bad`);
        writeFileSync(join(place, 'r.csv'), `HITId,WorkerId,Input.quorate_task,Answer.label\n${hits.join('\n')}\n`);
        const added = await quorate(place, ['campaign', 'add', 'r.csv']);
        expect(added.stdout).toMatch(/r.csv: 4 new answers, 2 new workers/);
      }
    }
  });

  it('has an expert look at labels that were drawn at random, until few wrong ones are certified', async () => {
    const place = workplace();
    writeFileSync(join(place, 'reviews.csv'), readFileSync(join(folder, 'reviews.csv')));
    const here = (...args: string[]) => quorate(place, ['campaign', ...args]);
    const stop = ['stop.use=certified', 'stop.maxError=0.2', 'stop.confidence=0.9'];
    await here('start', 'reviews.csv', '--classes', 'good,bad', ...stop);
    const early = await here('next', '--audits', '5', '--out', 'early.csv');
    expect(early).toMatchObject({ status: 0, stderr: '' });
    expect(early.stdout).toMatch(/No audits yet/);
    for (let round = 0; round < 9; round++) {
      const next = await here('next', '--people', '2', '--per-person', '15', '--out', `${round}.csv`, '--json');
      if ((JSON.parse(next.stdout) as { questions: number }).questions === 0) break;
      fillIn(join(place, `${round}.csv`), truthOf);
      await here('add', `${round}.csv`);
    }
    expect((await here('next', '--out', 'no.csv')).stdout).toMatch(/an expert looks at the labels.*--audits/);
    const first = await here('next', '--audits', '4', '--out', 'audits-1.csv');
    expect(first.stdout).toMatch(/audits-1.csv: 4 audits for auditor\n[^]*campaign add audits-1.csv --audits\n/);
    // What the expert is asked tells no label.
    expect(readFileSync(join(place, 'audits-1.csv'), 'utf8')).toMatch(
      /^quorate_task,worker,text,label\n\d+,auditor,"[^"]*",\n/,
    );
    fillIn(join(place, 'audits-1.csv'), truthOf);
    expect((await here('add', 'audits-1.csv')).stdout).toMatch(
      /audits-1.csv: 4 new audits[^]*state +audit, round 1 of 2/,
    );
    await here('next', '--audits', '40', '--worker', 'ann', '--worker', 'bob', '--out', 'audits-2.csv');
    fillIn(join(place, 'audits-2.csv'), truthOf);
    const end = await here('add', 'audits-2.csv', '--audits');
    expect(end.stdout).toMatch(/proven +at most \d+\.\d % wrong with 90\.0 % confidence/);
    expect(end.stdout).toMatch(/state +done, certified: 0 of \d+ audited labels were wrong/);
    const labels = await here('labels', '--out', 'labels.csv');
    expect(labels.stdout).toMatch(
      /task,label,confidence,annotations,valid,audited,needs_review,sure\nCertified: at most/,
    );
    expect((await here('next', '--audits', '4', '--out', 'more.csv')).stdout).toMatch(/Nothing to ask any more/);
    const clash = await here('next', '--audits', '4', '--worker', 'person-1', '--out', 'more.csv');
    expect(clash).toMatchObject({ status: 2 });
    await here('start', 'reviews.csv', '--classes', 'good,bad', '--out', 'plain');
    const none = await here('next', '--dir', 'plain', '--audits', '4', '--out', 'audits.csv');
    expect(none.stdout).toMatch(/no audits.*stop: \{use: certified\}/);
  });

  it('makes features of images, and shows them where they are', async () => {
    const place = workplace();
    await photos(join(place, 'photos'), 4);
    const started = await quorate(place, ['campaign', 'start', 'photos', '--classes', 'a,b']);
    expect(started).toMatchObject({ status: 0 });
    const url = ['--image-url', 'https://example.org/p'];
    await quorate(place, ['campaign', 'next', '--worker', 'ann', '--per-person', '2', '--out', 'b.csv', ...url]);
    expect(readFileSync(join(place, 'b.csv'), 'utf8')).toMatch(
      /^quorate_task,worker,image,label\n.*https:\/\/example.org\/p\//,
    );
  });

  it.each([
    [['start', 'reviews.csv', '--out', 'x'], /--classes: expected two or more/],
    [['start', 'nowhere', '--classes', 'a,b'], /nowhere/],
    [['start', 'reviews.csv', '--classes', 'a,a', '--out', 'x'], /two or more different/],
    [['next', '--dir', 'nowhere', '--out', 'x.csv'], /expected a campaign/],
    [['next', '--out', 'batch-0.csv'], /a file that is not there yet/],
    [['next', '--out', 'batch.doc'], /--format csv/],
    [['add', 'reviews.csv'], /ANSWERS_INVALID/],
    [['add', 'nowhere.csv'], /nothing of that name/],
  ] as const)('refuses %s in one line', async (args, message) => {
    const { status, stderr, stdout } = await run(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
