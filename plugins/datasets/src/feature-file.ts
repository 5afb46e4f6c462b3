import { open, type FileHandle } from 'node:fs/promises';
import { QuorateError, isQuorateError, messageOf, type Features } from '@quorate/core';
import { readNpyHeader, readNpyRows, type NpyFile, type NpyHeader } from '@quorate/core/bytes';

/** An `.npy` file whose header was read and fits; close it. */
export interface FeatureFile {
  /** Reads these rows, in this order. Throws DATA_INVALID where an element is not finite. */
  read(rows: ArrayLike<number>): Promise<Features>;
  close(): Promise<void>;
}

/**
 * Opens a feature matrix that must have one row for each of `rows` tasks.
 * @param name As the user wrote it; errors name it. @param path Where it is.
 */
export async function openFeatures(name: string, path: string, rows: number, labels: string): Promise<FeatureFile> {
  const handle = await readable(name, () => open(path));
  try {
    const file = await readable(name, () => npyFile(name, handle));
    const header = await readable(name, () => readNpyHeader(file));
    if (header.rows !== rows) throw countsDiffer(name, header, rows, labels);
    return {
      read: async (chosen) => {
        const data = await readable(name, () => readNpyRows(file, header, chosen));
        return { data, columns: header.columns };
      },
      close: () => handle.close(),
    };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

async function npyFile(name: string, handle: FileHandle): Promise<NpyFile> {
  const { size } = await handle.stat();
  const read = async (position: number, into: Uint8Array): Promise<number> =>
    (await handle.read(into, 0, into.length, position)).bytesRead;
  return { name, bytes: size, read };
}

function countsDiffer(name: string, header: NpyHeader, rows: number, labels: string): QuorateError {
  return new QuorateError('DATA_INVALID', {
    where: name,
    expected: `${rows} rows, one for each row of ${labels}`,
    got: `${header.rows} rows`,
    fix: 'Labels and features must name the same tasks in the same order.',
  });
}

/** Runs a file operation; what the system refuses becomes DATA_INVALID. */
export async function readable<R>(name: string, action: () => Promise<R>): Promise<R> {
  try {
    return await action();
  } catch (cause) {
    if (isQuorateError(cause)) throw cause;
    throw new QuorateError('DATA_INVALID', {
      where: name,
      expected: 'a file that can be read',
      got: messageOf(cause),
      fix:
        (cause as { code?: unknown }).code === 'ENOENT'
          ? "Relative paths start in the configuration file's folder, or else in the working folder."
          : 'Check that it is a plain file, that it may be read, and that there is memory for it.',
      cause,
    });
  }
}
