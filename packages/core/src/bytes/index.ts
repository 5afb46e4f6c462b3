export * from './byte-stream.js';
export * from './npy.js';
export * from './npy-elements.js';
export * from './western.js';
