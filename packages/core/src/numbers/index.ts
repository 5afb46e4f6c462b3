export * from './log-space.js';
export * from './matrix.js';
export * from './product-blocks.js';
export * from './random.js';
export * from './recalibration.js';
export * from './symmetric-eigen.js';
