export { Campaign, type CampaignEvents, type CampaignState, type NextQuestions, type Question } from './campaign.js';
export { databaseFile, newBatch, openCampaign, type OpenCampaignOptions } from './open.js';
export type { Outcome } from './desk/desk.js';
export type { StepOutcome } from './inference/inference.js';
export { readSettings, isCampaign, settingsFile, settingsText, settingsSchema, type Settings } from './settings.js';
export type { Status, WorkerStatus } from './status.js';
