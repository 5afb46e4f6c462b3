import type { ErrorCode, ErrorDetail } from '@quorate/core';
import type { PlanRequest, Step } from './contract.js';

/** What the thread of inference is asked. */
export type Call = { readonly id: number } & (
  | { readonly what: 'replay'; readonly steps: readonly Step[] }
  | { readonly what: 'step'; readonly step: Step }
  | { readonly what: 'plan'; readonly request: PlanRequest }
  | { readonly what: 'audits'; readonly count: number }
  | { readonly what: 'csv' | 'posterior' | 'dispose' }
);

/** What was thrown there: an error that a person can fix, with its code, or another one. */
export type Wrong =
  { readonly code: ErrorCode; readonly detail: ErrorDetail } | { readonly code: null; readonly message: string };

/** What it says: an answer to the call of that number (0: it is ready), or a note. */
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly wrong: Wrong }
  | { readonly note: string };
