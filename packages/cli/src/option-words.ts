import { QuorateError } from '@quorate/core';

/** Files and options out of words: `format.control=tone` is an option of the section `format`. */
export interface SplitWords<Section extends string> {
  readonly files: readonly string[];
  readonly options: Readonly<Record<Section, Readonly<Record<string, unknown>>>>;
}

/** Tells options of these sections from files. A value is read as JSON, and is a string where it is not JSON. */
export function splitWords<Section extends string>(
  words: readonly string[],
  sections: readonly Section[],
): SplitWords<Section> {
  const files: string[] = [];
  const options = {} as Record<Section, Record<string, unknown>>;
  for (const section of sections) options[section] = {};
  for (const word of words) {
    // As `--columns`, which is an option of the format too.
    if (/^columns=/.test(word) && 'format' in options) {
      (options as Record<string, Record<string, unknown>>)['format']!['columns'] = word.slice('columns='.length);
      continue;
    }
    const section = sections.find((one) => word.startsWith(`${one}.`) && word.includes('='));
    if (section === undefined) {
      files.push(word);
      continue;
    }
    const cut = word.indexOf('=');
    const key = word.slice(section.length + 1, cut);
    if (!/^[a-z]\w*(\.[a-z]\w*)*$/i.test(key)) {
      throw new QuorateError('CONFIG_INVALID', {
        where: 'command line',
        expected: `${section}.option=value`,
        got: JSON.stringify(word),
        fix: 'quorate plugins describes the options of each format and aggregator.',
      });
    }
    set(options[section], key.split('.'), valueOf(word.slice(cut + 1)));
  }
  return { files, options };
}

/** `calibration.dependence` is the option `dependence` inside the option `calibration`. */
function set(own: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) own[key!] = value;
  else {
    const inner = own[key!];
    const tree = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
    own[key!] = tree;
    set(tree, rest, value);
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
