import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { quorate, start, workplace } from './cli.js';

const home = workplace();
const put = (name: string, content: string | Buffer): string => {
  writeFileSync(join(home, name), content);
  return name;
};
const text = (name: string): string => readFileSync(join(home, name), 'utf8');
const convert = (...args: string[]) => quorate(home, ['convert', ...args]);

const CSV = 'task,worker,label,seconds,time,gold\nt1,ann,"a, b",2.5,Monday,a\nt1,bob,,,,a\n"t\n2",ann,a,,,\nt3,,,,,\n';
put('answers.csv', CSV);

describe('convert', () => {
  it('goes to every format and back, and names what is lost', async () => {
    expect(await convert('answers.csv', 'a.jsonl')).toEqual({
      status: 0,
      stdout: '',
      stderr:
        'read answers.csv (csv, UTF-8; 4 rows, 1 row without an answer): task = task,\nworker = worker, label = label, gold = gold\n' +
        'a.jsonl (jsonl): 3 answers of 2 workers to 3 tasks, 2 classes\n',
    });
    expect(await convert('a.jsonl', 'back.csv')).toMatchObject({ status: 0 });
    expect(text('back.csv')).toBe(CSV);
    const lost = await convert('answers.csv', 'wide.tsv', '--to', 'wide');
    expect(lost.stderr.split('\n').slice(3, -1)).toEqual([
      'Dropped: 1 skipped answers',
      'Dropped: 1 seconds that answers took',
      'Dropped: 1 times of answers',
      'Dropped: 1 gold labels',
    ]);
    expect(text('wide.tsv')).toBe('task\tann\tbob\nt1\ta, b\t\n"t\n2"\ta\t\nt3\t\t\n');
    for (const [to, name] of [
      ['label_studio', 'l.json'],
      ['doccano', 'd.zip'],
    ] as const) {
      expect(await convert('answers.csv', name, '--to', to)).toMatchObject({ status: 0 });
      expect((await convert(name, '-', '--to', 'csv')).stdout).toContain('t1,ann,"a, b"');
    }
  });

  it('reads a pipe, gzip and a byte order mark; writes a pipe and gzip', async () => {
    const { child, ended } = start(home, ['convert', '-', '-', '--to', 'jsonl']);
    child.stdin.end(gzipSync(`\ufefftask,worker,label\r\nt,w,é\r\n`));
    expect(await ended).toEqual({
      status: 0,
      stdout: '{"task":"t","worker":"w","label":"é"}\n',
      stderr:
        'read stdin (csv, UTF-8; 1 row): task = task, worker = worker, label = label\n' +
        'stdout (jsonl): 1 answers of 1 workers to 1 tasks, 1 classes\n',
    });
    expect(await convert('answers.csv', 'z.csv.gz')).toMatchObject({ status: 0 });
    expect(gunzipSync(readFileSync(join(home, 'z.csv.gz'))).toString()).toBe(CSV);
  });

  it('prints one JSON object with --json', async () => {
    const bad = put('bad.csv', 'task,worker,label\nt,w,a\nt,w\n');
    const { status, stdout, stderr } = await convert(bad, 'o.jsonl', '--skip-bad-rows', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      from: 'bad.csv',
      to: 'o.jsonl',
      format: 'jsonl',
      answers: 1,
      tasks: 1,
      workers: 1,
      classes: ['a'],
      badRows: 1,
      dropped: [],
      read: [expect.objectContaining({ name: 'bad.csv', format: 'csv', task: 'task', rows: 2 })],
      notes: ['Line 3 could not be read: expected 3 fields, as in the first line, got 2 fields.'],
    });
  });

  it('takes columns and labels along', async () => {
    const bare = put('bare.txt', 'x;t1;w1;yes\nx;t2;w1;no\n');
    expect((await convert(bare, 'named.csv', '--columns', '-,task,worker,label')).status).toBe(0);
    expect(text('named.csv')).toBe('task,worker,label\nt1,w1,yes\nt2,w1,no\n');
    const labels = put('labels.csv', 'task,label,confidence,annotations\nt1,yes,0.75,1\nt9,no,1,1\n');
    const made = await convert('named.csv', 'out.manifest', '--labels', labels, 'to.attribute=answer');
    expect(made.stderr).toContain('Dropped: 1 labels in labels.csv of tasks that are not in the answers');
    expect(JSON.parse(text('out.manifest'))).toMatchObject({ answer: 0, 'answer-metadata': { confidence: 0.75 } });
  });

  it.each([
    ['one file', ['answers.csv'], 'Name two files'],
    ['a target that does not tell', ['answers.csv', 'x.json'], 'Name the format: --to'],
    ['the file itself', ['answers.csv', './answers.csv'], '[OUTPUT_TAKEN]'],
    ['an empty file', [put('empty.csv', ''), 'x.csv'], '[ANSWERS_INVALID] empty.csv: '],
    ['a broken row', [put('row.csv', 'task,worker,label\na,b\n'), 'x.csv'], '[ANSWERS_INVALID] row.csv:2:'],
    ['columns that are none', ['answers.csv', 'x.csv', '--columns', 'task,person,label'], '"person" is no role'],
    ['a manifest without labels', ['answers.csv', 'x.manifest'], '--labels'],
    [
      'a picture',
      [put('picture.png', Buffer.from([0x89, 0x50, 0, 1, 2, 0])), 'x.csv'],
      'picture.png: expected a format that is known',
    ],
  ])('refuses %s in one line, and writes nothing', async (_name, args, message) => {
    const { status, stdout, stderr } = await convert(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(home).filter((name) => /^x\.|\.tmp$/.test(name))).toEqual([]);
    expect(text('answers.csv')).toBe(CSV);
  });

  it('leaves the old file when it is interrupted', async () => {
    const rows = Array.from({ length: 400_000 }, (_, a) => `task-${a},w${a % 7},${a % 3}`).join('\n');
    const big = put('big.csv', `task,worker,label\n${rows}\n`);
    put('old.zip', 'precious');
    const { child, ended } = start(home, ['convert', big, 'old.zip']);
    const beside = (): boolean => readdirSync(home).some((name) => name.endsWith('.tmp'));
    while (!beside() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGINT');
    const { status, stderr } = await ended;
    expect({ status, stderr }).toEqual({ status: 130, stderr: 'Interrupted; nothing was written.\n' });
    expect(text('old.zip')).toBe('precious');
    expect(beside()).toBe(false);
  });
});
