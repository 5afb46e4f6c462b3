import type { Job, JobOutcome, Json } from '@quorate/core';
import type { Workshop } from '../job/run-job.js';

export type ToChild =
  | { readonly type: 'setup'; readonly workshop: Omit<Workshop, 'env' | 'clock'> }
  | { readonly type: 'run'; readonly job: Job }
  | { readonly type: 'stop' };

export type FromChild =
  { readonly type: 'progress'; readonly progress: Json } | { readonly type: 'outcome'; readonly outcome: JobOutcome };

/** Milliseconds between two signs of life, and the file descriptor that they are written to. */
export const BEAT = 1000;
export const PULSE = 4;
