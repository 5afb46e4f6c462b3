import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnswerTableBuilder, makeRng } from '@quorate/core';
import { CrowdAnswers } from '@quorate/consensus';
import { afterAll, describe, expect, it } from 'vitest';
import { readProbabilities } from './read.js';

const cwd = mkdtempSync(join(tmpdir(), 'quorate-probabilities-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const K = 3;
const N = 60;
/** Classes 0, 1, 2, of which 2 is named first; tasks whose order of appearance is not that of their numbers. */
const truth = Array.from({ length: N }, (_, i) => (i * 7 + 2) % K);
const appearance = Array.from({ length: N }, (_, i) => (i * 17) % N);

function answers(noise = 0.1): CrowdAnswers {
  const rng = makeRng('answers');
  const table = new AnswerTableBuilder();
  for (const i of appearance) {
    for (const worker of ['a', 'b', 'c']) {
      const label = rng.uniform() < noise ? rng.int(K) : truth[i]!;
      table.add(table.task(String(i)), table.worker(worker), table.class(String(label)));
    }
  }
  return CrowdAnswers.of(table.build());
}

/** Row r for task r, column c for class c: sorted, as scikit-learn has them. */
const model = truth.map((k) => Array.from({ length: K }, (_, c) => (c === k ? 0.8 : 0.1)));

function npy(rows: readonly (readonly number[])[]): Buffer {
  const text =
    `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${rows[0]!.length}), }`.padEnd(117) + '\n';
  return Buffer.concat([
    Buffer.from(`\x93NUMPY\x01\x00v\x00${text}`, 'latin1'),
    new Uint8Array(Float32Array.from(rows.flat()).buffer),
  ]);
}

async function read(
  path: string,
  content: string | Buffer,
  crowd = answers(),
  classes: readonly string[] | null = null,
) {
  writeFileSync(join(cwd, path), content);
  const notes: string[] = [];
  const probability = await readProbabilities({ path, cwd, classes, note: (text) => void notes.push(text) }, crowd);
  const likeliest = crowd.taskIds.map((_, i) => {
    const row = [...probability.subarray(i * crowd.classes.length, (i + 1) * crowd.classes.length)];
    return String(crowd.classes[row.indexOf(Math.max(...row))]);
  });
  return { likeliest, notes, right: crowd.taskIds.every((id, i) => likeliest[i] === String(truth[Number(id)])) };
}
const refusal = (...given: Parameters<typeof read>): Promise<string> => read(...given).then(() => 'read', String);

describe('class probabilities of a model', () => {
  it('without names are read in the order that the answers agree with, and what it is is said', async () => {
    const sorted = await read('m.npy', npy(model));
    expect(sorted.right).toBe(true);
    expect(sorted.notes).toEqual([expect.stringMatching(/"0", "1", "2" \(sorted\).*tasks sorted/)]);
    const asTheyAppear = await read('a.npy', npy(appearance.map((i) => model[i]!)));
    expect(asTheyAppear.right).toBe(true);
    expect(asTheyAppear.notes).toEqual([expect.stringMatching(/\(sorted\).*in the order of the answers/)]);
  });

  it('without names are refused where the answers tell nothing', async () => {
    const flat = model.map(() => [0.4, 0.3, 0.3]);
    expect(await refusal('flat.npy', npy(flat))).toMatch(/order can be told.*--classes A,B/);
    expect(await refusal('m.npy', npy(model), answers(1))).toMatch(/order can be told/);
    expect(await refusal('wide.npy', npy(model.map((row) => [...row, 0])))).toMatch(/60 tasks × 3 classes, got 60 × 4/);
  });

  it('have the classes of the columns that the user says', async () => {
    const turned = model.map(([zero, one, two]) => [one!, two!, zero!]);
    expect((await read('t.npy', npy(turned), answers(), ['1', '2', '0'])).right).toBe(true);
    expect(await refusal('t.npy', npy(turned), answers(), ['1', '2'])).toMatch(/60 × 3 and 2 class names/);
  });

  it('with names are read by them, in any order, format and with an index', async () => {
    const csv = (separator: string, index: boolean): string =>
      [
        [...(index ? [''] : []), 'task', '2', '0', '1'],
        ...appearance.map((i, row) => [...(index ? [row] : []), i, ...[2, 0, 1].map((c) => model[i]![c])]),
      ]
        .map((fields) => fields.join(separator))
        .join('\n');
    for (const content of [csv(',', false), csv(';', true)]) expect((await read('m.csv', content)).right).toBe(true);
    const json = truth.map((_, i) => JSON.stringify({ task: i, 0: model[i]![0], 1: model[i]![1], 2: model[i]![2] }));
    expect((await read('m.jsonl', json.join('\n'))).right).toBe(true);
    const lists = truth.map((_, i) => JSON.stringify({ task: i, probs: model[i] }));
    const listed = await read('l.jsonl', lists.reverse().join('\n'));
    expect(listed.right).toBe(true);
    expect(listed.notes[0]).toContain('by their ids');
  });

  it.each([
    ['no row of a task', 'task,0,1,2\n0,1,0,0\n', /none for "17"/],
    ['no column of a class', `task,0,1\n${truth.map((_, i) => `${i},1,0`).join('\n')}`, /none for "2"/],
    ['a task twice', `task,0,1,2\n${[0, ...truth.keys()].map((i) => `${i},1,0,0`).join('\n')}`, /"0" again/],
    ['a negative one', `task,0,1,2\n${truth.map((_, i) => `${i},1,-1,0`).join('\n')}`, /none below 0/],
  ])('are refused with %s', async (_, content, message) => {
    expect(await refusal('bad.csv', content)).toMatch(message);
  });
});
