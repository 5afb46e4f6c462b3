export { findSubjects } from './find.js';
export { FeatureJob, openFeatures, type FeatureProgress, type FeatureResult } from './job.js';
export { prepareFeatures, type PreparedFeatures } from './prepare.js';
export type { Subjects } from './subjects.js';
