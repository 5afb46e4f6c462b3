import { QuorateError, nearest, type ClassLabel } from '@quorate/core';
import type { LabelFile } from './label-file.js';

export interface ClassRequest {
  /** The file as the user wrote it; errors name it. */
  readonly name: string;
  readonly file: LabelFile;
  /** Classes that the run is about; null for all of the file. */
  readonly classes: readonly ClassLabel[] | null;
  /** Are rows of other classes wanted, as items of the class `other`? */
  readonly distractors: boolean;
  /** What a row of another class is where no distractors are wanted. */
  readonly otherClasses: 'error' | 'ignore';
}

export interface ClassAssignment {
  /** Names of the run's classes, as the request or else the file has them; with distractors `other` is the last. */
  readonly classes: readonly ClassLabel[];
  /** K, without `other`. */
  readonly named: number;
  /** Class of every row, -1 for a row of another class, -2 for one without a label; null where the file has no labels. */
  readonly classOf: Int32Array | null;
}

/** In `classOf`: a row without a label. */
export const UNLABELLED = -2;

/** Name of the distractors' class. */
const OTHER = 'other';

/**
 * Finds the class of every row. Names match as they print, so that a class 7 of a configuration is "7" in a CSV.
 * Without a list the classes are the distinct labels in sorted order: booleans (false first), numbers ascending, then
 * strings by code unit ("10" before "9").
 *
 * Throws DATA_INVALID: a label that the list has not (with line), fewer than two classes, a file without labels and no
 * list, distractors without labels, list or rows of another class.
 */
export function assignClasses(request: ClassRequest): ClassAssignment {
  const { name, file, distractors } = request;
  if (distractors) checkDistractors(request);
  if (file.labels === null && request.classes === null) {
    throw invalid(name, 'labels, or the list of classes', 'neither', 'Name the classes: classes=[first,second].');
  }
  const listed = request.classes ?? sortedLabels(file.labels!.filter((label) => label !== null));
  const classes = distractors ? [...listed, OTHER] : listed;
  const indexOf = new Map(classes.map((label, k) => [String(label), k]));
  if (indexOf.size < classes.length) {
    throw invalid('classes', 'names that are all different', quoted(classes), 'Name every class once.');
  }
  if (classes.length < 2) {
    const where = request.classes ? 'classes' : name;
    throw invalid(where, 'two classes or more', quoted(classes), 'There is nothing to decide with one class.');
  }
  const classOf = file.labels && classesOfRows(request, indexOf, listed);
  return { classes, named: listed.length, classOf };
}

function classesOfRows(request: ClassRequest, indexOf: Map<string, number>, listed: readonly ClassLabel[]): Int32Array {
  const { name, file, distractors, otherClasses } = request;
  const labels = file.labels!;
  const classOf = new Int32Array(labels.length);
  let others = 0;
  for (const [row, label] of labels.entries()) {
    if (label === null) {
      classOf[row] = UNLABELLED;
      continue;
    }
    const k = indexOf.get(String(label));
    if (k !== undefined && k < listed.length) {
      classOf[row] = k;
      continue;
    }
    classOf[row] = -1;
    others++;
    if (distractors || otherClasses === 'ignore') continue;
    const near = nearest(String(label), listed.map(String));
    throw invalid(
      file.place(row),
      `one of the ${listed.length} classes ${quoted(listed)}`,
      JSON.stringify(label),
      near === undefined
        ? 'Add it to classes, or set dataset.otherClasses=ignore to leave such rows out.'
        : `Did you mean "${near}"? To leave such rows out, set dataset.otherClasses=ignore.`,
    );
  }
  if (distractors && others === 0) {
    throw invalid(name, 'rows of other classes, to be distractors', 'none', 'Set dataset.distractorsPerClass=0.');
  }
  return classOf;
}

function checkDistractors({ name, file, classes }: ClassRequest): void {
  const fix = 'Set dataset.distractorsPerClass=0.';
  if (file.labels === null) throw invalid(name, 'labels, which tell distractors from tasks', 'none', fix);
  if (classes === null) {
    throw invalid(
      'classes',
      'a list of classes; rows of other classes are the distractors',
      'no list',
      `Give it. ${fix}`,
    );
  }
}

/** Distinct labels: booleans (false first), numbers ascending, then strings by code unit. */
export function sortedLabels(labels: readonly ClassLabel[]): ClassLabel[] {
  const rank = (label: ClassLabel): number => ['boolean', 'number', 'string'].indexOf(typeof label);
  return [...new Set(labels)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** The first names of a list, on one line. */
export function quoted(names: readonly ClassLabel[]): string {
  const first = names.slice(0, 5).map((name) => JSON.stringify(name));
  return names.length === 0 ? 'none' : first.join(', ') + (names.length > 5 ? ', ...' : '');
}

function invalid(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('DATA_INVALID', { where, expected, got, fix });
}
