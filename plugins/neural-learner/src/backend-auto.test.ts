import { compose, defineComponent, makeRng, QuorateError, Registry, T, definePlugin } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import auto from './backend-auto.js';
import { referenceBackend } from './backend-reference.js';

/** A backend that starts, or the reason why it does not. */
type Machine = Readonly<Record<string, 'starts' | Error>>;

const unavailable = (got: string): Error =>
  new QuorateError('BACKEND_UNAVAILABLE', { where: 'backend', expected: 'a device', got, fix: 'Buy one.' });

async function choose(machine: Machine): Promise<{ name: string; notes: readonly string[] }> {
  const components = Object.entries(machine).map(([name, state]) =>
    defineComponent({
      kind: 'learnerBackend',
      name,
      summary: name,
      options: z.strictObject({}),
      create: () => {
        if (state !== 'starts') throw state;
        return { ...referenceBackend, name };
      },
    }),
  );
  const notes: string[] = [];
  const run = compose({
    registry: new Registry([definePlugin({ name: 'test', apiVersion: '*', components: [...components, auto] })]),
    choices: { learnerBackend: [{ use: 'auto', options: {} }] },
    rng: makeRng(0),
  });
  run.provide(T.Files, {
    resolve: String,
    locate: () => undefined,
    cacheDir: '',
    note: (text) => void notes.push(text),
  });
  try {
    return { name: (await run.get('learnerBackend')).name, notes };
  } finally {
    await run.dispose();
  }
}

describe('backend auto', () => {
  it('prefers a GPU, then onnx, and says nothing of a machine without a GPU', async () => {
    const all = { 'tfjs-wasm': 'starts', onnx: 'starts', 'tfjs-node-gpu': 'starts' } as const;
    expect(await choose(all)).toEqual({ name: 'tfjs-node-gpu', notes: [] });
    expect(await choose({ ...all, 'tfjs-node-gpu': unavailable('no GPU') })).toEqual({ name: 'onnx', notes: [] });
  });

  it('says why a slower one had to do', async () => {
    const { name, notes } = await choose({
      'tfjs-node-gpu': unavailable('no GPU'),
      onnx: unavailable('no such package'),
      'tfjs-wasm': 'starts',
    });
    expect(name).toBe('tfjs-wasm');
    expect(notes).toEqual([
      'The learner computes with tfjs-wasm. Not with tfjs-node-gpu: no GPU; not with onnx: no such package.',
    ]);
  });

  it('says it of a backend with a fault, too', async () => {
    const { name, notes } = await choose({ 'tfjs-node-gpu': new Error('segfault'), onnx: 'starts' });
    expect(name).toBe('onnx');
    expect(notes).toEqual(['The learner computes with onnx. Not with tfjs-node-gpu: segfault.']);
  });

  it('takes no slow one unasked', async () => {
    const slow = { 'tfjs-cpu': 'starts', reference: 'starts', onnx: unavailable('no such package') } as const;
    await expect(choose(slow)).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringMatching(/onnx: no such package\. npm install .*backend\.use=reference/) as string,
    });
  });
});
