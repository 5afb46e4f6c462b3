import { splitDataset, type Files, type Split } from '@quorate/core';
import type { Rng } from '@quorate/core';
import { invalid, listed } from '@quorate/tables';
import { UNLABELLED, type ClassAssignment } from './class-assignment.js';
import type { LabelFile } from './label-file.js';

export interface RolesRequest {
  /** The label file as the user wrote it. */
  readonly name: string;
  readonly file: LabelFile;
  readonly assignment: ClassAssignment;
  /** 1 for the rows that are to be prototypes; null where none are named. */
  readonly seeds: Uint8Array | null;
  readonly options: {
    readonly itemsPerClass: number | null;
    readonly prototypesPerClass: number;
    readonly distractorsPerClass: number;
  };
  /** Does a part of the run need the truth of every task? */
  readonly truthNeeded: boolean;
  readonly note: Files['note'];
}

/** Which rows are tasks and which prototypes. */
export interface Roles extends Split {
  /** Is the class of every task known? `itemClass` is empty where it is not. */
  readonly truthKnown: boolean;
}

/**
 * Rows become tasks and prototypes.
 *
 * - All rows labelled: prototypes are drawn out of each class, or are those that are named; the other rows are tasks of known
 *   truth.
 * - Only some labelled, and truth needed: the others are left out.
 * - Only some labelled: they are the prototypes (or those of them that are named), and the rows without a label, which is what the
 *   run is about, are the tasks. Their truth is not known.
 * - None labelled: all rows are tasks, in the order of the file.
 */
export function assignRoles(request: RolesRequest, rng: Rng): Roles {
  const { name, file, assignment, seeds, options, truthNeeded, note } = request;
  const { classOf } = assignment;
  const rows = Int32Array.from(file.ids.keys());
  if (classOf === null) return unlabelled(request, rows, new Int32Array(0));
  const open = rows.filter((row) => classOf[row] === UNLABELLED);
  const candidates = rows.filter((row) => classOf[row] !== UNLABELLED && seeds?.[row] !== 1);
  const seeded = rows.filter((row) => seeds?.[row] === 1 && classOf[row]! >= 0);
  if (open.length > 0 && !(truthNeeded && candidates.length > 0)) {
    const known = seeds ? seeded : candidates.filter((row) => classOf[row]! >= 0);
    const tasks = seeds ? rows.filter((row) => seeds[row] !== 1 && classOf[row] !== -1) : open;
    note(
      `${name}: ${known.length} rows whose label is given are prototypes, the ${tasks.length} others are tasks whose truth is not known.`,
    );
    return unlabelled(request, tasks, known);
  }
  if (open.length > 0) {
    note(
      `${name}: ${open.length} of ${rows.length} rows have no label and are left out: workers are simulated from the true labels.`,
    );
  }
  const { itemsPerClass, prototypesPerClass, distractorsPerClass } = options;
  const split = splitDataset(
    {
      classOf: candidates.map((row) => classOf[row]!),
      classes: assignment.named,
      itemsPerClass: itemsPerClass ?? Infinity,
      prototypesPerClass: seeds ? 0 : prototypesPerClass,
      distractorsPerClass,
    },
    rng,
  );
  const drawn = split.prototypes.map((at) => candidates[at]!);
  const prototypes = seeds ? byClass(seeded, classOf) : drawn;
  return {
    items: split.items.map((at) => candidates[at]!),
    itemClass: split.itemClass,
    prototypes,
    prototypeClass: seeds ? prototypes.map((row) => classOf[row]!) : split.prototypeClass,
    truthKnown: true,
  };
}

function unlabelled({ name, assignment, options, note }: RolesRequest, items: Int32Array, seeds: Int32Array): Roles {
  if (options.itemsPerClass !== null) {
    note(`${name}: tasks have no labels, so all of them are taken: dataset.itemsPerClass does not apply.`);
  }
  if (options.distractorsPerClass > 0) {
    const fix = 'Set dataset.distractorsPerClass=0.';
    throw invalid(name, 'labels, which tell distractors from tasks', 'tasks without labels', fix);
  }
  if (seeds.length === 0) {
    note(
      `${name}: no row has a label, so nothing is known of any task yet. Labels of a few rows make these rows prototypes.`,
    );
  }
  const { classOf, classes } = assignment;
  const prototypes = byClass(seeds, classOf);
  const prototypeClass = prototypes.map((row) => classOf![row]!);
  const without = classes.filter((_, k) => !prototypeClass.includes(k));
  if (prototypes.length > 0 && without.length > 0) {
    note(`${name}: no prototype of ${without.length} classes (${listed(without.map(String), 5)}).`);
  }
  return { items, itemClass: new Int32Array(0), prototypes, prototypeClass, truthKnown: false };
}

function byClass(rows: Int32Array, classOf: Int32Array | null): Int32Array {
  return rows.slice().sort((a, b) => classOf![a]! - classOf![b]! || a - b);
}
