import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import util from 'node:util';
import { QuorateError, messageOf } from '@quorate/core';
import type { Tf, TfRuntime } from './tf.js';

/** The version that this package was tested with. */
export const TFJS_VERSION = '4.22.0';

/** The TensorFlow that the package's own install script downloads. */
const SHIPPED_TENSORFLOW = '2.9.1';

/** Where packages are looked for: a file beside which `node_modules` lies, here or in a folder above. */
export type From = string | URL;
const here: From = import.meta.url;

/** What `@tensorflow/tfjs-node` and `-node-gpu` add to a backend of TensorFlow.js. */
interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
}

/** TensorFlow on the CPU, through `@tensorflow/tfjs-node`. */
export async function loadNode(from = here): Promise<TfRuntime> {
  return loadTensorflow('tfjs-node', '@tensorflow/tfjs-node', from);
}

/** TensorFlow on an NVIDIA GPU, through `@tensorflow/tfjs-node-gpu`; refused when it fell back to the CPU. */
export async function loadNodeGpu(from = here): Promise<TfRuntime> {
  const runtime = await loadTensorflow('tfjs-node-gpu', '@tensorflow/tfjs-node-gpu', from);
  const backend = runtime.tf.backend() as NodeBackend;
  if (backend.isUsingGpuDevice === true) return runtime;
  const version = backend.binding?.TF_Version ?? SHIPPED_TENSORFLOW;
  const cuda = version.startsWith('2.9.') ? 'CUDA 11.2 and cuDNN 8.1' : 'the CUDA and cuDNN';
  throw unavailable('tfjs-node-gpu', {
    expected: 'a GPU',
    got: `TensorFlow ${version} running on the CPU: it found no NVIDIA GPU, or not the CUDA libraries that it was built with`,
    fix: `Install the NVIDIA driver with ${cuda} that TensorFlow ${version} was built with, or choose another backend.`,
  });
}

async function loadTensorflow(backend: string, name: string, from: From): Promise<TfRuntime> {
  restoreRemovedUtil();
  // TensorFlow writes about the CPU and missing GPUs to the terminal while it starts. It reads this before its first line.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const tf = load<Tf>(backend, [name], name, from);
  tf.enableProdMode();
  return selected(backend, { tf, kernels: 'tensorflow' });
}

/** TensorFlow.js on WebAssembly: SIMD, one thread. */
export async function loadWasm(from = here): Promise<TfRuntime> {
  const names = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'] as const;
  const tf = load<Tf>('tfjs-wasm', names, names[0], from);
  const wasm = load<typeof import('@tensorflow/tfjs-backend-wasm')>('tfjs-wasm', names, names[1], from);
  tf.enableProdMode();
  // Without the separator at the end the file's name is glued to the folder's.
  wasm.setWasmPaths(dirname(createRequire(from).resolve(names[1])) + sep);
  return selected('tfjs-wasm', { tf, kernels: 'wasm' });
}

/** TensorFlow.js in plain JavaScript: runs everywhere, sixty times slower than native code. */
export async function loadCpu(from = here): Promise<TfRuntime> {
  const names = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'] as const;
  const tf = load<Tf>('tfjs-cpu', names, names[0], from);
  load('tfjs-cpu', names, names[1], from);
  tf.enableProdMode();
  return selected('tfjs-cpu', { tf, kernels: 'cpu' });
}

/** Loads one of the packages that a backend needs. */
function load<M>(backend: string, needs: readonly string[], name: string, from: From): M {
  const install = `npm install ${needs.map((one) => `${one}@${TFJS_VERSION}`).join(' ')}`;
  let file: string;
  try {
    file = createRequire(from).resolve(name);
  } catch (cause) {
    throw unavailable(backend, {
      expected: `the package ${name}`,
      got: 'no such package',
      fix: `${install} (with -g where quorate is installed so), or choose another backend.`,
      cause,
    });
  }
  try {
    // All of these packages are CommonJS.
    return createRequire(from)(file) as M;
  } catch (cause) {
    throw unavailable(backend, {
      expected: `a package ${name} that loads`,
      got: `"${messageOf(cause)}"`,
      fix:
        `The download of its native library may have failed or been blocked: ${install} again with its install script allowed, ` +
        'or choose another backend.' +
        // Only these two have an addon.
        (name.includes('tfjs-node')
          ? ` Behind a firewall: npx -p @quorate/plugin-backend-tfjs tfjs-native${name.endsWith('-gpu') ? ' --gpu' : ''} builds it.`
          : ''),
      cause,
    });
  }
}

let starting: Promise<unknown> = Promise.resolve();

/**
 * Starts the backend, one at a time (a second start makes TensorFlow.js give up the first). One that cannot start leaves
 * it on another backend without an error, so that is looked at.
 */
async function selected(backend: string, runtime: TfRuntime): Promise<TfRuntime> {
  const { tf, kernels } = runtime;
  let cause: unknown;
  const start = starting
    .then(() => tf.setBackend(kernels))
    .catch((thrown: unknown) => {
      cause = thrown;
      return false;
    });
  starting = start;
  if ((await start) && tf.findBackend(kernels) !== null) return runtime;
  throw unavailable(backend, {
    expected: `TensorFlow.js on its backend "${kernels}"`,
    got: cause === undefined ? 'a backend that does not start' : `"${messageOf(cause)}"`,
    fix: 'Install its packages again, all in one version, or choose another backend.',
    cause,
  });
}

function unavailable(
  backend: string,
  detail: { expected: string; got: string; fix: string; cause?: unknown },
): QuorateError {
  return new QuorateError('BACKEND_UNAVAILABLE', { where: `backend "${backend}"`, ...detail });
}

/** tfjs-node 4.22.0 calls two functions that Node.js 23 removed; the fix was never released (tensorflow/tfjs#8425). */
function restoreRemovedUtil(): void {
  const removed = util as { isNullOrUndefined?: (x: unknown) => boolean; isArray?: (x: unknown) => boolean };
  removed.isNullOrUndefined ??= (x) => x === null || x === undefined;
  removed.isArray ??= Array.isArray;
}
