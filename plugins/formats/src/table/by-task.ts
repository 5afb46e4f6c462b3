import type { AnswerTable } from '@quorate/core';

/** Answers `order[start[i]]` up to `order[start[i + 1]]` are those of task i (or of worker i), in the table's order. */
export interface Grouped {
  readonly start: Int32Array;
  readonly order: Int32Array;
}

/** Groups the answers of a table by task or by worker. Counting sort. */
export function grouped({ count, ...table }: AnswerTable, by: 'item' | 'worker'): Grouped {
  const groups = by === 'item' ? table.taskIds.length : table.workerIds.length;
  const start = new Int32Array(groups + 1);
  for (let a = 0; a < count; a++) start[table[by][a]! + 1]!++;
  for (let i = 0; i < groups; i++) start[i + 1]! += start[i]!;
  const next = start.slice();
  const order = new Int32Array(count);
  for (let a = 0; a < count; a++) order[next[table[by][a]!]!++] = a;
  return { start, order };
}

/** Tasks that nobody answered. */
export function* unanswered(answers: AnswerTable): Generator<number> {
  const { start } = grouped(answers, 'item');
  for (let i = 0; i < answers.taskIds.length; i++) if (start[i] === start[i + 1]) yield i;
}

/** What a format may not be able to hold, counted. */
export interface Contents {
  readonly skips: number;
  readonly repeats: number;
  readonly seconds: number;
  readonly times: number;
  readonly gold: number;
  /** Tasks that nobody answered. */
  readonly unanswered: number;
}

export function contentsOf(table: AnswerTable): Contents {
  const { start, order } = grouped(table, 'item');
  const { count, taskIds, label, seconds, time, gold } = table;
  const found = { skips: 0, repeats: 0, seconds: 0, times: 0, gold: 0, unanswered: 0 };
  const seen = new Int32Array(table.workerIds.length).fill(-1);
  for (let i = 0; i < taskIds.length; i++) {
    if (start[i] === start[i + 1]) found.unanswered++;
    for (let x = start[i]!; x < start[i + 1]!; x++) {
      const worker = table.worker[order[x]!]!;
      if (seen[worker] === i) found.repeats++;
      seen[worker] = i;
    }
    if (gold && gold[i]! >= 0) found.gold++;
  }
  for (let a = 0; a < count; a++) {
    if (label[a]! < 0) found.skips++;
    if (seconds && !Number.isNaN(seconds[a]!)) found.seconds++;
    if (time && time[a] !== '') found.times++;
  }
  return found;
}

const words: Readonly<Record<keyof Contents, string>> = {
  skips: 'skipped answers',
  repeats: 'further answers of one worker to one task',
  seconds: 'seconds that answers took',
  times: 'times of answers',
  gold: 'gold labels',
  unanswered: 'tasks without an answer',
};

/** Says what of a table a format that cannot hold `kinds` loses: `12 skipped answers`. */
export function losses(table: AnswerTable, kinds: readonly (keyof Contents)[]): string[] {
  const contents = contentsOf(table);
  return kinds.filter((kind) => contents[kind] > 0).map((kind) => `${contents[kind]} ${words[kind]}`);
}
