import { QuorateError } from '@quorate/core';

/** What a command about answers is given beside its flags. */
export interface InputWords {
  /** Paths, or `-`. */
  readonly sources: readonly string[];
  /** `aggregator.<option>=value` and `format.<option>=value`. */
  readonly aggregator: Readonly<Record<string, unknown>>;
  readonly format: Readonly<Record<string, unknown>>;
}

/** Tells files from options. A value is read as JSON, and is a string where it is not JSON. */
export function inputWords(words: readonly string[]): InputWords {
  const sources: string[] = [];
  const options = { aggregator: {} as Record<string, unknown>, format: {} as Record<string, unknown> };
  for (const word of words) {
    const section = /^(aggregator|format)\./.exec(word)?.[1] as keyof typeof options | undefined;
    if (section === undefined || !word.includes('=')) {
      sources.push(word);
      continue;
    }
    const [, key, value] = /^\w+\.([a-z]\w*)=(.*)$/is.exec(word) ?? [];
    if (key === undefined || value === undefined) {
      throw new QuorateError('CONFIG_INVALID', {
        where: 'command line',
        expected: `${section}.option=value`,
        got: JSON.stringify(word),
        fix: `quorate plugins ${section} describes the options.`,
      });
    }
    options[section][key] = parsed(value);
  }
  return { sources, ...options };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
