import type { AnswersByItem } from '../answers-by-item.js';

/**
 * A worker has one voice at a task: of several answers of theirs the first counts, as for agreement. Saying a thing twice
 * is no more evidence than saying it once. The same object where nobody repeats. O(answers + workers).
 */
export function oneVoice(answers: AnswersByItem): AnswersByItem {
  const { items, workers, start, worker, label } = answers;
  const seen = new Int32Array(workers).fill(-1);
  const kept = new Int32Array(items + 1);
  const first = new Uint8Array(worker.length);
  let count = 0;
  for (let i = 0; i < items; i++) {
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      if (seen[worker[a]!] === i) continue;
      seen[worker[a]!] = i;
      first[a] = 1;
      count++;
    }
    kept[i + 1] = count;
  }
  if (count === answers.count) return answers;
  const one = { worker: new Int32Array(count), label: new Int32Array(count) };
  for (let a = 0, to = 0; a < first.length; a++) {
    if (first[a] === 0) continue;
    one.worker[to] = worker[a]!;
    one.label[to++] = label[a]!;
  }
  return { ...answers, count, start: kept, ...one };
}
