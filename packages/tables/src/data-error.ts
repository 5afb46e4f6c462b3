import { QuorateError, isQuorateError, messageOf } from '@quorate/core';

export function invalid(where: string, expected: string, got: string, fix: string, cause?: unknown): QuorateError {
  return new QuorateError('DATA_INVALID', { where, expected, got, fix, ...(cause === undefined ? {} : { cause }) });
}

/** What the system said, in words; the message itself where we have none. */
const systemWords: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'a file that may not be read',
  EISDIR: 'a folder',
  ENOTDIR: 'a path through something that is no folder',
  ERR_FS_FILE_TOO_LARGE: 'a file of more than 2 GiB, which this kind cannot be',
};

/** Runs a file operation; what the system or a library refuses becomes DATA_INVALID. */
export async function readable<R>(name: string, action: () => Promise<R>): Promise<R> {
  try {
    return await action();
  } catch (cause) {
    if (isQuorateError(cause)) throw cause;
    const code = String((cause as { code?: unknown } | null)?.code);
    throw invalid(
      name,
      'a file that can be read',
      systemWords[code] ?? (isOfCode(cause) ? 'a damaged one' : messageOf(cause)),
      code === 'ENOENT'
        ? "Correct the path; relative paths start in the configuration file's folder, or else in the working folder."
        : 'Check that it is a whole file of its kind, that it may be read, and that there is memory for it.',
      cause,
    );
  }
}

/** A reader that trips over what a damaged file says; its words are about its own code. */
function isOfCode(cause: unknown): boolean {
  return (
    cause instanceof TypeError || cause instanceof RangeError || /undefined|\bnull\b|BigInt/.test(messageOf(cause))
  );
}

/** The first names of a list, on one line. */
export function listed(names: readonly string[], most = 8): string {
  if (names.length === 0) return 'none';
  const first = names.slice(0, most).map((name) => JSON.stringify(name));
  return first.join(', ') + (names.length > most ? `, ... (${names.length})` : '');
}
