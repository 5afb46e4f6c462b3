import type { ClassLabel } from '@quorate/core';
import { shown } from './answers-text.js';
import { plural, shellWord, wrap } from './format.js';

export interface GoldFacts {
  /** How many were drawn, were asked for, and are there. */
  readonly tasks: number;
  readonly asked: number;
  readonly of: number;
  readonly classes: readonly ClassLabel[];
  readonly seed: number;
  /** The answers on the command line, with what says how they are read. */
  readonly sources: readonly string[];
  /** Where they were written; null: to standard output. */
  readonly file: string | null;
}

const MOST_CLASSES = 20;

/** What `quorate gold` says beside the tasks. */
export function goldLines({ tasks, asked, of, classes, seed, sources, file }: GoldFacts): string[] {
  if (tasks === 0) return ['No task to draw: none has an answer without a known label.'];
  const names = classes.slice(0, MOST_CLASSES).map((name) => shown(String(name), 30));
  const rest = classes.length - names.length;
  const into = file ?? 'the file';
  const words = sources.map(shellWord).join(' ');
  return [
    `${plural(tasks, 'task')} of ${of.toLocaleString('en-US')}, dealt evenly over their labels, random within (seed ${seed})` +
      `${file === null ? '' : `, in ${file}`}.`,
    ...(tasks < asked ? [`No more have an answer and no known label: ${plural(asked, 'task')} were asked for.`] : []),
    `Write the true label of each into the column label of ${into}, without looking at what the crowd says. Labels: ` +
      `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`,
    `Then: quorate aggregate ${words} --gold ${file === null ? 'FILE' : shellWord(file)} --out with-gold`,
  ].flatMap((line) => wrap(line, 100));
}
