import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import util from 'node:util';
import { isQuorateError, makeRng } from '@quorate/core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { TfjsBackend } from './backend.js';
import { loadCpu, loadNode, loadNodeGpu, loadWasm, type From } from './load.js';
import type { Tf } from './tf.js';

const { resolve } = createRequire(import.meta.url);
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder with packages of this content; returns the file that imports them. */
function project(packages: Readonly<Record<string, string>> = {}): From {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-tfjs-'));
  folders.push(folder);
  for (const [name, source] of Object.entries(packages)) {
    const at = join(folder, 'node_modules', name);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'package.json'), JSON.stringify({ name, version: '4.22.0', main: 'index.js' }));
    writeFileSync(join(at, 'index.js'), source);
  }
  return join(folder, 'main.js');
}

/** What tfjs-node does when it loads, around kernels in JavaScript instead of a native library. */
const standIn = (usesGpu: boolean): string => `
const tf = require(${JSON.stringify(resolve('@tensorflow/tfjs-core'))});
const { MathBackendCPU } = require(${JSON.stringify(resolve('@tensorflow/tfjs-backend-cpu'))});
tf.copyRegisteredKernels('cpu', 'tensorflow');
tf.registerBackend('tensorflow', () => Object.assign(new MathBackendCPU(), { isUsingGpuDevice: ${usesGpu} }), 3);
tf.setBackend('tensorflow');
module.exports = tf;`;

const withoutAddon = `throw new Error('The Node.js native addon module (tfjs_binding.node) can not be found at path: /x.\\nRun');`;

async function refusal(loading: Promise<unknown>): Promise<string> {
  const thrown: unknown = await loading.then(
    () => 'it loaded',
    (error: unknown) => error,
  );
  if (!isQuorateError(thrown)) throw new Error(`no QuorateError: ${String(thrown)}`, { cause: thrown });
  expect(thrown.code).toBe('BACKEND_UNAVAILABLE');
  expect(thrown.message).not.toContain('\n');
  return thrown.message;
}

describe('a package that is not installed', () => {
  it.each([
    ['tfjs-node-gpu', loadNodeGpu, 'npm install @tensorflow/tfjs-node-gpu@4.22.0 '],
    ['tfjs-node', loadNode, 'npm install @tensorflow/tfjs-node@4.22.0 '],
    ['tfjs-wasm', loadWasm, 'npm install @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 '],
    ['tfjs-cpu', loadCpu, 'npm install @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 '],
  ] as const)('%s: says which, and the command', async (name, load, command) => {
    const said = await refusal(load(project()));
    expect(said).toContain(`backend "${name}": expected the package @tensorflow/`);
    expect(said).toContain(command);
  });
});

describe('a package without its native library', () => {
  it.each([
    ['tfjs-node-gpu', loadNodeGpu],
    ['tfjs-node', loadNode],
  ] as const)('%s: says so, and the command', async (name, load) => {
    const said = await refusal(load(project({ [`@tensorflow/${name}`]: withoutAddon })));
    expect(said).toContain('tfjs_binding.node');
    expect(said).toContain(`npm install @tensorflow/${name}@4.22.0`);
  });
});

describe('tfjs-node-gpu', () => {
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs-core') as Tf;
  afterEach(() => {
    if (tf.findBackend('tensorflow') !== null) tf.removeBackend('tensorflow');
  });

  it('trains where the package says that it uses a GPU', async () => {
    const runtime = await loadNodeGpu(project({ '@tensorflow/tfjs-node-gpu': standIn(true) }));
    const given = fitOf();
    const got = await new TfjsBackend('tfjs-node-gpu', runtime).fit(...given);
    expect(tf.getBackend()).toBe('tensorflow');
    const want = await new TfjsBackend('tfjs-cpu', await loadCpu()).fit(...given);
    expect(got).toEqual(want);
  });

  it('is refused where TensorFlow found no GPU', async () => {
    const said = await refusal(loadNodeGpu(project({ '@tensorflow/tfjs-node-gpu': standIn(false) })));
    expect(said).toMatch(/expected a GPU, got TensorFlow 2.9.1 running on the CPU.*CUDA 11.2/);
  });

  it('is refused where the package leaves TensorFlow.js on another backend', async () => {
    await loadCpu();
    const silent = `module.exports = require(${JSON.stringify(resolve('@tensorflow/tfjs-core'))});`;
    const said = await refusal(loadNodeGpu(project({ '@tensorflow/tfjs-node-gpu': silent })));
    expect(said).toContain('on its backend "tensorflow"');
  });
});

it('gives tfjs-node back what Node.js 23 took away', async () => {
  const removed = util as { isNullOrUndefined?: unknown; isArray?: unknown };
  const kept = { ...removed };
  delete removed.isNullOrUndefined;
  delete removed.isArray;
  try {
    const source = `const util = require('util');
if (!util.isNullOrUndefined(null) || util.isNullOrUndefined(0) || !util.isArray([])) throw new Error('removed');
${standIn(true)}`;
    await expect(loadNode(project({ '@tensorflow/tfjs-node': source }))).resolves.toMatchObject({
      kernels: 'tensorflow',
    });
  } finally {
    Object.assign(removed, { isNullOrUndefined: kept.isNullOrUndefined, isArray: kept.isArray });
  }
});

function fitOf(): Parameters<TfjsBackend['fit']> {
  const rng = makeRng('load');
  const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, () => rng.normal());
  return [
    { layers: [4, 3, 2], learningRate: 0.01, weightDecay: 0.01 },
    { features: numbers(40), columns: 4, rows: Int32Array.of(0, 3, 9), labels: Int32Array.of(0, 1, 1) },
    { weights: [numbers(12), numbers(6)], biases: [numbers(3), numbers(2)] },
    Int32Array.of(0, 1, 2, 2, 1, 0),
    2,
  ];
}
