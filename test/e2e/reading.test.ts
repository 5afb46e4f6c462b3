import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { lines, quorate, workplace } from './cli.js';

const text = (...all: readonly string[]): string => `${all.join('\n')}\n`;

function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const home = workplace();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), content);
  }
  return home;
}

interface Told {
  readonly answers: number;
  readonly skips: number;
  readonly tasks: number;
  readonly workers: number;
  readonly classes: unknown[];
  readonly read: readonly { encoding: string; worker: string | null; label: string | null }[];
  readonly notes: string[];
  readonly agreement: { alpha: number | null; repeats: number };
}
async function told(home: string, ...args: string[]): Promise<Told> {
  const { status, stdout, stderr } = await quorate(home, [...args, '--json']);
  expect(`${status} ${stderr} ${status === 0 ? '' : stdout}`).toBe('0  ');
  return JSON.parse(stdout) as Told;
}
/** The advice of a refusal. */
async function advice(home: string, ...args: string[]): Promise<string> {
  const { status, stdout } = await quorate(home, [...args, '--json']);
  expect(status, stdout).toBe(2);
  return (JSON.parse(stdout) as { fix: string }).fix;
}
/** Words of a command line as a shell parts them. */
const words = (line: string): string[] =>
  (line.match(/(?:'[^']*'|\S)+/g) ?? []).map((word) => word.replaceAll("'", '').replace(/[.;]$/, ''));

describe('how files are read', () => {
  it('is printed, and is in what programs get', async () => {
    const home = folder({ 'a.csv': text('HITId,WorkerId,Answer.mood,note', 'h,w,good,x', 'h,v,NA,', 'h,w,bad,') });
    const { stdout } = await quorate(home, ['agreement', 'a.csv']);
    expect(stdout).toContain(
      'read a.csv (csv, UTF-8; 3 rows, 1 missing): task = HITId, worker = WorkerId,\nlabel = Answer.mood; other columns: note\n',
    );
    expect(stdout).toContain('repeats: 1 further answer of a worker to the same task, of which the first\ncounts\n');
    expect((await told(home, 'agreement', 'a.csv')).agreement.repeats).toBe(1);
  });

  it('advice works as it is printed', async () => {
    const home = folder({
      'bare.csv': text('P0,Q0,A1', 'P1,Q0,A2', 'P0,Q1,A1'),
      'two.csv': text('item,annotator,feeling,emotion', '1,a,pos,joy', '1,b,neg,rage', '2,a,pos,joy'),
      'minus.csv': text('task,w1,w2,w3', 'x,1,-1,1', 'y,0,0,-1'),
      'form.csv': text('Timestamp,Email Address,An image: what?,How sure?', 'a,a@x.org,Cat,yes', 'b,b@x.org,Dog,no'),
    });
    for (const file of ['bare.csv', 'two.csv', 'minus.csv', 'form.csv']) {
      const fix = await advice(home, 'agreement', file);
      const said = words(/--(columns|missing).*/.exec(fix)![0]).slice(0, fix.includes('--columns') ? 2 : 1);
      expect((await told(home, 'agreement', file, ...said)).answers, fix).toBeGreaterThan(0);
    }
    expect((await told(home, 'agreement', 'bare.csv', 'columns=worker,task,label')).workers).toBe(2);
    expect((await told(home, 'agreement', 'minus.csv', '--missing', '-1')).answers).toBe(4);
    expect((await told(home, 'agreement', 'minus.csv', '--keep=-1')).answers).toBe(6);
  });

  it('one file of each worker, and a worker who is named', async () => {
    const home = folder({
      'each/ann.csv': text('id,text,label', '1,a,pos', '2,b,neg'),
      'each/bob.csv': text('id,text,label', '1,a,pos', '2,b,pos'),
      'p.jsonl': text('{"text":"hi","_input_hash":1,"accept":["A"],"answer":"accept","_session_id":null}'),
    });
    expect(await told(home, 'agreement', 'each')).toMatchObject({ answers: 4, workers: 2, tasks: 2 });
    expect(await told(home, 'agreement', 'each/ann.csv', 'each/bob.csv')).toMatchObject({ answers: 4, workers: 2 });
    const one = await told(home, 'agreement', 'each/ann.csv', '--worker-from', 'filename');
    expect([one.workers, one.read[0]!.worker]).toEqual([1, 'the name of the file']);
    expect(await advice(home, 'agreement', 'p.jsonl')).toContain('--worker NAME');
    expect((await told(home, 'agreement', 'p.jsonl', '--worker', 'me')).workers).toBe(1);
  });

  it('gold without a header, by the tasks that the answers have; and by columns of its own', async () => {
    const home = folder({
      'a.csv': text('task,worker,label', 'Q0,a,A1', 'Q0,b,A1', 'Q1,a,A2', 'Q1,b,A1'),
      'gold.csv': text('Q0,A1', 'Q1,A2'),
      'turned.csv': text('A1,Q0', 'A2,Q1'),
      'expert.csv': text('task,worker,label', 'Q0,boss,A1', 'Q1,boss,A2'),
    });
    for (const more of [['gold.csv'], ['turned.csv'], ['expert.csv', '--gold-columns', 'worker=-']]) {
      const { accuracy } = (await told(home, 'compare', 'a.csv', '--gold', ...more)) as unknown as {
        accuracy: unknown;
      };
      expect(accuracy).not.toBeNull();
    }
    expect(await advice(home, 'compare', 'a.csv', '--gold', 'expert.csv')).toContain('--gold-columns worker=-');
  });

  it('an encoding that is told by the bytes, or named', async () => {
    const csv = text('task,worker,label', 't,Jörg,Größe', 't,Änne,Maß');
    const home = folder({ 'l.csv': Buffer.from(csv, 'latin1'), 'u.csv': Buffer.from(`\ufeff${csv}`, 'utf16le') });
    for (const [file, encoding] of [
      ['l.csv', 'windows-1252'],
      ['u.csv', 'utf-16le'],
    ] as const) {
      const { classes, read } = await told(home, 'agreement', file);
      expect([classes, read[0]!.encoding]).toEqual([['Größe', 'Maß'], encoding]);
    }
    expect((await told(home, 'agreement', 'l.csv', '--encoding', 'macintosh')).classes).not.toContain('Größe');
  });

  it('files that name their tasks otherwise are told, and meet where a field of both is named', async () => {
    const annotation = { completed_by: 1, result: [{ from_name: 'c', type: 'choices', value: { choices: ['cat'] } }] };
    const home = folder({
      'm.csv': text('HITId,WorkerId,Input.image,Answer.x', 'H1,w,1.png,cat'),
      'l.json': JSON.stringify([{ id: 77, data: { image: '1.png' }, annotations: [annotation] }]),
    });
    const apart = await told(home, 'agreement', 'm.csv', 'l.json');
    expect([apart.tasks, apart.notes.join()]).toEqual([2, expect.stringContaining('name it: --columns task=<name>')]);
    expect((await told(home, 'agreement', 'm.csv', 'l.json', '--columns', 'task=image')).tasks).toBe(1);
  });

  it('columns go along to labels.csv where they are asked for', async () => {
    const home = folder({ 'a.csv': text('task,worker,label,url', 't1,a,x,"u,1"', 't1,b,x,', 't2,a,y,u2') });
    expect((await quorate(home, ['aggregate', 'a.csv', '--carry', 'url', '--out', 'o'])).status).toBe(0);
    const [head, ...rows] = lines(join(home, 'o'), 'labels.csv');
    expect([head!.endsWith(',url'), ...rows.map((row) => row.replace(/.*(calibrated|uncalibrated),/, ''))]).toEqual([
      true,
      '"u,1"',
      'u2',
    ]);
  });

  it('zips are the files in them: parts, workers, workbooks of JSON; what else is there is named', async () => {
    const part = (...rows: string[]): Buffer => Buffer.from(text('task,worker,label', ...rows));
    const own = (...rows: string[]): Buffer => Buffer.from(text('task,label', ...rows));
    const record = JSON.stringify([{ task: 't', worker: 'a', label: 'x' }]);
    const zip = (files: Record<string, Uint8Array>): Buffer => Buffer.from(zipSync(files));
    const home = folder({
      'parts.zip': zip({
        'a/1.csv': part('t,a,x', 't,b,y'),
        'a/2.csv': part('u,a,x'),
        '__MACOSX/a/._1.csv': own(),
        'p.png': own(),
      }),
      'workers.zip': zip({ 'ann.csv': own('t,x', 'u,y'), 'bob.csv': own('t,x', 'u,x') }),
      'json.zip': zip({ 'export/all.json': Buffer.from(record) }),
      'none.zip': zip({ 'p.png': own() }),
      'half.zip': zip({ 'a.csv': part('t,a,x') }).subarray(0, 60),
    });
    const parts = await told(home, 'agreement', 'parts.zip');
    expect([parts.answers, parts.notes.join()]).toEqual([3, expect.stringContaining('Not read: parts.zip/p.png.')]);
    const workers = await told(home, 'agreement', 'workers.zip');
    expect([workers.answers, workers.workers, workers.read[0]!.worker]).toEqual([4, 2, 'the name of the file']);
    expect((await told(home, 'agreement', 'json.zip')).answers).toBe(1);
    expect(await advice(home, 'agreement', 'none.zip')).toContain('Give a zip of CSV');
    expect(await advice(home, 'agreement', 'half.zip')).toContain('Download or make it again');
  });

  it('quotes, dashes and the euro of Windows-1252 stay what they are', async () => {
    const bytes = Buffer.concat([
      Buffer.from('task,worker,label\nt,a,'),
      Buffer.of(0x93, 0x35, 0x20, 0x80, 0x94),
      Buffer.from('\nt,b,x\n'),
    ]);
    const home = folder({ 'w.csv': bytes });
    for (const more of [[], ['--encoding', 'windows-1252'], ['--encoding', 'latin1']])
      expect((await told(home, 'agreement', 'w.csv', ...more)).classes).toEqual(['“5 €”', 'x']);
  });

  it('gold that was not filled in, or has two labels of a task, says so', async () => {
    const home = folder({
      'a.csv': text('task,worker,label', 't,a,x', 't,b,x', 'u,a,y'),
      'empty.csv': text('task,label', 't,', 'u,'),
      'two.csv': text('task,label', 't,x', 't,y', 'u,y'),
    });
    const refused = async (gold: string): Promise<string> =>
      (await quorate(home, ['compare', 'a.csv', '--gold', gold])).stderr;
    expect(await refused('empty.csv')).toMatch(/got 2 tasks without one\. Fill in/);
    expect(await refused('two.csv')).toMatch(/expected one label for each task, got tasks with several/);
  });
});
