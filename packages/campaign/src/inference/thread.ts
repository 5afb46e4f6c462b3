import { parentPort, workerData } from 'node:worker_threads';
import { isQuorateError, messageOf } from '@quorate/core';
import { LocalInference } from './local.js';
import type { Call, Reply, Wrong } from './messages.js';
import type { InferenceSetup } from './service.js';

/** The thread of `ThreadInference`: serves calls one after the other, over the inference of `workerData`. */
const port = parentPort!;
const say = (reply: Reply, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(reply, [...transfer]);

function wrong(thrown: unknown): Wrong {
  if (!isQuorateError(thrown)) return { code: null, message: messageOf(thrown) };
  const { where, expected, got, fix } = thrown.detail;
  return { code: thrown.code, detail: { where, expected, got, fix } };
}

async function answer(inference: LocalInference, call: Call): Promise<void> {
  try {
    switch (call.what) {
      case 'replay':
      case 'step': {
        const outcome = await (call.what === 'step' ? inference.step(call.step) : inference.replay(call.steps));
        const labels = outcome && (await inference.labels());
        return say({ id: call.id, value: { outcome, labels } });
      }
      case 'plan': {
        const value = await inference.plan(call.request);
        return say({ id: call.id, value }, [value.buffer as ArrayBuffer]);
      }
      case 'audits':
        return say({ id: call.id, value: await inference.audits(call.count) });
      case 'csv':
        return say({ id: call.id, value: await inference.csv() });
      case 'posterior': {
        const value = await inference.posterior();
        return say({ id: call.id, value }, [value.buffer as ArrayBuffer]);
      }
      case 'dispose':
        await inference.dispose();
        say({ id: call.id, value: null });
        port.close();
    }
  } catch (thrown) {
    say({ id: call.id, wrong: wrong(thrown) });
  }
}

try {
  const inference = await LocalInference.open(workerData as InferenceSetup, (note) => say({ note }));
  port.on('message', (call: Call) => void answer(inference, call));
  say({ id: 0, value: inference.facts });
} catch (thrown) {
  say({ id: 0, wrong: wrong(thrown) });
}
