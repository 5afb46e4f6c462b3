import { defineComponent, isQuorateError, messageOf, QuorateError, T } from '@quorate/core';
import { z } from 'zod';

/** Fastest first. The plain TypeScript of `reference` and tfjs-cpu are for those who name them. */
const ORDER = ['tfjs-node-gpu', 'onnx', 'tfjs-node', 'onnx-wasm', 'tfjs-wasm'];

/** Takes the first backend that starts. Where a slower one had to do, it says why. */
export default defineComponent({
  kind: 'learnerBackend',
  name: 'auto',
  summary: `the first of ${ORDER.join(', ')} that starts on this machine`,
  options: z.strictObject({}),
  inject: [T.LearnerBackends, T.Files],
  create: async (_options, candidates, files) => {
    const failures: string[] = [];
    let worthSaying = false;
    for (const name of ORDER) {
      const candidate = candidates.find((one) => one.name === name);
      if (!candidate) continue;
      try {
        const backend = await candidate.get();
        if (worthSaying) files.note(`The learner computes with ${name}. Not with ${failures.join('; not with ')}.`);
        return backend;
      } catch (thrown) {
        failures.push(`${name}: ${isQuorateError(thrown) ? thrown.detail.got : messageOf(thrown)}`);
        // Most machines have no GPU: that is nothing to speak of.
        const expected = isQuorateError(thrown) && thrown.code === 'BACKEND_UNAVAILABLE' && name === ORDER[0];
        worthSaying ||= !expected;
      }
    }
    throw new QuorateError('BACKEND_UNAVAILABLE', {
      where: 'backend',
      expected: `one of ${ORDER.join(', ')} that starts`,
      got: failures.length > 0 ? failures.join('; ') : 'none of them installed',
      fix: 'npm install onnxruntime-node (or onnxruntime-web), or set backend.use=reference for small data: it is slow.',
    });
  },
});
