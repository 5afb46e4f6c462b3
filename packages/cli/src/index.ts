/** What a program that calls the command line may want to name: the shapes of its JSON. */
export type { ErrorRecord } from './failure.js';
export type { EndRecord, StartRecord, StepLine } from './json-lines.js';
