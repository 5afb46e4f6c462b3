export { agreementOf, type Agreement, type ClassAgreement } from './agreement.js';
export { AnswerIndex } from './answer-index.js';
export { betaCdf, betaQuantile, binomialAtLeast, binomialAtMost, holm } from './beta.js';
export {
  accuracies,
  agreementBetween,
  confidencesOf,
  scoresOf,
  type MethodAccuracy,
  type MethodResult,
} from './compare.js';
export { confusionCounts, peerModelOf } from './confusion-counts.js';
export { Consensus, openAggregator, type AggregatorChoice, type ConsensusSetting } from './consensus.js';
export { sharedMistakes, type SharedMistakes, type SharedMistakesReport } from './copiers.js';
export { CrowdAnswers, type Added, type CrowdAnswersData } from './crowd-answers.js';
export {
  readAnswers,
  readEach,
  readGold,
  readLabels,
  type GoldRequest,
  type ReadAnswersRequest,
  type ReadEachRequest,
  type SourceTable,
} from '@quorate/host';
export { filesOf, type AnswerFile } from '@quorate/host';
export { writeAnswers, type WriteAnswersRequest, type WrittenAnswers } from './files/write.js';
export { drawGold } from './draw-gold.js';
export { UNHEARD, goldOf, type Gold, type GoldLabel } from './gold.js';
export { className, confidenceKindOf, labelsOf, type ConfidenceKind, type Labels } from './labels.js';
export { pairwiseKappa, type PairKappa, type PairwiseKappa, type PairwiseOptions } from './pairwise-kappa.js';
export { visitPeers, type ComparedAnswer, type PeerModel } from './peers.js';
export {
  calibrationError,
  checkedOf,
  reliabilityOf,
  type CheckedLabels,
  type Reliability,
  type ReliabilityGroup,
} from './reliability.js';
export { ledgerOf, upsert, type Ledger, type Upserted } from './ledger.js';
export { randomOrderLabels, type RandomOrderLabels, type RecordedAnswers } from './random-order.js';
export { decodeState, encodeState, isOfOtherVersion, sha256, type ConsensusState } from './state.js';
export { gatherEvidence, type Confusion, type WorkerEvidence } from './worker-evidence.js';
export { FLAG_LEVEL, flagsOf, type Flag, type FlagName } from './worker-flags.js';
export { reportWorkers, type WorkerReport } from './worker-report.js';
