import { Flags } from '@oclif/core';

/** How files are read, where they do not say it themselves. */
export const readingFlags = {
  worker: Flags.string({ helpValue: 'NAME', summary: 'Who gave the answers, where the file does not say it.' }),
  'worker-from': Flags.option({
    options: ['filename'] as const,
    summary: 'The name of each file is its worker, where it does not say who answered.',
  })(),
  encoding: Flags.string({
    helpValue: 'NAME',
    summary: 'How the text is encoded (windows-1252, shift_jis, ...). Without it: told by the bytes.',
  }),
  missing: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'TEXT',
    summary: 'A text that stands for no label, beside NA, N/A, NaN, None, null and - in tables.',
  }),
  keep: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'TEXT',
    summary: 'One of these texts that is a class here.',
  }),
};

export interface ReadingFlags {
  readonly columns: string | undefined;
  readonly worker: string | undefined;
  readonly 'worker-from': 'filename' | undefined;
  readonly encoding: string | undefined;
  readonly missing: readonly string[] | undefined;
  readonly keep: readonly string[] | undefined;
  readonly carry?: string | undefined;
}

/** What the flags ask of a reader. */
export function readingOf(flags: ReadingFlags): {
  readonly encoding: string | null;
  readonly worker: string | { readonly from: 'filename' } | null;
  readonly carry: readonly string[];
  readonly missing: { readonly also: readonly string[]; readonly keep: readonly string[] };
} {
  return {
    encoding: flags.encoding ?? null,
    worker: flags.worker ?? (flags['worker-from'] === undefined ? null : { from: flags['worker-from'] }),
    carry: (flags.carry ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
    missing: { also: flags.missing ?? [], keep: flags.keep ?? [] },
  };
}

/** The flags and words that say how the answers are read, as a further command line needs them. */
export function readingWords(
  flags: ReadingFlags & {
    readonly config: string | undefined;
    readonly format: string | undefined;
    readonly 'skip-bad-rows': boolean;
  },
  argv: readonly unknown[],
): string[] {
  const { config, format, columns, worker, encoding, missing = [], keep = [] } = flags;
  const single = { config, format, columns, worker, 'worker-from': flags['worker-from'], encoding };
  return [
    ...argv.map(String).filter((word) => /^(format\.|columns=)/.test(word)),
    ...Object.entries(single).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
    ...missing.flatMap((text) => ['--missing', text]),
    ...keep.flatMap((text) => ['--keep', text]),
    ...(flags['skip-bad-rows'] ? ['--skip-bad-rows'] : []),
  ];
}

/** Of columns that are given by name, what is said of one role; null where nothing is. */
export function columnsIn(columns: string | undefined, role: string): string | null {
  const part = columns?.split(',').find((one) => one.trim().startsWith(`${role}=`));
  return part?.trim() ?? null;
}
