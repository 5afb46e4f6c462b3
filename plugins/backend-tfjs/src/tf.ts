/** The part of TensorFlow.js that all its packages share; every one of them is this namespace with another backend. */
export type Tf = typeof import('@tensorflow/tfjs-core');
export type { Tensor2D } from '@tensorflow/tfjs-core';

/** A TensorFlow.js that is loaded, and the name under which it keeps the backend that was asked for. */
export interface TfRuntime {
  readonly tf: Tf;
  readonly kernels: 'tensorflow' | 'wasm' | 'cpu';
}
