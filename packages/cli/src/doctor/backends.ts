import { fork } from 'node:child_process';
import { extname } from 'node:path';
import type { Registry } from '@quorate/core';
import { probeShape, type Probe } from './backend-probe.js';
import type { Check } from './check.js';
import { count, duration } from '../terminal/format.js';

export interface ProbeRequest {
  readonly name: string;
  readonly config: string | undefined;
  /** Only whether it starts, not how fast it is. */
  readonly quick: boolean;
}

const PATIENCE_MS = 60_000;

/**
 * Starts every learner backend in a process of its own: a native library that crashes, hangs or cannot be loaded beside
 * another one (tfjs-node and tfjs-node-gpu are such a pair) says nothing about the rest.
 */
export async function backendChecks(registry: Registry, config: string | undefined, quick: boolean): Promise<Check[]> {
  const names = registry.components('learnerBackend').map(({ value }) => value.name);
  if (names.length === 0) {
    const text = 'none is installed: methods that train a learner cannot run; ds_model needs none';
    return [{ name: 'learner backends', state: 'hint', text }];
  }
  const look = async (name: string): Promise<Check> => describeProbe(name, await probeInChild({ name, config, quick }));
  if (quick) return Promise.all(names.map(look));
  // One after the other: they would slow each other down.
  const checks: Check[] = [];
  for (const name of names) checks.push(await look(name));
  return checks;
}

/** What a probe says to a person. A backend that is not installed is no fault; that `auto` finds none is. */
export function describeProbe(asked: string, found: Probe): Check {
  const name = `backend ${asked}`;
  if (!found.started) {
    return { name, state: found.unavailable && asked !== 'auto' ? 'hint' : 'problem', text: found.why };
  }
  if (found.name !== asked) return { name, state: 'ok', text: `chooses ${found.name}`, chooses: found.name };
  if (found.stepsPerSecond === null) return { name, state: 'ok', text: 'starts' };
  const { features, batchSize, steps } = probeShape;
  const rate = found.stepsPerSecond < 10 ? found.stepsPerSecond.toFixed(1) : count(Math.round(found.stepsPerSecond));
  const fit = `${steps} steps of ${count(batchSize)} rows with ${count(features)} features`;
  const text = `${rate} steps/s (${fit} in ${duration(steps / found.stepsPerSecond)})`;
  return { name, state: 'ok', text, stepsPerSecond: found.stepsPerSecond };
}

function probeInChild(request: ProbeRequest): Promise<Probe> {
  const file = new URL(`./backend-child${extname(import.meta.url)}`, import.meta.url);
  return new Promise((resolve) => {
    const child = fork(file, [JSON.stringify(request)], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    const failed = (why: string): void => resolve({ started: false, unavailable: false, why });
    child.on('message', (result) => resolve(result as Probe));
    child.on('error', ({ message }) => failed(message));
    // Not 'exit', which may come before the message.
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL')
        failed(`does not answer within ${PATIENCE_MS / 1000} s, or was killed (out of memory?)`);
      else failed(`its process ended with ${signal ?? `exit code ${code}`} while it started`);
    });
  });
}
