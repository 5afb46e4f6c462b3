import { createHash } from 'node:crypto';
import { QuorateError, type AnswerTable, type Dataset, type PrototypeAnswers, type Rng } from '@quorate/core';

/**
 * Answers that people have given to the items of a run, by item: item i has the answers start[i]..start[i+1]-1, each by
 * another worker, in the order in which they are used.
 */
export interface CrowdRecord {
  /** Sorted, so that the order of the file does not matter. */
  readonly workerIds: readonly string[];
  /** Length N + 1. */
  readonly start: Int32Array;
  readonly worker: Int32Array;
  readonly label: Int32Array;
  readonly prototypes: PrototypeAnswers;
  /** Of everything above. */
  readonly hash: string;
  /** Answers of the file that are in neither: sentences for people. */
  readonly notes: readonly string[];
}

/** What a row of the file is about. */
interface Place {
  readonly item: number;
  readonly prototype: number;
}

/**
 * The record of a run's items and prototypes. Left out, and said in `notes`: skips, answers about other tasks, those that
 * name no class of the run, and a worker's further answers to one task.
 *
 * Throws ANSWERS_INVALID where nothing is left.
 *
 * @param name The file, for messages. @param rng Decides in which order the answers to an item are used.
 */
export function recordOf(name: string, table: AnswerTable, dataset: Dataset, rng: Rng): CrowdRecord {
  const { rows, notes } = kept(name, table, dataset);
  const workerIds = [...new Set(rows.map(({ worker }) => worker))].sort((a, b) => (a < b ? -1 : 1));
  const numberOf = new Map(workerIds.map((id, j) => [id, j]));
  const byPlace = (place: keyof Place, count: number): Row[][] => {
    const lists: Row[][] = Array.from({ length: count }, () => []);
    for (const row of rows) if (row[place] >= 0) lists[row[place]]!.push(row);
    for (const list of lists) list.sort((a, b) => (a.worker < b.worker ? -1 : 1));
    return lists;
  };
  const shuffled = (list: Row[], id: string): Row[] =>
    Array.from(rng.fork(id).permutation(list.length), (x) => list[x]!);
  const ofItem = byPlace('item', dataset.taskIds.length).map((list, i) => shuffled(list, dataset.taskIds[i]!));
  const ofPrototype = byPlace('prototype', dataset.prototypes.ids.length).map((list, p) =>
    shuffled(list, dataset.prototypes.ids[p]!),
  );
  const start = new Int32Array(ofItem.length + 1);
  ofItem.forEach((list, i) => (start[i + 1] = start[i]! + list.length));
  const workers = (lists: Row[][]): Int32Array => Int32Array.from(lists.flat(), (row) => numberOf.get(row.worker)!);
  const labels = (lists: Row[][]): Int32Array => Int32Array.from(lists.flat(), (row) => row.label);
  const prototypes = {
    count: ofPrototype.flat().length,
    prototype: Int32Array.from(ofPrototype.flatMap((list, p) => list.map(() => p))),
    worker: workers(ofPrototype),
    label: labels(ofPrototype),
  };
  const columns = { start, worker: workers(ofItem), label: labels(ofItem) };
  const hash = createHash('sha256').update(JSON.stringify(workerIds));
  for (const column of [...Object.values(columns), prototypes.prototype, prototypes.worker, prototypes.label]) {
    hash.update(`${column.length}\n`).update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return { workerIds, ...columns, prototypes, hash: hash.digest('hex'), notes };
}

interface Row extends Place {
  readonly worker: string;
  readonly label: number;
}

function kept(name: string, table: AnswerTable, dataset: Dataset): { rows: Row[]; notes: string[] } {
  const itemOf = new Map(dataset.taskIds.map((id, i) => [id, i]));
  const prototypeOf = new Map(dataset.prototypes.ids.map((id, p) => [id, p]));
  const classOf = new Map(dataset.classes.map((label, k) => [String(label), k]));
  const place = table.taskIds.map((id): Place => {
    return { item: itemOf.get(id) ?? -1, prototype: prototypeOf.get(id) ?? -1 };
  });
  const label = table.classes.map((given) => classOf.get(String(given)) ?? -1);
  const seen = new Set<number>();
  const rows: Row[] = [];
  const left = { elsewhere: 0, unknown: 0, again: 0 };
  for (let a = 0; a < table.count; a++) {
    if (table.label[a]! < 0) continue;
    const [task, worker] = [table.item[a]!, table.worker[a]!];
    const { item, prototype } = place[task]!;
    const pair = task * table.workerIds.length + worker;
    const k = label[table.label[a]!]!;
    if (item < 0 && prototype < 0) left.elsewhere++;
    else if (k < 0) left.unknown++;
    else if (seen.has(pair)) left.again++;
    else {
      seen.add(pair);
      rows.push({ item, prototype, worker: table.workerIds[worker]!, label: k });
    }
  }
  if (!rows.some(({ item }) => item >= 0)) throw nothingLeft(name, table, dataset, left);
  const notes: string[] = [];
  const note = (count: number, one: string, many: string): void => {
    if (count > 0)
      notes.push(`${name}: ${count === 1 ? `1 answer ${one} is` : `${count} answers ${many} are`} left out.`);
  };
  note(left.elsewhere, 'about a task that is not in the data', 'about tasks that are not in the data');
  note(left.unknown, 'that names no class of the run', 'that name no class of the run');
  note(left.again, 'of a worker who had answered the task before', 'of workers who had answered the task before');
  return { rows, notes };
}

function nothingLeft(
  name: string,
  { taskIds, classes, count }: AnswerTable,
  dataset: Dataset,
  left: { readonly elsewhere: number; readonly unknown: number },
): QuorateError {
  const tasks = left.unknown === 0;
  const [ours, theirs] = tasks ? [dataset.taskIds, taskIds] : [dataset.classes, classes];
  return new QuorateError('ANSWERS_INVALID', {
    where: name,
    expected: `answers about ${tasks ? 'tasks' : 'classes'} of the data, such as "${ours[0]}"`,
    got:
      theirs[0] === undefined
        ? `${count} answers`
        : `${count} answers, about ${tasks ? 'tasks' : 'classes'} such as "${theirs[0]}"`,
    fix: `Give answers and data the same ${tasks ? 'task ids' : 'class names'}.`,
  });
}
