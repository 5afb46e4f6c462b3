import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QuorateError, Registry, defineComponent, definePlugin, type FeatureSubject } from '@quorate/core';
import { referenceExtractor } from '@quorate/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openFeatures, type FeaturesRequest } from './job.js';
import { findSubjects } from './find.js';

/** Counts letters; "bad" cannot be read; options choose a fault of the plugin. */
const letters = defineComponent({
  kind: 'featureExtractor',
  name: 'letters',
  summary: 'counts letters',
  options: z.strictObject({ print: z.string().default('1'), fault: z.string().default('') }),
  create: ({ print, fault }) => ({
    ...referenceExtractor(),
    fingerprint: print,
    extract: async (batch) => {
      if (fault === 'throws') throw new Error('no memory');
      const bad = batch.find((one) => textOf(one) === 'bad');
      if (bad)
        throw new QuorateError('DATA_INVALID', { where: bad.id, expected: 'a text', got: '"bad"', fix: 'Fix it.' });
      const rows = await referenceExtractor().extract(batch);
      if (fault === 'short') return rows.subarray(1);
      return fault === 'NaN' ? rows.fill(NaN) : rows;
    },
  }),
});
const textOf = (subject: FeatureSubject): string => (subject.kind === 'text' ? subject.text : '');
const registry = new Registry([definePlugin({ name: 'test', apiVersion: '*', components: [letters] })]);

const root = mkdtempSync(join(tmpdir(), 'quorate-features-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const workplace = (): string => mkdtempSync(join(root, 'work-'));

const words = ['tea', 'rain', ' stone', 'a "nest", torn', 'oars', 'bad', 'soot', 'ten', 'rose', 'ears', 'inn'];
const table = (list: readonly string[]): string =>
  `id,text,label\n${list.map((word, i) => `" t${i}","${word.replaceAll('"', '""')}",l${i % 2}`).join('\n')}\n`;

interface Given {
  readonly home: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly resume?: boolean;
  readonly skipBad?: boolean;
  /** Stops after so many batches, as a process that is killed does. */
  readonly batches?: number;
}

const notes: string[] = [];
async function make({ home, options = {}, resume = false, skipBad = true, batches = Infinity }: Given) {
  const columns = { id: null, text: null, image: null, label: null };
  const subjects = await findSubjects({ name: 't.csv', path: join(home, 't.csv'), labelsFromFolders: false, columns });
  const choice = { use: 'letters', options };
  const request: FeaturesRequest = {
    prepared: { registry, plugins: [], failures: [], baseDir: home, file: null, choice },
    ...{ subjects, out: join(home, 'f.npy'), resume, skipBad, cwd: home, env: {}, onNote: (note) => notes.push(note) },
  };
  const job = await openFeatures(request);
  try {
    const steps = job.batches(new AbortController().signal);
    for (let step = 0; step < batches; step++) {
      const next = await steps.next();
      if (next.done) return next.value;
    }
    return null;
  } finally {
    await job.dispose();
  }
}

function home(list: readonly string[] = words): string {
  const folder = workplace();
  writeFileSync(join(folder, 't.csv'), table(list));
  return folder;
}
const contents = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]));

describe('features', () => {
  it('are a NumPy file that others can read, ids and labels in the same order, and what they are made of', async () => {
    const folder = home();
    const result = await make({ home: folder });
    expect(result).toMatchObject({ stopped: 'done', rows: 10, columns: 8, leftOut: ['t5'].map((id) => ` ${id}`) });
    expect(notes.at(-1)).toBe('Left out:  t5, "bad"');
    expect(readdirSync(folder).sort()).toEqual(['f.csv', 'f.json', 'f.npy', 't.csv']);
    const bytes = readFileSync(join(folder, 'f.npy'));
    expect(bytes.subarray(0, 10).toString('latin1')).toBe('\x93NUMPY\x01\x00\x76\x00');
    expect(bytes.subarray(10, 128).toString()).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(10, 8\), \} +\n$/,
    );
    const kept = words.filter((word) => word !== 'bad');
    const want = await referenceExtractor().extract(
      kept.map((text, i) => ({ kind: 'text', id: String(i), text: text.trim() })),
    );
    expect(
      Array.from(new Float32Array(bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + bytes.length))),
    ).toEqual(Array.from(want));
    const ids = words.flatMap((word, i) => (word === 'bad' ? [] : [`" t${i}",l${i % 2}`]));
    expect(readFileSync(join(folder, 'f.csv'), 'utf8')).toBe(['id,label', ...ids, ''].join('\n'));
    expect(JSON.parse(readFileSync(join(folder, 'f.json'), 'utf8'))).toMatchObject({
      state: 'done',
      rows: 10,
      leftOut: [5],
    });
  });

  describe('of subjects that are added when they are done', () => {
    const add = (folder: string, list: readonly string[]): void => writeFileSync(join(folder, 't.csv'), table(list));
    const idsOf = (folder: string): string[] =>
      readFileSync(join(folder, 'f.csv'), 'utf8')
        .split('\n')
        .slice(1, -1)
        .map((line) => /t\d+/.exec(line)![0]);
    const rowsOf = (folder: string): Float32Array =>
      new Float32Array(Uint8Array.from(readFileSync(join(folder, 'f.npy')).subarray(128)).buffer);

    // The word that could not be read lies between the rows that are there, so a table of it cannot grow.
    const readable = words.filter((word) => word !== 'bad');

    it('come after those that are there, after any interruption', async () => {
      const more = [...readable, 'noon', 'bad', 'eat', 'sorrow', 'tree'];
      for (let batches = 0; batches < 6; batches++) {
        const folder = home(readable);
        await make({ home: folder });
        const before = rowsOf(folder);
        add(folder, more);
        await make({ home: folder, resume: true, batches });
        const result = await make({ home: folder, resume: true });
        expect(result).toMatchObject({ stopped: 'done', rows: 14, leftOut: [' t11'] });
        expect(idsOf(folder)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14].map((n) => `t${n}`));
        expect(rowsOf(folder).subarray(0, before.length)).toEqual(before);
        expect(readdirSync(folder).sort()).toEqual(['f.csv', 'f.json', 'f.npy', 't.csv']);
        // Once more: nothing is left to do, and again a row can be added.
        expect(await make({ home: folder, resume: true })).toMatchObject({ rows: 14 });
      }
    });

    it('are refused where earlier ones are gone, have changed or would have others between them, and where the ids were written to', async () => {
      const folder = home(readable);
      await make({ home: folder });
      const files = contents(folder);
      const again = (): Promise<unknown> => make({ home: folder, resume: true });
      add(folder, readable.slice(0, -1));
      await expect(again()).rejects.toThrow(/no " t9" any more/);
      add(folder, [...readable.slice(0, 3), 'other', ...readable.slice(4), 'noon']);
      await expect(again()).rejects.toThrow(/others under the same ids/);
      add(folder, [...readable, 'noon']);
      writeFileSync(
        join(folder, 'f.csv'),
        files['f.csv']!.replace('id,label', 'id,label,mine').replaceAll(/,l(\d)/g, ',l$1,x'),
      );
      await expect(again()).rejects.toThrow(/the columns id,label,mine/);
      expect(contents(folder)['f.npy']).toBe(files['f.npy']);
    });
  });

  it('stopped after any batch and resumed end in the same bytes', async () => {
    const whole = home();
    await make({ home: whole });
    for (let batches = 0; batches <= 3; batches++) {
      const folder = home();
      expect(await make({ home: folder, batches })).toBeNull();
      expect(existsSync(join(folder, 'f.npy'))).toBe(false);
      // Half of a batch that was on its way when the process was killed.
      if (batches > 0) writeFileSync(join(folder, 'f.npy.partial'), 'torn', { flag: 'a' });
      await make({ home: folder, resume: true });
      expect(contents(folder)).toEqual(contents(whole));
      // A second time there is nothing to do.
      expect(await make({ home: folder, resume: true })).toMatchObject({ stopped: 'done', rows: 10 });
      expect(contents(folder)).toEqual(contents(whole));
    }
  });

  it('killed between the last files end in the same bytes', async () => {
    const whole = home();
    await make({ home: whole });
    const record = JSON.parse(readFileSync(join(whole, 'f.json'), 'utf8')) as object;
    const running = `${JSON.stringify({ ...record, state: 'running' }, null, 2)}\n`;
    const before = contents(whole);
    writeFileSync(join(whole, 'f.json'), running);
    await make({ home: whole, resume: true });
    expect(contents(whole)).toEqual(before);
  });

  it('are not begun again over what is there', async () => {
    const folder = home();
    await make({ home: folder, batches: 1 });
    await expect(make({ home: folder })).rejects.toThrow(/\[OUTPUT_TAKEN\].*f\.json.*--resume/);
    for (const taken of ['f.npy', 'f.csv', 'f.json']) {
      const other = home();
      writeFileSync(join(other, taken), '{"theirs":1}');
      await expect(make({ home: other }), taken).rejects.toThrow(/OUTPUT_TAKEN/);
      await expect(make({ home: other, resume: true }), taken).rejects.toThrow(/OUTPUT_TAKEN/);
      expect(readFileSync(join(other, taken), 'utf8')).toBe('{"theirs":1}');
      expect(readdirSync(other).sort()).toEqual([taken, 't.csv'].sort());
    }
  });

  it('are not resumed with another model, other subjects or lost rows', async () => {
    const folder = home();
    await make({ home: folder, batches: 2 });
    const before = contents(folder);
    await expect(make({ home: folder, resume: true, options: { print: '2' } })).rejects.toThrow(
      /\[OUTPUT_TAKEN\].*expected the same model, options and versions.*got others/,
    );
    writeFileSync(join(folder, 't.csv'), table([...words, 'more']));
    await expect(make({ home: folder, resume: true })).rejects.toThrow(/the same number of subjects.*got 12 after 11/);
    writeFileSync(join(folder, 't.csv'), table(words.map((word) => (word === 'ten' ? 'net' : word))));
    await expect(make({ home: folder, resume: true })).rejects.toThrow(/the same subjects/);
    writeFileSync(join(folder, 't.csv'), table(words));
    expect(contents(folder)).toEqual(before);
    truncateSync(join(folder, 'f.npy.partial'), 140);
    await expect(make({ home: folder, resume: true })).rejects.toThrow(/f\.npy\.partial: expected the \d+ bytes/);
  });

  it('stop at what cannot be read, and go on without it', async () => {
    const folder = home();
    await expect(make({ home: folder, skipBad: false })).rejects.toThrow(/\[DATA_INVALID\] {2}t5: /);
    expect(await make({ home: folder, resume: true })).toMatchObject({ rows: 10 });
    const whole = home();
    await make({ home: whole });
    expect(contents(folder)).toEqual(contents(whole));
  });

  it('of nothing that can be read are an error and leave nothing behind', async () => {
    const folder = home(['bad', 'bad', 'bad', 'bad', 'bad']);
    await expect(make({ home: folder })).rejects.toThrow(/t\.csv: expected subjects that can be read, got none of 5/);
    expect(readdirSync(folder)).toEqual(['t.csv']);
  });

  it('may begin again where no batch was done', async () => {
    const folder = home(['bad', 'tea']);
    await expect(make({ home: folder, skipBad: false })).rejects.toThrow(/DATA_INVALID/);
    writeFileSync(join(folder, 't.csv'), table(['tea', 'tea']));
    expect(await make({ home: folder })).toMatchObject({ rows: 2 });
  });

  it.each(['throws', 'short', 'NaN'])('of a plugin that is wrong are its fault: %s', async (fault) => {
    await expect(make({ home: home(), options: { fault } })).rejects.toThrow(/\[PART_FAILED\] features\/letters/);
  });
});
