import { QuorateError, isQuorateError, messageOf } from '@quorate/core';

/** Runs what writes `file`; a failure (disk full, no permission) becomes WRITE_FAILED. */
export function writing<R>(file: string, write: () => R): R {
  try {
    return write();
  } catch (thrown) {
    if (isQuorateError(thrown)) throw thrown;
    throw new QuorateError('WRITE_FAILED', {
      where: file,
      expected: 'to write it',
      got: messageOf(thrown),
      fix: 'What was saved before is whole. Make room or correct the permissions, then go on: a run with --resume, anything else with the same command.',
      cause: thrown,
    });
  }
}
