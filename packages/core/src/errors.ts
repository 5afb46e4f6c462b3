/**
 * Every way the framework can refuse, in one table: code → what it means and the exit code of the command line.
 * The documentation page and `errors.test.ts` are held against it.
 */
export const errorCodes = {
  CONFIG_INVALID: { exit: 2, meaning: 'The configuration of a run does not validate.' },
  CONFIG_UNREADABLE: { exit: 2, meaning: 'A configuration file is missing, empty or does not parse.' },
  PLUGIN_NOT_FOUND: { exit: 2, meaning: 'A plugin that the configuration names is not installed.' },
  PLUGIN_INVALID: { exit: 2, meaning: 'A plugin does not load, has no plugin as default export, or is malformed.' },
  PLUGIN_API: { exit: 2, meaning: 'A plugin speaks another version of the core API.' },
  PLUGIN_DUPLICATE: { exit: 2, meaning: 'Two plugins have one name, or contribute one component twice.' },
  PART_MISSING: { exit: 2, meaning: 'Nothing provides a part that the run needs.' },
  PART_AMBIGUOUS: { exit: 2, meaning: 'Several components could be a part and the configuration does not choose.' },
  PART_CIRCULAR: { exit: 2, meaning: 'Parts need each other in a circle.' },
  PART_FAILED: { exit: 2, meaning: 'A part of the run threw or returned something that its contract forbids.' },
  ANSWERS_INVALID: { exit: 2, meaning: 'A file of crowd answers cannot be read, or a row of it.' },
  DATA_INVALID: { exit: 2, meaning: 'A data file is missing, damaged or does not fit the others.' },
  DATA_UNAVAILABLE: { exit: 2, meaning: 'Data that has to be downloaded first is not there.' },
  DOWNLOAD_FAILED: { exit: 1, meaning: 'A download did not complete or has the wrong checksum.' },
  BACKEND_UNAVAILABLE: { exit: 2, meaning: 'A learner backend or a feature extractor cannot start on this machine.' },
  MODEL_UNAVAILABLE: { exit: 2, meaning: 'A model that answers cannot be reached, or refuses to.' },
  RUN_FOLDER: { exit: 2, meaning: 'The run folder is taken, belongs to another configuration, or cannot be used.' },
  CHECKPOINT_DAMAGED: { exit: 2, meaning: 'No checkpoint of the run can be read.' },
  OUTPUT_TAKEN: { exit: 2, meaning: 'A file to write is there already, or belongs to other work.' },
  WRITE_FAILED: { exit: 2, meaning: 'A file of the run could not be written.' },
  AGGREGATOR_UNSUITED: { exit: 2, meaning: 'An aggregator cannot work with these answers.' },
  ANNOTATION_INVALID: { exit: 2, meaning: 'An annotation names an unknown task, worker or label.' },
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDetail {
  /** File, config path, plugin, step or item; ids as the user wrote them. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What the user can do about it: one sentence. */
  readonly fix: string;
  readonly cause?: unknown;
}

const BRAND = Symbol.for('@quorate/core/QuorateError');

/**
 * A problem as people read it. What came is often a message that ends in a full stop of its own, and, from plugins in
 * JavaScript, not always a text.
 */
export function sentenceOf({ where, expected, got, fix }: ErrorDetail): string {
  return `${where}: expected ${expected}, got ${String(got).replace(/(?<!\.)\.$/, '')}. ${fix}`;
}

/** A mistake that a person can fix. Prints as one line; `code` and `detail` are stable, the sentence is not. */
export class QuorateError extends Error {
  override readonly name = 'QuorateError';
  readonly [BRAND] = true;
  readonly detail: ErrorDetail;
  constructor(
    readonly code: ErrorCode,
    given: ErrorDetail,
  ) {
    const { where, expected, got } = given;
    const detail = { ...given, where: clipped(where), expected: clipped(expected), got: clipped(got) };
    super(`[${code}] ${sentenceOf(detail)}`, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.detail = detail;
  }
}

/** Where a list of names in a message ends: some files have thousands. */
const MOST_CHARACTERS = 1000;

/** A text for a message, cut where nobody reads on. */
export function clipped(text: string): string {
  // Plugins in JavaScript do not always give a text.
  if (typeof text !== 'string' || text.length <= MOST_CHARACTERS) return text;
  return `${text.slice(0, MOST_CHARACTERS - 50)} ... (${text.length} characters)`;
}

/** True for an error of this or another copy of core. */
export function isQuorateError(x: unknown): x is QuorateError {
  return typeof x === 'object' && x !== null && (x as Record<symbol, unknown>)[BRAND] === true;
}

/** What the operating system refuses, in words, by its code. */
const refusals: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a file where a folder has to be',
  EISDIR: 'a folder where a file has to be',
  EEXIST: 'something of that name already',
  ENOTEMPTY: 'a folder that is not empty',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'a disk that can only be read',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'no space left in the quota of the disk',
  EFBIG: 'a file that is too large for the disk',
  ENAMETOOLONG: 'a name that is too long',
  ELOOP: 'links that lead in a circle',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  EBUSY: 'a file that another program is using',
  EXDEV: 'two disks where one is needed',
  EIO: 'a disk that does not answer',
};

/** What the operating system said of a file, in words and with its path; undefined where it was not about one. */
export function fileProblem(thrown: unknown): string | undefined {
  const { code, syscall, path, dest } = (thrown ?? {}) as Partial<
    Record<'code' | 'syscall' | 'path' | 'dest', unknown>
  >;
  if (
    typeof code !== 'string' ||
    typeof syscall !== 'string' ||
    /^(connect|listen|getaddrinfo|bind|spawn)/.test(syscall)
  )
    return undefined;
  const words = refusals[code];
  if (words === undefined) return undefined;
  const at = [path, dest].filter((one) => typeof one === 'string').join(' to ');
  return at === '' ? words : `${words}: ${at}`;
}

/** The message of whatever was thrown, on one line; without the files that Node lists where a module is not found. */
export function messageOf(thrown: unknown): string {
  const text = fileProblem(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
  return text
    .replace(/\nRequire stack:\n[^]*$/, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

/** The known word nearest to `word` by edit distance, or undefined when none is near enough to be a typing error. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
