import {
  QuorateError,
  errorCodes,
  fileProblem,
  isQuorateError,
  messageOf,
  sentenceOf,
  type ErrorCode,
  type ErrorDetail,
} from '@quorate/core';

/** What `--json` prints for an error. */
export interface ErrorRecord {
  readonly type: 'error';
  /** A code of the error table, `USAGE` for a mistyped command line, `INTERNAL` for a bug. */
  readonly code: string;
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly fix: string;
}

/** What the command line says about a failure, and how it exits. */
export interface Failure {
  readonly lines: readonly string[];
  readonly records: readonly ErrorRecord[];
  readonly exitCode: number;
}

/** Nobody reads more of them, and a file that is none has one in each line. */
const MOST_PROBLEMS = 20;

/** Turns whatever was thrown into lines for people, records for programs and an exit code. Never a stack trace. */
export function describeFailure(thrown: unknown): Failure {
  if (isQuorateError(thrown)) {
    const { code, detail } = thrown;
    const all = severalIn(detail) ?? [detail];
    const problems = all.length > MOST_PROBLEMS ? [...all.slice(0, MOST_PROBLEMS), furtherThan(all)] : all;
    return {
      lines: problems.map((problem) => `Error: ${lineOf(code, problem)}`),
      records: problems.map(({ where, expected, got, fix }) => ({ type: 'error', code, where, expected, got, fix })),
      exitCode: errorCodes[code]?.exit ?? 1,
    };
  }
  const got = messageOf(thrown) || 'something was thrown without a message';
  const exit = usageExit(thrown);
  if (exit !== undefined) {
    const fix = suggestionOf(thrown) ?? wordFor(got) ?? 'quorate --help and quorate COMMAND --help list what there is.';
    const expected = 'a command line that quorate understands';
    return {
      lines: [`Error: ${got.replace(/\s*See more help with --help$/, '')}`, fix],
      records: [{ type: 'error', code: 'USAGE', where: 'command line', expected, got, fix }],
      exitCode: exit,
    };
  }
  const file = fileProblem(thrown);
  if (file !== undefined) {
    // Files change under a program, and disks fill: no bug.
    const detail = {
      where: 'file',
      expected: 'to use it',
      got: file,
      fix: 'Correct the path, the permissions or the disk, then run the command again.',
    };
    return describeFailure(new QuorateError('WRITE_FAILED', detail));
  }
  const fix = 'This is a bug in quorate; please report it. --debug (or DEBUG=1) prints where it happened.';
  return {
    lines: [`Error: ${got}`, fix],
    records: [{ type: 'error', code: 'INTERNAL', where: 'quorate', expected: 'no failure', got, fix }],
    exitCode: 1,
  };
}

function furtherThan(all: readonly ErrorDetail[]): ErrorDetail {
  const got = `${all.length - MOST_PROBLEMS} more`;
  return { where: all[0]!.where.split(':')[0]!, expected: 'no problem', got, fix: 'Correct those above first.' };
}

function lineOf(code: ErrorCode, detail: ErrorDetail): string {
  return messageOf(`[${code}] ${sentenceOf(detail)}`);
}

/** The problems of an error that reports several at once: the engine keeps the list as the cause. */
function severalIn({ cause }: ErrorDetail): readonly ErrorDetail[] | undefined {
  const isDetail = (x: unknown): x is ErrorDetail => typeof x === 'object' && x !== null && 'where' in x && 'fix' in x;
  return Array.isArray(cause) && cause.length > 0 && cause.every(isDetail) ? cause : undefined;
}

/** The exit code of oclif's own errors (unknown flag, missing argument), which are the user's to fix. */
function usageExit(thrown: unknown): number | undefined {
  const exit = (thrown as { oclif?: { exit?: unknown } } | null)?.oclif?.exit;
  return typeof exit === 'number' ? exit : undefined;
}

/** Flags that only some commands have. No key of a configuration is called so. */
const flagsElsewhere = /^(columns|config|csv|force|format|from|gold|html|json|out|resume|state|to|worker|yes)$/;

/** `--seed 3` is `seed=3`: keys of a configuration are no flags. */
function wordFor(message: string): string | undefined {
  const flag = /^Nonexistent flags?: --([a-z][\w.-]*)/i.exec(message)?.[1];
  if (flag !== undefined && flagsElsewhere.test(flag))
    return `This command has no --${flag}; its --help says what it takes.`;
  const key = flag?.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return (
    key &&
    `If a key of the configuration is meant, write it as a word: ${key}=VALUE; --help lists the flags of a command.`
  );
}

function suggestionOf(thrown: unknown): string | undefined {
  const suggestions = (thrown as { suggestions?: unknown }).suggestions;
  return Array.isArray(suggestions) && suggestions.length > 0 ? suggestions.map(String).join(' ') : undefined;
}
