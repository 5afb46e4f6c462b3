import type { Button, Facts } from './facts.js';

const words: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'on', 'yes', 'checked', '1'].map((word) => [word, true] as const),
  ...['false', 'off', 'no', '0', ''].map((word) => [word, false] as const),
]);

/** What a cell of a button says: pressed or not; undefined for another text. */
export function isPressed(text: string): boolean | undefined {
  return words.get(text.trim().toLowerCase());
}

/**
 * Columns of the buttons of one question, as Mechanical Turk's forms give them: `Answer.cat.on`, `Answer.dog.on`, or
 * `Answer.animal.cat`, `Answer.animal.dog`, each true or false. Null where the columns are something else, or several questions.
 */
export function buttonsOf(columns: readonly number[], { names, contents, rows }: Facts): readonly Button[] | null {
  if (columns.length < 2) return null;
  const isBoolean = columns.every((column) =>
    [...contents[column]!.values.keys()].every((text) => isPressed(text) !== undefined),
  );
  if (!isBoolean || !columns.some((column) => contents[column]!.values.size > 0)) return null;
  const parts = columns.map((column) => names[column]!.replace(/^(Answer\.|OUTPUT:)/, '').split('.'));
  const [first] = parts;
  const ends =
    first!.length > 1 && parts.every((part) => part.length === first!.length && part.at(-1) === first!.at(-1));
  const begins = first!.length > 1 && parts.every((part) => part.length > 1 && part[0] === first![0]);
  const all = columns.map((column, at) => {
    const part = parts[at]!;
    return { column, name: (ends ? part.slice(0, -1) : begins ? part.slice(1) : part).join('.') };
  });
  if (!ends && !begins && first!.length > 1) return null;
  const pressed = rows.map((row) => columns.filter((column) => isPressed(row[column] ?? '') === true).length);
  const single = pressed.filter((count) => count === 1).length;
  // Boxes of which people tick several are questions of their own, and so are columns whose names have nothing in common.
  return single > pressed.length / 2 && (ends || begins || single === pressed.length) ? all : null;
}
