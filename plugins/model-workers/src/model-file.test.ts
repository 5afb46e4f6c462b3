import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isQuorateError, type Dataset, type Files } from '@quorate/core';
import { buildComponent, describeWorkerSimulator } from '@quorate/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import modelFile, { ModelFile } from './model-file.js';
import { npy } from './npy.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'quorate-model-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const notes: string[] = [];
beforeEach(() => void (notes.length = 0));
const files: Files = {
  resolve: (path) => join(folder, path),
  locate: () => undefined,
  cacheDir: folder,
  note: (message) => void notes.push(message),
};
const dataset: Dataset = {
  taskIds: ['a', 'b', 'c'],
  classes: ['cat', 'dog', 3],
  features: null,
  prototypes: { ids: [], classOf: new Int32Array(0) },
};

const suite = join(folder, 'suite.csv');
writeFileSync(suite, `task,label\n${Array.from({ length: 300 }, (_, i) => `t${i},c${i % 2}`).join('\n')}\n`);
describeWorkerSimulator('model_file', buildComponent(modelFile, { options: { file: suite } }), { declines: true });

async function read(
  name: string,
  content: string | Uint8Array,
  more: Record<string, unknown> = {},
): Promise<ModelFile> {
  writeFileSync(join(folder, name), content);
  const options = modelFile.options.parse({ file: name, ...more });
  return (await modelFile.create!(options, dataset, files)) as ModelFile;
}

function said(model: ModelFile): (number | number[])[] {
  return dataset.taskIds.map((_, i) => {
    const row = new Float64Array(3);
    if (model.probabilities(0, i, row)) return Array.from(row, (p) => Number(p.toFixed(3)));
    const label = new Int32Array(1);
    model.answer({ count: 1, item: Int32Array.of(i), worker: Int32Array.of(0) }, label);
    return label[0]!;
  });
}

describe('a file of what a model said', () => {
  it.each<[string, string, Record<string, unknown>, unknown]>([
    ['labels.csv', 'id,label\nb,dog\na,cat\nzz,dog\n', {}, [0, 1, -1]],
    ['pandas.csv', ',image,prediction,score\n0,c,3,0.4\n1,a,dog,0.9\n', {}, [1, -1, 2]],
    ['named.csv', 'id,gpt,clip\na,cat,dog\n', { label: 'clip' }, [1, -1, -1]],
    ['labels.jsonl', '{"task":"a","label":"cat"}\n{"task":"b","label":3}\n{"task":"c","label":null}\n', {}, [0, 2, -1]],
    ['probs.csv', 'task,dog,3,cat\nc,0.2,0.2,0.1\na,0,0,1\n', {}, [[1, 0, 0], -1, [0.2, 0.4, 0.4]]],
    ['some.csv', 'task,label,dog,cat\na,dog,0.25,0.75\n', {}, [[0.75, 0.25, 0], -1, -1]],
  ])('%s', async (name, content, more, expected) => {
    expect(said(await read(name, content, more))).toEqual(expected);
  });

  it('zeroshot.npy: rows in the order of the tasks, columns of the run or as given, which it says', async () => {
    const matrix = npy(3, 3, [0.5, 0.25, 0.25, 0, 1, 0, 0, 0, 1]);
    expect(said(await read('zeroshot.npy', matrix))).toEqual([
      [0.5, 0.25, 0.25],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(notes.join()).toContain('its 3 columns were taken for "cat", "dog", "3"');
    const given = await read('zeroshot.npy', matrix, { classes: ['dog', 'wolf', 'cat'] });
    expect(said(given)).toEqual([[0.333, 0.667, 0], -1, [1, 0, 0]]);
    expect(given.workerIds).toEqual(['zeroshot']);
  });

  it.each<[string, string | Uint8Array, Record<string, unknown>, RegExp]>([
    ['rows.npy', npy(2, 3, [1, 1, 1, 1, 1, 1]), {}, /3 rows.*got 2.*a column of ids/],
    ['columns.npy', npy(3, 2, [1, 1, 1, 1, 1, 1]), {}, /each of the 3 classes.*got 2 columns.*classes=/],
    ['logits.npy', npy(3, 3, Array(9).fill(-1)), {}, /none below 0.*softmax/],
    ['strangers.csv', 'id,label\nx,cat\n', {}, /an answer about a task.*got none/],
    ['nolabel.csv', 'id,label\na,cat\n', { label: 'gpt' }, /a column "gpt"/],
    ['twice.csv', 'id,cat,dog\na,1,0\na,0,1\n', {}, /each id once/],
    ['wolves.csv', 'id,label\na,wolf\n', {}, /got none/],
    ['empty.csv', '', {}, /empty/],
  ])('%s is refused', async (name, content, more, reason) => {
    const message = await read(name, content, more).then(String, (thrown: unknown) =>
      isQuorateError(thrown) ? thrown.message : `${String(thrown)}!`,
    );
    expect(message).toMatch(reason);
  });
});
