export { answerFiles } from './answers/answer-files.js';
export { type Chosen, closeFormat, formatError, formatToWrite, inFormat } from './answers/format.js';
export {
  type GoldRequest,
  type ReadAnswersRequest,
  type ReadEachRequest,
  type SourceTable,
  readAnswers,
  readEach,
  readGold,
  readLabels,
} from './answers/read.js';
export { type AnswerFile, filesOf } from './answers/sources.js';
export { display, loadConfigFile, searchPlaces } from './config/config-file.js';
export { type JsonSchema, configSchema } from './config/json-schema.js';
export { type Layer, nameIn } from './config/layer.js';
export { parseOptions } from './config/options.js';
export { completed, findAll, findPlugins, prepare } from './config/prepare.js';
export { type Problem, problemsError, problemsOf } from './config/problems.js';
export { defaultConfig, topLevelKeys } from './config/resolve.js';
export { chooseSection } from './config/sections.js';
export { type Prices, prices } from './config/run-options.js';
export type { Found, ModelChoice, PrepareRequest, Prepared, RunConfig } from './config/types.js';
export { reservedVariables, variableOf } from './config/words.js';
export { csvField } from './disk/csv.js';
export { type DataStatus, type PullRequest, type PulledFile, dataStatus, pullData } from './disk/download.js';
export { writing } from './disk/failure.js';
export { Inputs, standingAt } from './disk/inputs.js';
export { Lock, type LockRequest } from './disk/lock.js';
export { type CheckRequest, type Output, type OutputsRequest, checkOutputs, writeOutputs } from './disk/outputs.js';
export { type FilesRequest, cacheDir, createFiles } from './disk/places.js';
export {
  AppendFile,
  copyWhole,
  giveFolderName,
  giveName,
  makeFolder,
  openInPlace,
  readIfThere,
  removeEmpty,
  removeFiles,
  removeFolder,
  replaceFile,
  temporaryOf,
} from './disk/write.js';
export { type LoadedPlugin, type LoadedPlugins, type PluginFailure, loadPlugins } from './plugins/load.js';
export type { PluginRef } from './plugins/ref.js';
export { isTree } from './tree.js';
export type { CheckedConfig, ConfigInput } from './config/input.js';
export { stateBytes } from './disk/state-bytes.js';
