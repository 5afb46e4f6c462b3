export * from './byte-stream.js';
export * from './npy.js';
