export { createRun, type CreateRunOptions } from './create-run.js';
export type { AuditReport, AuditRound } from './audit-report.js';
export { readAnswers, readGold, readLabels, type ReadAnswersRequest } from './answers-read.js';
export { writeAnswers, type WriteAnswersRequest, type WrittenAnswers } from './answers-write.js';
export { configSchema, type JsonSchema } from './config-schema.js';
export { defaultConfig, topLevelKeys } from './config-resolve.js';
export { display, searchPlaces } from './config-files.js';
export { problemsOf, type Problem } from './config-problems.js';
export { findPlugins, prepare } from './config-prepare.js';
export type { Found, Prepared, PrepareRequest, RunConfig } from './config-types.js';
export { reservedVariables, variableOf } from './config-words.js';
export { dataStatus, pullData, type DataStatus, type PulledFile, type PullRequest } from './data-pull.js';
export { cacheDir, createFiles, type FilesRequest } from './files.js';
export { loadPlugins, type LoadedPlugin, type LoadedPlugins, type PluginFailure } from './plugin-host.js';
export type { PluginRef } from './plugin-resolve.js';
export { expectedCalibrationError, scoreProbabilities, type Score, type Scores } from './metrics.js';
export { firstStop, infer, planOf, type Parts, type Setting, type StepRecord } from './loop.js';
export { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint.js';
export type { Majority } from './majority.js';
export { openParts, openRun, type OpenRunRequest, type OpenedParts, type PartsRequest } from './open-run.js';
export type { Run, RunResult } from './run.js';
export {
  defaultFolder,
  hashOf,
  labelsCsv,
  readRunFile,
  readSteps,
  takeLock,
  workersCsv,
  type RunFile,
} from './run-folder.js';
export { makeFolder, readIfThere, writeWhole } from './write.js';
export { Journal, type JournalEntry } from './store.js';
export { openFeatures, type FeatureJob, type FeatureProgress, type FeatureResult } from './features.js';
export { prepareFeatures, type PreparedFeatures } from './features-prepare.js';
export { findSubjects, type Subjects } from './features-subjects.js';
