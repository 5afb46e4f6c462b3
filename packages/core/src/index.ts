export * from './composition/compose.js';
export * from './composition/part-option.js';
export * from './composition/plugin.js';
export * from './composition/registry.js';
export { schemaFailure, type Choices, type PartChoice } from './composition/selection.js';
export * from './composition/token.js';
export * from './composition/tokens.js';
export * from './composition/waiting.js';
export * from './contracts/index.js';
export * from './data/annotation-index.js';
export * from './data/answer-table.js';
export * from './data/dataset.js';
export * from './data/dataset-split.js';
export * from './data/files.js';
export * from './data/hits.js';
export * from './errors.js';
// What nearly every part needs; the rest of the numerics is in `@quorate/core/numbers`.
export { argmax } from './numbers/matrix.js';
export { makeRng, type Rng } from './numbers/random.js';
