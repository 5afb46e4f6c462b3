import { classKey, withoutUnseen, type AnswerInput, type ClassLabel } from '@quorate/core';

/** What programs write where there is no value: R, pandas, NumPy, Excel, SQL and people. */
const usual: ReadonlySet<string> = new Set([
  ...[
    'NA',
    'N/A',
    'NaN',
    'None',
    'null',
    '-',
    'n/a',
    'na',
    'nan',
    'NULL',
    'Null',
    'NAN',
    '<NA>',
    '#N/A',
    '#NA',
    '#NULL!',
  ],
  ...['N.A.', 'n.a.', '-nan', '-NaN', '1.#QNAN', '#N/A N/A', '--', '–', '—', 'NaT', 'undefined', '\\N'],
]);

/** Of a file whose labels are the choices of a tool: none of them stands for a missing value. */
export const nothingMissing = { also: [], keep: [...usual] };

/** Words that stand for no label: the usual ones and those that the user adds, but for those that are classes here. */
export class Missing {
  readonly #also: ReadonlySet<string>;
  readonly #keep: ReadonlySet<string>;

  constructor({ missing }: Pick<AnswerInput, 'missing'>) {
    this.#also = new Set(missing?.also ?? []);
    this.#keep = new Set(missing?.keep ?? []);
  }

  /** True for a word that stands for nothing; an empty text does so anyway. */
  has(text: string): boolean {
    return !this.#keep.has(text) && (usual.has(text) || this.#also.has(text) || withoutUnseen(text) === '');
  }

  /** Whether the user has said what this word stands for. */
  knows(text: string): boolean {
    return this.#keep.has(text) || this.#also.has(text);
  }
}

/** Whether a text is read as no label where nobody says otherwise. */
export function readsAsMissing(label: ClassLabel): boolean {
  return label === '' || usual.has(String(label));
}

/** Notes about classes that may be one, or none: equal up to case and blanks, a lone sign, -1 beside 0, 1, 2. */
export function classNotes(classes: readonly ClassLabel[], missing: Missing): string[] {
  const notes: string[] = [];
  const alike = new Map<string, string>();
  for (const label of classes) {
    const text = String(label);
    const key = classKey(text.normalize('NFC').trim().replace(/\s+/gu, ' ').toLowerCase());
    const twin = alike.get(key);
    if (twin !== undefined && notes.length < 3) {
      notes.push(
        `${JSON.stringify(twin)} and ${JSON.stringify(text)} are two classes here: correct the file if they are one.`,
      );
    }
    alike.set(key, text);
    if (/^[.*?_#x-]$/i.test(text) && text !== 'x' && text !== 'X' && classes.length > 2 && !missing.knows(text)) {
      notes.push(`"${text}" is a class here: if it stands for no answer, say so with --missing='${text}'.`);
    }
  }
  const numbers = classes.map((label) => classKey(label));
  const known = new Set(numbers);
  const twins = [
    ['true', '1'],
    ['false', '0'],
  ].filter((pair) => pair.every((key) => known.has(key)));
  for (const pair of twins) {
    const [a, b] = pair.map((key) => JSON.stringify(String(classes[numbers.indexOf(key)])));
    notes.push(`${a} and ${b} are two classes here: correct the file if they are one.`);
  }
  const joined = classes.find((label) => {
    const parts = String(label).split(/\s*[;|,]\s*/);
    return parts.length > 1 && parts.every((part) => known.has(classKey(part)));
  });
  if (joined !== undefined) {
    notes.push(
      `${JSON.stringify(String(joined))} names several classes, and is a class of its own here: one class is asked of a task.`,
    );
  }
  const counted = numbers.length > 3 && numbers.every((text) => /^-?\d+$/.test(text)) && numbers.includes('-1');
  if (counted && !missing.knows('-1') && numbers.every((text) => Number(text) >= -1)) {
    notes.push('"-1" is a class here: if it stands for no answer, say so with --missing=-1.');
  }
  return notes;
}
