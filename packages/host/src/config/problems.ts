import { QuorateError, sentenceOf, type ErrorCode, type ErrorDetail } from '@quorate/core';

/** One thing that is wrong with a configuration. */
export type Problem = ErrorDetail;

/** A page full: more than that is one mistake made many times. */
const MOST_SHOWN = 50;

/** One error for all problems: a single line for one, a list for several. The list itself is the error's `cause`. */
export function problemsError(code: ErrorCode, what: string, problems: readonly Problem[]): QuorateError {
  const [only, ...more] = problems;
  if (only && more.length === 0) return new QuorateError(code, only);
  const lines = problems.slice(0, MOST_SHOWN).map((problem) => `\n  - ${sentenceOf(problem)}`);
  const hidden = problems.length - lines.length;
  return new QuorateError(code, {
    where: what,
    expected: 'no problem',
    got: `${problems.length}`,
    fix: hidden > 0 ? `The first of them:${lines.join('')}\n  - ${hidden} more` : `All of them:${lines.join('')}`,
    cause: problems,
  });
}

/** All problems of an error that `problemsError` made. */
export function problemsOf(error: QuorateError): readonly Problem[] {
  const { cause } = error.detail;
  return Array.isArray(cause) ? (cause as Problem[]) : [error.detail];
}

/** A value for a message: JSON, cut after 60 characters. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
