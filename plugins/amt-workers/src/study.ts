import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, QuorateError, type ClassLabel, type DataDeclaration, type Files } from '@quorate/core';
import { foldCounts, type GroupCounts } from './confusion.js';

const ADDRESS = 'https://raw.githubusercontent.com/fidler-lab/efficient-annotation-cookbook/master/data';
const COUNTS = 'group_workers.json';
const GROUPS = 'groups.txt';

/** The published files, unchanged. */
export const amtData: DataDeclaration = {
  name: 'amt-workers',
  summary: 'Confusion counts of 58 Amazon Mechanical Turk workers on 100 ImageNet classes (Liao, Kar and Fidler 2021)',
  licence: 'MIT',
  files: [
    {
      path: COUNTS,
      url: `${ADDRESS}/${COUNTS}`,
      sha256: '9c12d596b9879c06227a3eb871970bc694feac1226ec667c13e992a1997d7d8b',
      bytes: 1_810_629,
    },
    {
      path: GROUPS,
      url: `${ADDRESS}/${GROUPS}`,
      sha256: '7dfabc05999c7af74ad3e62d476c690bf8f4aa39a3e0c7e59a89abf624eff583',
      bytes: 1006,
    },
  ],
};

/** The study as published: a worker was shown, and could name, the classes of one group only. */
export interface Study {
  /** WordNet ids of the S classes; give the index of a class in the counts. */
  readonly classes: readonly string[];
  /** Counts of every worker of each group, S×S `[true][observed]`. */
  readonly groups: readonly (readonly Float64Array[])[];
  /** Group of each of the S classes. */
  readonly groupOf: Int32Array;
}

/** The study's counts on the classes of a run. */
export interface StudyOnClasses {
  readonly groups: readonly GroupCounts[];
  /** Group of each class; -1 for the distractors' class. */
  readonly groupOf: Int32Array;
}

/** Name of the class that stands for all classes that the run is not about. */
const OTHER = 'other';

/**
 * Reads the study from `path` (the JSON file, or its folder) or, without one, from where the published data is kept.
 * Throws DATA_UNAVAILABLE with the command that gets it, or DATA_INVALID.
 */
export async function readStudy(files: Files, path: string | null): Promise<Study> {
  const [counts, groups] = path === null ? published(files) : await beside(files.resolve(path));
  return parseStudy(await text(counts), await text(groups), counts, groups);
}

function published(files: Files): [string, string] {
  const counts = files.locate(amtData.name, COUNTS);
  const groups = files.locate(amtData.name, GROUPS);
  if (counts !== undefined && groups !== undefined) return [counts, groups];
  throw new QuorateError('DATA_UNAVAILABLE', {
    where: 'workers',
    expected: `${COUNTS} and ${GROUPS}, the published answers of the AMT workers`,
    got: `no ${counts === undefined ? COUNTS : GROUPS}`,
    fix: `Run quorate data pull ${amtData.name}, or set QUORATE_DATA_DIR to a folder that has the files.`,
  });
}

async function beside(path: string): Promise<[string, string]> {
  const folder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return folder ? [join(path, COUNTS), join(path, GROUPS)] : [path, join(dirname(path), GROUPS)];
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    throw invalid(file, 'a file that can be read', messageOf(thrown), thrown);
  }
}

/** Checks and unpacks the two files. @param countsFile @param groupsFile Names for error messages. */
export function parseStudy(countsText: string, groupsText: string, countsFile: string, groupsFile: string): Study {
  let json: unknown;
  try {
    json = JSON.parse(countsText);
  } catch (thrown) {
    throw invalid(countsFile, 'JSON', messageOf(thrown), thrown);
  }
  const { imagenet100: classes, group_workers: byKey } = record(json);
  if (!isArrayOf(classes, (id) => typeof id === 'string') || new Set(classes).size !== classes.length) {
    throw invalid(countsFile, 'imagenet100, a list of distinct WordNet ids', 'something else');
  }
  const lists = groupsText
    .split(/\r?\n[ \t]*\r?\n/)
    .map((block) => block.split(/\s+/).filter((id) => id !== ''))
    .filter((ids) => ids.length > 0);
  // By key: the published object has its groups in another order than groups.txt.
  const groups = lists.map((_, g) => {
    const workers = record(byKey)[String(g)];
    if (!isArrayOf(workers, Array.isArray) || workers.length === 0) {
      throw invalid(countsFile, `group_workers["${g}"], the workers of group ${g}`, 'something else');
    }
    return workers.map((matrix, v) => {
      const where = `group_workers["${g}"][${v}]`;
      return counts(matrix as unknown[], classes.length, where, countsFile);
    });
  });
  const groupOf = new Int32Array(classes.length).fill(-1);
  lists.forEach((ids, g) => {
    for (const id of ids) {
      const c = classes.indexOf(id);
      if (c < 0) throw invalid(groupsFile, 'the WordNet ids of imagenet100', `"${id}"`);
      groupOf[c] = g;
    }
  });
  const lost = groupOf.indexOf(-1);
  if (lost >= 0) throw invalid(groupsFile, 'every id of imagenet100 in a group', `no "${classes[lost]}"`);
  return { classes, groups, groupOf };
}

function counts(matrix: readonly unknown[], S: number, where: string, file: string): Float64Array {
  const flat = new Float64Array(S * S);
  for (let r = 0; r < S; r++) {
    const row = matrix[r];
    if (!Array.isArray(row) || row.length !== S || matrix.length !== S) {
      throw invalid(file, `${where} of ${S} × ${S} counts`, `something else in row ${r}`);
    }
    for (let c = 0; c < S; c++) {
      const count: unknown = row[c];
      if (typeof count !== 'number' || !(count >= 0 && count < Infinity)) {
        throw invalid(file, `counts >= 0 in ${where}`, `${JSON.stringify(count)} in row ${r}, column ${c}`);
      }
      flat[r * S + c] = count;
    }
  }
  return flat;
}

/**
 * Folds the study onto the classes of a run, matched by name. A last class `other` takes all classes that are left.
 * Throws DATA_INVALID for a class that is not in the study.
 */
export function studyOn(study: Study, classes: readonly ClassLabel[]): StudyOnClasses {
  const K = classes.length;
  const distractors = classes[K - 1] === OTHER;
  const target = new Int32Array(study.classes.length).fill(distractors ? K - 1 : -1);
  const groupOf = new Int32Array(K).fill(-1);
  classes.slice(0, distractors ? K - 1 : K).forEach((name, k) => {
    const c = study.classes.indexOf(String(name));
    if (c < 0) throw unknownClass(name);
    target[c] = k;
    groupOf[k] = study.groupOf[c]!;
  });
  const groups = study.groups.map((own) => {
    const workers = own.map((matrix) => foldCounts(matrix, target, K));
    const total = new Float64Array(K * K);
    for (const matrix of workers) for (let x = 0; x < total.length; x++) total[x]! += matrix[x]!;
    return { workers, total };
  });
  return { groups, groupOf };
}

function unknownClass(name: ClassLabel): QuorateError {
  return new QuorateError('DATA_INVALID', {
    where: 'workers',
    expected: 'classes that the AMT workers were asked about (100 WordNet ids such as n02105505)',
    got: `the class "${name}"`,
    fix: 'Name the classes by such ids, as the imagenet experiments do, or set workers.use=structured, whose workers know any class.',
  });
}

function record(x: unknown): Record<string, unknown> {
  return typeof x === 'object' && x !== null ? (x as Record<string, unknown>) : {};
}

function isArrayOf<X>(x: unknown, is: (one: unknown) => one is X): x is X[] {
  return Array.isArray(x) && x.every(is);
}

function invalid(where: string, expected: string, got: string, cause?: unknown): QuorateError {
  return new QuorateError('DATA_INVALID', {
    where,
    expected,
    got,
    fix: `quorate data pull ${amtData.name} gets the published files.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Where the errors of a simulated worker go: as the real workers', or evenly. */
export type ErrorShape = 'structured' | 'uniform';
/** Which real workers the simulated ones are made of. */
export type Draw = 'seeded' | 'published';
