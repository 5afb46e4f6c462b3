import { AnswerTableBuilder, makeRng, type AnswerTable, type ClassLabel, type Rng } from '@quorate/core';

/** A table of `[task, worker, label]` rows; a null label is a skip. */
export function tableOf(rows: readonly (readonly [string, string, ClassLabel | null])[]): AnswerTable {
  const table = new AnswerTableBuilder();
  for (const [task, worker, label] of rows) {
    table.add(table.task(task), table.worker(worker), label === null ? -1 : table.class(label));
  }
  return table.build();
}

export type Behaviour = (truth: number, rng: Rng, earlier: ReadonlyMap<string, number>) => number;

/** Right with this probability, else any other of K classes. */
export const honest =
  (accuracy: number, K: number): Behaviour =>
  (truth, rng) =>
    rng.uniform() < accuracy ? truth : (truth + 1 + rng.int(K - 1)) % K;

/** Every task of random truth is answered by `perTask` of the workers, in the order of `workers`. */
export function simulate(
  workers: Readonly<Record<string, Behaviour>>,
  { tasks, perTask, K, seed = 1 }: { tasks: number; perTask: number; K: number; seed?: number },
): { table: AnswerTable; truth: Int32Array } {
  const rng = makeRng(seed);
  const names = Object.keys(workers);
  const table = new AnswerTableBuilder();
  for (let k = 0; k < K; k++) table.class(`c${k}`);
  const truth = Int32Array.from({ length: tasks }, () => rng.int(K));
  for (let i = 0; i < tasks; i++) {
    const asked = [...rng.choose(names.length, perTask)].sort((a, b) => a - b);
    const earlier = new Map<string, number>();
    for (const j of asked) {
      const name = names[j]!;
      const label = workers[name]!(truth[i]!, rng, earlier);
      earlier.set(name, label);
      table.add(table.task(`t${i}`), table.worker(name), label);
    }
  }
  return { table: table.build(), truth };
}
