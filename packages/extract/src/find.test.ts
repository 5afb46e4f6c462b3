import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FeatureSubject } from '@quorate/core';
import { afterAll, describe, expect, it } from 'vitest';
import { findSubjects } from './find.js';
import type { Subjects, SubjectsRequest } from './subjects.js';

const home = mkdtempSync(join(tmpdir(), 'quorate-subjects-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const columns = { id: null, text: null, image: null, label: null };
const find = (name: string, more: Partial<SubjectsRequest> = {}): Promise<Subjects> =>
  findSubjects({ name, path: join(home, name), labelsFromFolders: false, columns, ...more });
function write(name: string, content: string | Buffer = name): string {
  const file = join(home, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return name;
}
async function all(subjects: Subjects, first = 0): Promise<FeatureSubject[]> {
  const list: FeatureSubject[] = [];
  for await (const subject of subjects.from(first)) list.push(subject);
  return list;
}

describe('a folder', () => {
  for (const name of [
    'b/2.JPG',
    'b/10.png',
    'a/x/1.jpeg',
    'a/z.webp',
    'B/1.gif',
    'a/notes.txt',
    'a/.hidden.png',
    '.git/1.png',
  ]) {
    write(`photos/${name}`);
  }
  const sorted = ['B/1.gif', 'a/x/1.jpeg', 'a/z.webp', 'b/10.png', 'b/2.JPG'];

  it('gives its images, sorted by path, with the first folder as label where that is wanted', async () => {
    const subjects = await find('photos', { labelsFromFolders: true });
    expect(subjects.ids).toEqual(sorted);
    expect(subjects.labels).toEqual(['B', 'a', 'a', 'b', 'b']);
    expect(subjects.notes).toEqual(['Files of other kinds are left aside: 1 .txt.']);
    expect(await all(subjects, 3)).toEqual(
      sorted.slice(3).map((id) => ({ kind: 'image', id, path: join(home, 'photos', id) })),
    );
    expect((await find('photos')).labels).toBeNull();
  });

  it('takes in what is an image by another ending or by none, and names images under the name of something else', async () => {
    const jpeg = Buffer.from('\xff\xd8\xff\xe0....JFIF', 'latin1').toString('latin1');
    for (const name of ['kinds/a.jfif', 'kinds/b.JPE']) write(name);
    writeFileSync(join(home, 'kinds/scan'), jpeg, 'latin1');
    writeFileSync(join(home, 'kinds/c.dat'), jpeg, 'latin1');
    write('kinds/readme');
    const { ids, notes } = await find('kinds');
    expect(ids).toEqual(['a.jfif', 'b.JPE', 'scan']);
    expect(notes[0]).toMatch(/1 \.dat.*1 of them are images by their content \(c\.dat\)/);
  });

  it('has another hash with another image, a longer or a renamed one', async () => {
    const hashes = [];
    for (const change of ['same/1.png', 'same/2.png', 'same/1.png']) {
      write(change, 'x'.repeat(hashes.length + 1));
      hashes.push((await find('same')).hash);
    }
    expect(new Set(hashes).size).toBe(3);
    expect((await find('same')).hash).toBe(hashes[2]);
  });

  it('is followed through links, but not round in circles', async () => {
    write('real/cats/1.png');
    write('linked/2.png');
    symlinkSync(join(home, 'real/cats'), join(home, 'linked/cats'));
    symlinkSync(join(home, 'linked'), join(home, 'linked/round'));
    symlinkSync(join(home, 'nowhere.png'), join(home, 'linked/broken.png'));
    expect((await find('linked')).ids).toEqual(['2.png', 'broken.png', 'cats/1.png']);
  });

  it.each([
    ['empty', {}, /empty: expected images in it or below .*got an empty folder/],
    ['others', {}, /got other files only: 2 \.bmp, 1 \.txt/],
    ['photos', { columns: { ...columns, text: 'review' } }, /expected a CSV file for --text-column, got a folder/],
    ['flat', { labelsFromFolders: true }, /flat: 1\.png: .*got an image directly in the folder/],
    ['missing', {}, /missing: expected a folder of images or a CSV file, got nothing of that name/],
  ])('is refused: %s %o', async (name, more, message) => {
    mkdirSync(join(home, 'empty'), { recursive: true });
    for (const file of ['others/a.bmp', 'others/b.bmp', 'others/c.txt', 'flat/1.png']) write(file);
    await expect(find(name, more)).rejects.toThrow(message);
  });
});

describe('a CSV file', () => {
  it('gives texts, ids and labels', async () => {
    write('r.csv', '\uFEFFid,text,label\na,"one, two\nthree",good\nb,,bad\n');
    const subjects = await find('r.csv');
    expect([subjects.kind, subjects.ids, subjects.labels, subjects.notes]).toEqual([
      'text',
      ['a', 'b'],
      ['good', 'bad'],
      [],
    ]);
    expect(await all(subjects)).toEqual([
      { kind: 'text', id: 'a', text: 'one, two\nthree' },
      { kind: 'text', id: 'b', text: '' },
    ]);
    expect((await all(subjects, 1)).map(({ id }) => id)).toEqual(['b']);
  });

  it('gives columns by name, numbers where it has no ids, and no labels where only some rows have one', async () => {
    write('n.tsv', 'review\tstars\nfine\t5\nbad\t\n');
    const subjects = await find('n.tsv', { columns: { ...columns, text: 'review', label: 'stars' } });
    expect(subjects.ids).toEqual(['1', '2']);
    expect(subjects.labels).toBeNull();
    expect(subjects.notes.join(' ')).toMatch(/rows are numbered from 1.*1 of 2 rows have no label/);
    expect(await all(subjects)).toEqual([
      { kind: 'text', id: '1', text: 'fine' },
      { kind: 'text', id: '2', text: 'bad' },
    ]);
  });

  it('gives images whose paths start at the file', async () => {
    write('sub/i.csv', 'id,image\nx,../photos/b/10.png\n');
    const subjects = await find('sub/i.csv');
    expect(await all(subjects)).toEqual([{ kind: 'image', id: 'x', path: join(home, 'photos/b/10.png') }]);
  });

  it('has another hash with another text', async () => {
    write('h.csv', 'text\na\n');
    const before = (await find('h.csv')).hash;
    write('h.csv', 'text\nb\n');
    expect((await find('h.csv')).hash).not.toBe(before);
  });

  it('of many rows is read in pieces', async () => {
    write('long.csv', `id,text\n${Array.from({ length: 30_000 }, (_, i) => `r${i},${'ü'.repeat(i % 9)}`).join('\n')}`);
    const subjects = await find('long.csv');
    const tail = await all(subjects, 29_990);
    expect(tail.map(({ id }) => id)).toEqual(subjects.ids.slice(29_990));
    expect(tail.at(-1)).toMatchObject({ text: 'ü'.repeat(29_999 % 9) });
    for await (const first of subjects.from(0)) {
      expect(first.id).toBe('r0');
      break;
    }
  });

  it.each([
    ['', /expected a header and rows, got no rows/],
    ['id,text\n', /expected a header and rows, got no rows/],
    ['id,txt\na,b', /bad\.csv:1: expected a header with a column "text".*Did you mean --text-column txt\?/],
    ['id,text\na,b\na,c', /bad\.csv:3: expected an id that no other row has, got "a", also on line 2/],
    ['id,text\n,c', /bad\.csv:2: .*got no id/],
    ['id,text\na,b,c', /bad\.csv:2: expected CSV with as many fields/],
    [Buffer.from([105, 100, 44, 255, 10]), /expected text in UTF-8/],
  ])('is refused: %j', async (content, message) => {
    write('bad.csv', content);
    await expect(find('bad.csv')).rejects.toThrow(message);
  });

  it('is refused with flags that do not fit', async () => {
    const both = { ...columns, text: 'text', image: 'id' };
    await expect(find('r.csv', { columns: both })).rejects.toThrow(/either --text-column or --image-column/);
    await expect(find('r.csv', { labelsFromFolders: true })).rejects.toThrow(/a folder for --labels-from-folders/);
    await expect(find('r.csv', { columns: { ...columns, label: 'lable' } })).rejects.toThrow(/column "lable"/);
    await expect(find(write('data.bin'))).rejects.toThrow(/expected a folder of images or a file \.csv/);
  });
});
