import type { ClassLabel } from '@quorate/core';
import { isObject, labelOf, type JsonObject } from '../json/json-record.js';

/** Controls whose results are, or can be, one class of a task. */
export const readable = ['choices', 'taxonomy', 'rating', 'number', 'pairwise'] as const;
type Readable = (typeof readable)[number];

export function isReadable(type: unknown): type is Readable {
  return (readable as readonly unknown[]).includes(type);
}

/** How several choices in one annotation are read. */
export interface Several {
  /** True: each set of choices is a class. */
  readonly set: boolean;
  /** One choice that is asked about: chosen or not. Null: not asked. */
  readonly choice: string | null;
}

/** What one result of a control says: each choice, each path of a taxonomy (`Animals/Cats`), a number, a side. */
export function chosenIn(type: Readable, value: unknown): readonly unknown[] {
  const given = isObject(value) ? value[type === 'pairwise' ? 'selected' : type] : undefined;
  if (given === undefined || given === null) return [];
  if (type === 'taxonomy') return pathsOf(given);
  return Array.isArray(given) ? (given as unknown[]) : [given];
}

/** Paths of a taxonomy, `["Animals", "Cats"]` each. */
export function pathsOf(given: unknown): readonly unknown[] {
  if (!Array.isArray(given)) return [given];
  return given.map((path: unknown) => (Array.isArray(path) ? path.map(String).join('/') : path));
}

/** The class of all that was chosen; null for nothing, undefined for several choices that are no one class. */
export function classOf(chosen: readonly unknown[], { set, choice }: Several): ClassLabel | null | undefined {
  if (choice !== null)
    return chosen.length === 0 ? null : chosen.some((one) => String(one) === choice) ? choice : `not ${choice}`;
  if (set && chosen.length > 1) return chosen.map(String).sort().join(' + ');
  return labelOf(chosen);
}

/** The controls of some tasks with their types, in order of first appearance. */
export function controlsIn(tasks: readonly JsonObject[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const task of tasks) {
    const annotations = task['annotations'] ?? task['completions'] ?? [task];
    if (!Array.isArray(annotations)) continue;
    for (const annotation of annotations as unknown[]) {
      const results = isObject(annotation) ? annotation['result'] : undefined;
      if (!Array.isArray(results)) continue;
      for (const result of results as unknown[]) {
        if (!isObject(result)) continue;
        const { from_name: name, type } = result;
        if (typeof name === 'string' && typeof type === 'string' && !found.has(name)) found.set(name, type);
      }
    }
  }
  return found;
}

/** The control that counts where the user names none: the only one of choices, else the only one that can be read. */
export function controlOf(controls: ReadonlyMap<string, string>): string | null {
  const of = (fits: (type: string) => boolean): string[] =>
    [...controls].filter(([, type]) => fits(type)).map(([name]) => name);
  const choices = of((type) => type === 'choices');
  if (choices.length > 0) return choices.length === 1 ? choices[0]! : null;
  const others = of(isReadable);
  return others.length === 1 ? others[0]! : null;
}
