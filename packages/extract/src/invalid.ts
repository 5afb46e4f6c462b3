import { QuorateError } from '@quorate/core';

export function invalid(where: string, expected: string, got: string, fix: string, cause?: unknown): QuorateError {
  return new QuorateError('DATA_INVALID', { where, expected, got, fix, ...(cause === undefined ? {} : { cause }) });
}
