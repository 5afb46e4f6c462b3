import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'csv-parse';
import { QuorateError, isQuorateError, messageOf } from '@quorate/core';
import { readNpyHeader, readNpyRows } from '@quorate/core/bytes';
import type { CrowdAnswers } from '@quorate/consensus';

/**
 * Class probabilities of a model, N×K in the numbers of the answers, rows scaled to sum 1. Throws DATA_INVALID.
 *
 * - CSV with a header `task,<class>,<class>,...`, lines in any order; every task of the answers needs a line. A class
 *   that no answer names is added.
 * - `.npy`, a matrix of float32 or float64: rows in the order in which tasks, columns in the order in which classes first
 *   appear in the answers.
 */
export async function readProbabilities(path: string, cwd: string, answers: CrowdAnswers): Promise<Float64Array> {
  try {
    const file = resolve(cwd, path);
    return /\.npy$/i.test(path) ? await fromNpy(path, file, answers) : await fromCsv(path, file, answers);
  } catch (thrown) {
    if (isQuorateError(thrown)) throw thrown;
    throw refused(
      path,
      'class probabilities as CSV (task,<class>,...) or .npy',
      messageOf(thrown),
      'Look at the file.',
    );
  }
}

async function fromNpy(name: string, file: string, { taskIds, classes }: CrowdAnswers): Promise<Float64Array> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const npy = {
      name,
      bytes: size,
      read: async (position: number, into: Uint8Array) => (await handle.read(into, 0, into.length, position)).bytesRead,
    };
    const header = await readNpyHeader(npy);
    const [N, K] = [taskIds.length, classes.length];
    if (header.rows !== N || header.columns !== K) {
      const got = `${header.rows} × ${header.columns}`;
      throw refused(name, `a matrix of ${N} tasks × ${K} classes, in order of first appearance`, got, ORDER);
    }
    const values = await readNpyRows(
      npy,
      header,
      Int32Array.from({ length: N }, (_, i) => i),
    );
    const probability = Float64Array.from(values);
    for (let i = 0; i < N; i++) scale(probability, i, K, () => `${name}: row ${i} (counted from 0)`);
    return probability;
  } finally {
    await handle.close();
  }
}

async function fromCsv(name: string, file: string, answers: CrowdAnswers): Promise<Float64Array> {
  const source = createReadStream(file);
  const rows = source.pipe(parse({ bom: true, skip_empty_lines: true, info: true }));
  source.on('error', (thrown) => rows.destroy(thrown));
  let columns: Int32Array | null = null;
  let probability = new Float64Array(0);
  let K = 0;
  const seen = new Uint8Array(answers.taskIds.length);
  for await (const { record, info } of rows as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    const where = `${name}: line ${info.lines}`;
    const [task, ...cells] = record as [string, ...string[]];
    if (!columns) {
      columns = Int32Array.from(cells, (label) => answers.classNumber(label) ?? answers.addClass(label));
      K = answers.classes.length;
      const missing = answers.classes.find((_, k) => !columns!.includes(k));
      if (missing !== undefined)
        throw refused(where, `a column for each class`, `none for "${String(missing)}"`, HEADER);
      probability = new Float64Array(answers.taskIds.length * K);
      continue;
    }
    const i = answers.taskNumber(task);
    if (i === undefined) continue;
    if (seen[i] === 1) throw refused(where, 'one line for each task', `"${task}" again`, 'Leave one of the two out.');
    seen[i] = 1;
    for (const [c, text] of cells.entries())
      probability[i * K + columns[c]!]! += text.trim() === '' ? NaN : Number(text);
    scale(probability, i, K, () => where);
  }
  const missing = answers.taskIds.find((_, i) => seen[i] === 0);
  if (missing !== undefined)
    throw refused(name, 'a line for each task of the answers', `none for "${missing}"`, HEADER);
  return probability;
}

/** Scales a row to sum 1. */
function scale(probability: Float64Array, i: number, K: number, where: () => string): void {
  let sum = 0;
  for (let x = i * K; x < (i + 1) * K; x++) sum += probability[x]! >= 0 ? probability[x]! : NaN;
  if (!(sum > 0 && sum < Infinity)) {
    const got = [...probability.subarray(i * K, (i + 1) * K)].slice(0, 8).join(', ');
    throw refused(where(), `${K} probabilities, none below 0, not all 0`, got, 'Mend the line.');
  }
  for (let x = i * K; x < (i + 1) * K; x++) probability[x]! /= sum;
}

const HEADER = 'The file starts with the line task,<class>,<class>,... and has a line for each task.';
const ORDER = 'A CSV file with the header task,<class>,... may have any order.';

function refused(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('DATA_INVALID', { where, expected, got, fix });
}
