import { describe, expect, it } from 'vitest';
import { describeProbe } from './backends.js';

describe('what doctor says of a learner backend', () => {
  it('says how long a fit takes at its speed', () => {
    const check = describeProbe('onnx', { started: true, name: 'onnx', stepsPerSecond: 150 });
    expect(check).toMatchObject({ name: 'backend onnx', state: 'ok', stepsPerSecond: 150 });
    expect(check.text).toMatch(/^150 steps\/s .*300 steps .* in 2\.0 s/);
    expect(describeProbe('slow', { started: true, name: 'slow', stepsPerSecond: 0.25 }).text).toMatch(
      /^0\.3 steps\/s .* in 20 min/,
    );
  });

  it('names the backend that a choice takes', () => {
    const check = describeProbe('auto', { started: true, name: 'onnx', stepsPerSecond: null });
    expect(check).toMatchObject({ state: 'ok', text: 'chooses onnx', chooses: 'onnx' });
  });

  it.each([
    ['tfjs-node', true, 'hint'],
    ['tfjs-node', false, 'problem'],
    ['auto', true, 'problem'],
  ] as const)('%s, unavailable: %s is a %s', (asked, unavailable, state) => {
    expect(describeProbe(asked, { started: false, why: 'no', unavailable }).state).toBe(state);
  });
});
