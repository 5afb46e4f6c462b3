import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isQuorateError } from '@quorate/core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { PythonProcess } from './python-process.js';

const script = fileURLToPath(new URL('centroids.fixture.mjs', import.meta.url));
const opened: PythonProcess[] = [];
afterEach(() => {
  opened.splice(0).forEach((one) => one.dispose());
  delete process.env['CENTROIDS_MODE'];
});

/** Four rows of two columns, of two classes; asks about rows 0 and 3. */
async function asked(
  options: { python?: string; script?: string; timeoutSeconds?: number } = {},
): Promise<Float64Array> {
  const one = new PythonProcess({ python: process.execPath, script, timeoutSeconds: 20, ...options });
  opened.push(one);
  await one.send({ op: 'features', rows: 4, columns: 2 }, { values: Float32Array.of(0, 0, 0, 1) });
  await one.send({ op: 'features', rows: 4, columns: 2 }, { values: Float32Array.of(9, 9, 9, 8) });
  await one.send(
    { op: 'fit_predict', classes: 2, seed: 1, train: 4, predict: 2 },
    {
      rows: Int32Array.of(0, 1, 2, 3),
      labels: Int32Array.of(0, 0, 1, 1),
      weights: Float64Array.of(1, 1, 1, 1),
      predict: Int32Array.of(0, 3, 0, 0),
    },
  );
  return one.receive();
}

async function refusal(asking: Promise<unknown>): Promise<string> {
  const thrown: unknown = await asking.then(
    () => 'it answered',
    (error: unknown) => error,
  );
  if (!isQuorateError(thrown)) throw new Error(`no QuorateError: ${String(thrown)}`, { cause: thrown });
  expect(thrown.code).toBe('PART_FAILED');
  return thrown.message;
}

it('answers with a row per item that was asked about', async () => {
  const [a, b, c, d] = await asked();
  expect(a).toBeGreaterThan(0.1);
  expect(b).toBeLessThan(1e-9);
  expect(c).toBeLessThan(1e-9);
  expect(d).toBeGreaterThan(0.1);
});

describe('a process that fails says where, and with what', () => {
  it.each([
    ['dies at once', 'it ended with 3'],
    ['dies', 'it ended with 1: ValueError: two classes are needed'],
    ['chatty', 'a line that is no message: fitting...'],
    ['hangs', 'no answer in 0.5 s'],
  ])('%s', async (mode, words) => {
    process.env['CENTROIDS_MODE'] = mode;
    const said = await refusal(asked(mode === 'hangs' ? { timeoutSeconds: 0.5 } : {}));
    expect(said).toContain(words);
    expect(said).toContain('learner "python"');
  });

  it('no such command, no such script', async () => {
    expect(await refusal(asked({ python: 'no-such-python' }))).toContain('ENOENT');
    expect(await refusal(asked({ script: '/no/such/model.mjs' }))).toContain('it ended with 1');
  });
});

/** A Python with what quorate_learner.py needs: QUORATE_PYTHON, else python3. */
const python = process.env['QUORATE_PYTHON'] ?? 'python3';
const here = spawnSync(python, ['-c', 'import numpy, pyarrow'], { encoding: 'utf8' }).status === 0;

describe(`quorate_learner.py${here ? '' : ' [skipped: no Python with numpy and pyarrow; QUORATE_PYTHON names one]'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-python-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const model = (fit: string): string => {
    const file = join(folder, 'model.py');
    writeFileSync(
      file,
      `import numpy as np
from quorate_learner import serve

class Model:
    def fit(self, X, y, sample_weight):
        print("fitting")
        self.classes_ = np.unique(y)
        self.centres = np.array([X[y == k].mean(0) for k in self.classes_])
    def predict_proba(self, X):
        ${fit}

serve(Model)
`,
    );
    return file;
  };
  const near = 'return np.exp(-((X[:, None] - self.centres[None]) ** 2).sum(2) / 2)';

  it.skipIf(!here)('speaks the same protocol, and what a model prints does no harm', async () => {
    const fromPython = await asked({ python, script: model(near) });
    const fromNode = await asked();
    expect(fromPython).toHaveLength(4);
    fromPython.forEach((p, at) => expect(p).toBeCloseTo(fromNode[at]!, 6));
  });

  it.skipIf(!here)('refuses what is no probability, with the last line of the traceback', async () => {
    const said = await refusal(asked({ python, script: model('return np.full((len(X), 2), np.nan)') }));
    expect(said).toContain('predict_proba gave a number that is no probability');
  });
});

it('takes features of many messages without a warning', async () => {
  const warnings: string[] = [];
  const warn = (warning: Error): number => warnings.push(warning.message);
  process.on('warning', warn);
  const one = new PythonProcess({ python: process.execPath, script, timeoutSeconds: 20 });
  opened.push(one);
  const rows = 200_000;
  for (let n = 0; n < 20; n++)
    await one.send({ op: 'features', rows: 20 * rows, columns: 1 }, { values: new Float32Array(rows) });
  const pair = {
    rows: Int32Array.of(0, 1),
    labels: Int32Array.of(0, 1),
    weights: Float64Array.of(1, 1),
    predict: Int32Array.of(0, 1),
  };
  await one.send({ op: 'fit_predict', classes: 2, seed: 1, train: 2, predict: 2 }, pair);
  expect(await one.receive()).toHaveLength(4);
  process.off('warning', warn);
  expect(warnings).toEqual([]);
});
