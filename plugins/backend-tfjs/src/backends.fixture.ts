import { join } from 'node:path';
import { it } from 'vitest';
import { loadCpu, loadNode, loadWasm } from './load.js';
import type { TfRuntime } from './tf.js';

/** A project beside whose `package.json` lies a `@tensorflow/tfjs-node` that loads: `tfjs-native --into DIR` makes one. */
const native = process.env['QUORATE_TFJS_NATIVE'];

/** The backends that run here: native TensorFlow only where its addon was built. */
export const backends: readonly (readonly [name: string, load: () => Promise<TfRuntime>])[] = [
  ['tfjs-wasm', loadWasm],
  ['tfjs-cpu', loadCpu],
  ...(native === undefined ? [] : [['tfjs-node', () => loadNode(join(native, 'package.json'))] as const]),
];

/** Says in the report of a suite that native TensorFlow was left out, and how to have it. */
export function announceMissing(): void {
  if (native === undefined)
    it.skip('tfjs-node: set QUORATE_TFJS_NATIVE=DIR after tfjs-native --into DIR', () => undefined);
}
