import type { Dataset } from '../data/dataset.js';
import type { AnswerFiles, Files } from '../data/files.js';
import type { BackendCandidate, PartOf } from '../contracts/index.js';
import type { Rng } from '../numbers/random.js';
import type { WorkerKnowledge } from '../contracts/worker-simulator.js';
import type { PartFactory } from './part-option.js';
import { token } from './token.js';

/**
 * What a component may ask for. Parts (`T.Sampler`, `T.Learner`, ...) are those of the same run, as the configuration
 * chose them; `T.Rng` is a stream of the asking component's own.
 */
export const T = {
  Rng: token<Rng>('Rng'),
  /** What everyone may see of the data; no truth in it. */
  Dataset: token<Dataset>('Dataset'),
  /** What is known of the workers before the first answer. */
  WorkerKnowledge: token<WorkerKnowledge>('WorkerKnowledge'),
  /** Where the run's files are. */
  Files: token<Files>('Files'),
  /** Files of crowd answers, in any format that is installed. */
  AnswerFiles: token<AnswerFiles>('AnswerFiles'),
  /** Builds the components that the asking component takes as options (`partOption`). */
  Parts: token<PartFactory>('Parts'),
  Sampler: token<PartOf['sampler']>('sampler'),
  Learner: token<PartOf['learner']>('learner'),
  Aggregator: token<PartOf['aggregator']>('aggregator'),
  Optimizer: token<PartOf['optimizer']>('optimizer'),
  WorkerSimulator: token<PartOf['workerSimulator']>('workerSimulator'),
  WorkerModel: token<PartOf['workerModel']>('workerModel'),
  DatasetSource: token<PartOf['datasetSource']>('datasetSource'),
  Calibrator: token<PartOf['calibrator']>('calibrator'),
  TrainingSetSelector: token<PartOf['trainingSetSelector']>('trainingSetSelector'),
  StoppingRule: token<PartOf['stoppingRule']>('stoppingRule'),
  Metric: token<PartOf['metric']>('metric'),
  AnswerFormat: token<PartOf['answerFormat']>('answerFormat'),
  FeatureExtractor: token<PartOf['featureExtractor']>('featureExtractor'),
  Calibration: token<PartOf['calibration']>('calibration'),
  /** Every registered learner backend, in order of registration; nothing is started before `get`. */
  LearnerBackends: token<readonly BackendCandidate[]>('LearnerBackends'),
  LearnerBackend: token<PartOf['learnerBackend']>('learnerBackend'),
} as const;
