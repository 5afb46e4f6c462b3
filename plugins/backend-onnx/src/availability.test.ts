import { QuorateError } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { openOnnx } from './onnx.js';
import { openOnnxWasm } from './onnx-wasm.js';

async function refusal(opened: Promise<unknown>): Promise<QuorateError> {
  const error = await opened.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(QuorateError);
  expect((error as QuorateError).code).toBe('BACKEND_UNAVAILABLE');
  expect((error as QuorateError).message).not.toContain('\n');
  return error as QuorateError;
}

describe('a backend that cannot start says why and what to do', () => {
  const absent: string = 'onnxruntime-of-nobody';
  const cpu = { threads: 1, providers: ['cpu'] };

  it('without its package', async () => {
    const { message } = await refusal(openOnnx(cpu, () => import(absent)));
    expect(message).toMatch(/expected the package onnxruntime-node, got ".*onnxruntime-of-nobody/);
    expect(message).toMatch(
      /ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1\.30\.0.*backend\.use=onnx-wasm/,
    );
    await refusal(openOnnxWasm({ threads: 1 }, () => import(absent)));
  });

  it('with a package that is broken', async () => {
    const broken = new Error('libonnxruntime.so.1: cannot open\nshared object file');
    const { message, detail } = await refusal(openOnnx(cpu, () => Promise.reject(broken)));
    expect(message).toContain('cannot open shared object file');
    expect(detail.cause).toBe(broken);
  });

  it('on an execution provider that is not here', async () => {
    const { message } = await refusal(openOnnx({ threads: 1, providers: ['abacus', 'cpu'] }));
    expect(message).toContain('session on abacus, cpu');
    expect(message).toContain('Set backend.providers to ["cpu"]');
  });
});
