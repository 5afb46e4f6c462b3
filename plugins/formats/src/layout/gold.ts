import { speakAlike, valuesWithin } from './content.js';
import type { Facts } from './facts.js';
import { isGoldName, usualRoleOf } from './roles.js';
import { plain } from './words.js';

/** Names of labels: no flag is called so. */
const never = new Set('goldlabel truelabel correctlabel correctanswer trueclass groundtruthlabel gtlabel'.split(' '));
/** Names that mean the true class, whatever is in the column; others also go for flags and texts. */
const strict = new Set(
  (
    'gold goldlabel goldstandard groundtruth groundtruthlabel truth truelabel trueclass truevalue correctlabel correctanswer ' +
    'gt gtlabel'
  ).split(' '),
);
const flagWords = new Set(['true', 'false', '0', '1', 'yes', 'no', 't', 'f', 'y', 'n']);

/** Whether these are values of a flag. */
export function isFlag(values: Iterable<string>): boolean {
  return [...values].every((value) => flagWords.has(value.toLowerCase()));
}

/**
 * The column with the true class of the task: `label_gold` beside `label`, or one with a name of gold whose values are
 * classes. What says that an answer is right (`correct`), or that a task is one of gold (`_golden`), has no class in it.
 *
 * @returns -1 where there is none.
 */
export function goldColumn(facts: Facts, label: number, task: number): number {
  const { names } = facts;
  const own = plain(names[label] ?? '');
  const partner = names.findIndex(
    (name, column) =>
      own !== '' &&
      facts.contents[column]!.filled > 0 &&
      [`${own}gold`, `gold${own}`, `${own}truth`, `true${own}`].includes(plain(name)),
  );
  if (partner >= 0) return partner;
  // What `aggregate` wrote: whether a label was known from the start.
  if (['runnerup', 'needsreview'].every((name) => names.some((other) => plain(other) === name))) return -1;
  // One of another question is not the one of this.
  const others = new Set(names.filter((_, c) => c !== label).map(plain));
  const candidates = [...names.keys()].filter((column) => {
    const name = plain(names[column]!);
    const elsewhere = name.endsWith('gold') && name !== 'gold' && others.has(name.slice(0, -4));
    return (
      column !== label &&
      column !== task &&
      !elsewhere &&
      (usualRoleOf(names[column]!) === 'gold' || isGoldName(names[column]!))
    );
  });
  const sure = candidates.filter((column) => holdsClasses(facts, column, label, task));
  const first = sure.find((column) => strict.has(plain(names[column]!)));
  return first ?? sure[0] ?? -1;
}

function holdsClasses({ names, contents, rows, missing }: Facts, column: number, label: number, task: number): boolean {
  const name = names[column]!;
  const [gold, said] = [contents[column]!, contents[label]];
  if (never.has(plain(name))) return true;
  if (gold.filled === 0) return strict.has(plain(name));
  if (/^_?(is_?)?golden$/i.test(name) && isFlag(gold.values.keys())) return false;
  const alike = said !== undefined && speakAlike(gold, said);
  if (isFlag(gold.values.keys()) && !alike) return false;
  if (strict.has(plain(name))) return true;
  if (!alike || task < 0) return false;
  const truths = valuesWithin(rows, task, column, missing);
  if ([...truths.values()].some((values) => values.size > 1)) return false;
  if (!isFlag(gold.values.keys())) return true;
  // Where workers differ, a flag that says who is right differs too; a true class does not.
  const labels = valuesWithin(rows, task, label, missing);
  return [...labels].some(([id, values]) => values.size > 1 && (truths.get(id)?.size ?? 0) === 1);
}
