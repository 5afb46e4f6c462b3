export { ChildPool, type ChildPoolOptions } from './executor/child-pool.js';
export { estimateOf, type Estimate, type EstimateRequest } from './estimate.js';
export { local } from './executor/local.js';
export { readFailures, readSweep, readTimings, statesOf, type SweepFileContent } from './folder/sweep-folder.js';
export { cellsOf, combined, gridOfWords, type Axis, type Cell, type Grid, type Point } from './grid/grid.js';
export { findSweepFile, readSweepFile, sweepSchema, type SweepFile } from './grid/sweep-file.js';
export { idOf, identityOf, keyOf, type Here, type Identity } from './job/identity.js';
export { readEnd, type RunEnd } from './job/run-job.js';
export { folderOf, isDone, planSweep, runsOf, shardOf, type PlannedRun, type Shard, type SweepPlan } from './plan.js';
export {
  executorNamed,
  executorsOf,
  runSweep,
  work,
  type SweepEnd,
  type SweepEvent,
  type SweepRequest,
  type WorkRequest,
} from './sweep.js';
export { annotationsTo, targets } from './table/annotations-to.js';
export { resultsTable, type ResultsTable, type RunNames, type RunState } from './table/results.js';
