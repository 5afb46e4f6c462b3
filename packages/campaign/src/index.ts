export { Campaign, type CampaignEvents, type NextQuestions, type Question } from './campaign.js';
export { databaseFile, newBatch, openCampaign, type OpenCampaignOptions } from './open.js';
export type { Outcome } from './desk/desk.js';
export type { AuditProgress, StepOutcome } from './inference/contract.js';
export type { InferenceService, InferenceSetup } from './inference/service.js';
export { ThreadInference } from './inference/threaded.js';
export { readSettings, isCampaign, settingsFile, settingsText, settingsSchema, type Settings } from './settings.js';
export type { CampaignState, Status, WorkerStatus } from './status.js';
export { addAnswers, fingerprint, type AddRequest, type Added } from './files/add.js';
export {
  batchFormats,
  batchBytes,
  formatOfFile,
  labelStudioConfig,
  type BatchFormat,
  type BatchRequest,
  type PersonBatch,
} from './files/batch.js';
export { backUpCampaign, restoreCampaign, type BackupReport } from './backup.js';
export { annotationLines } from './files/export.js';
export { addToCampaign, checkAllThere, createCampaign, type CreateCampaignRequest, type NewTask } from './create.js';
