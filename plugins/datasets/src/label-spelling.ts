import type { ClassLabel } from '@quorate/core';
import { invalid } from '@quorate/tables';

export interface SpelledLabels {
  readonly labels: readonly (ClassLabel | null)[];
  readonly notes: readonly string[];
}

/**
 * One spelling for each class. Text files write a whole number now as 1 and now as 1.0 (a column with a gap in pandas), and a
 * truth value as True, true or TRUE: such are one class. A number and a string that print alike are refused, since it is
 * not known which the class is.
 */
export function canonicalLabels(
  name: string,
  labels: readonly (ClassLabel | null)[],
  place: (row: number) => string,
): SpelledLabels {
  const seen = new Map<string, { readonly label: ClassLabel; readonly row: number }>();
  for (const [row, label] of labels.entries()) {
    if (label === null) continue;
    const twin = seen.get(String(label));
    if (!twin) seen.set(String(label), { label, row });
    else if (twin.label !== label) {
      const got = `${JSON.stringify(label)} here and ${JSON.stringify(twin.label)} in ${place(twin.row)}`;
      throw invalid(place(row), 'class names that print differently', got, 'Write the class in one way.');
    }
  }
  const texts = [...seen.values()].map(({ label }) => label).filter((label) => typeof label === 'string');
  const merged = new Map(texts.map((text) => [text, spellingOf(text)] as const).filter(([text, one]) => one !== text));
  // As long as each class has one spelling it is kept as it is.
  if (new Set(texts.map(spellingOf)).size === texts.length) return { labels, notes: [] };
  const pairs = [...merged].slice(0, 4).map(([from, to]) => `${from} is ${to}`);
  return {
    labels: labels.map((label) => (typeof label === 'string' ? (merged.get(label) ?? label) : label)),
    notes: [`${name}: one class in several spellings: ${pairs.join(', ')}.`],
  };
}

function spellingOf(text: string): string {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase();
  return text.replace(/^([-+]?\d+)\.0+$/, '$1');
}
