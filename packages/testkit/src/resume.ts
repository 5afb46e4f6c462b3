import { makeRng, type Part, type Rng, type Snapshot } from '@quorate/core';
import { partsOf } from './build.js';
import { type Make } from './setup.js';
import { type PartSetup } from './setup.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { must } from './law.js';

/** Starts a run over a part; the function that it returns does one step and says what came of it. */
export type Session<P> = (part: P, rng: Rng) => (step: number) => unknown;

/**
 * Runs `steps` steps; takes the snapshots after `at` of them, restores them in a new part, as a new process would, and
 * demands that it goes on exactly as the original did.
 */
export async function mustResume<P extends Part>(
  make: Make<P>,
  setupOf: (rng: Rng) => PartSetup,
  session: Session<P>,
  { steps, at, seed }: { steps: number; at: number; seed: number },
): Promise<void> {
  const root = makeRng(seed);
  const original = await make(setupOf(root));
  const first = session(original, root.fork('session'));
  for (let step = 0; step < at; step++) await first(step);

  const snapshots = partsOf(original).map(snapshotOf);
  const kept = structuredClone(snapshots);
  const streams = structuredClone(root.snapshot());
  const expected: string[] = [];
  for (let step = at; step < steps; step++) expected.push(fingerprint(await first(step)));
  must(fingerprint(snapshots) === fingerprint(kept), 'a later step changed a snapshot that was taken before');

  const newRoot = makeRng(seed);
  const resumed = await make(setupOf(newRoot));
  const second = session(resumed, newRoot.fork('session'));
  newRoot.restore(streams);
  partsOf(resumed).forEach((part, x) => {
    const state = kept[x];
    if (state !== undefined) part.restore?.(state);
  });
  for (let step = at; step < steps; step++) {
    const got = fingerprint(await second(step));
    const want = expected[step - at]!;
    must(got === want, () => `resumed after step ${at}, step ${step} differs: ${firstDifference(want, got)}`);
  }
}

function snapshotOf(part: Part): Snapshot | undefined {
  const both = (part.snapshot === undefined) === (part.restore === undefined);
  must(both, 'a part declares snapshot and restore, or neither');
  const state = part.snapshot?.();
  if (state !== undefined) mustBePlain(state, 'snapshot');
  return state;
}

const ARRAYS = [Int32Array, Uint32Array, Uint8Array, Float32Array, Float64Array];

function mustBePlain(value: unknown, path: string): void {
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number') return;
  must(typeof value === 'object', () => `${path} is a ${typeof value}, which a checkpoint cannot hold`);
  if (ArrayBuffer.isView(value)) {
    const known = ARRAYS.some((type) => value.constructor.name === type.name);
    must(known, () => `${path} is a ${value.constructor.name}, which a checkpoint cannot hold`);
    return;
  }
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  must(plain, () => `${path} is not plain data`);
  for (const [key, inner] of Object.entries(value)) mustBePlain(inner, `${path}.${key}`);
}
