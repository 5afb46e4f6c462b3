import type { AnswerTable } from './answer-table.js';
import type { ClassLabel } from './dataset.js';

/** One file that a plugin can have downloaded. */
export interface DataFile {
  /** Path below the data set's folder. */
  readonly path: string;
  readonly url: string;
  /** SHA-256 in hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Published data that a plugin reads but must not ship: `quorate data pull <name>` fetches it. */
export interface DataDeclaration {
  readonly name: string;
  readonly summary: string;
  readonly licence: string;
  readonly files: readonly DataFile[];
}

/** Where the files of a run are. The engine provides it; a plugin that reads files injects `T.Files`. */
export interface Files {
  /** An absolute path for a path that the user wrote: against the config file's folder, else the working directory. */
  resolve(path: string): string;
  /**
   * Where one file of a declared data set is: below QUORATE_DATA_DIR (directly or in a folder of the data set's name),
   * else in the user's cache. Undefined when it is in neither.
   */
  locate(data: string, file: string): string | undefined;
  /** A folder below the user's cache in which a plugin may keep what can be computed again. It may not exist yet. */
  readonly cacheDir: string;
  /** Says something that the user should know about this run (for instance that a fallback was taken). One sentence. */
  note(message: string): void;
}

/** How to read a file of crowd answers; what is left out is guessed from the content. */
export interface AnswerFileRequest {
  /** As the user wrote it; against the config file's folder, else the working directory. */
  readonly file: string;
  /** Name of a format: `csv`. */
  readonly format?: string | null;
  /** Options of the format: `{ columns: 'task,worker,label' }`. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Reads files of crowd answers in any format that is installed. The engine provides it: `T.AnswerFiles`. */
export interface AnswerFiles {
  /** Throws ANSWERS_INVALID for a file without answers, or one that no format can read. */
  read(request: AnswerFileRequest): Promise<AnswerTable>;
  /** The known class of each task that the file gives one. Throws ANSWERS_INVALID where it gives none. */
  readGold(request: AnswerFileRequest): Promise<ReadonlyMap<string, ClassLabel>>;
}
