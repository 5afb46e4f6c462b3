import { makeRng, type AnswerTable, type ClassLabel, type Registry } from '@quorate/core';
import { openAggregator, randomOrderLabels, type RandomOrderLabels, type RecordedAnswers } from '@quorate/consensus';
import type { Run } from '@quorate/engine';

/** What the recorded answers would have come to in random order, beside the run that chose among them. */
export interface Saved {
  /** Answers of the record about the tasks of the run, and those that the run took. */
  readonly recorded: number;
  readonly used: number;
  /** True: shares of right labels. False: nobody knows, these are shares that agree with Dawid-Skene on all answers. */
  readonly goldKnown: boolean;
  /** Tasks that were compared: of known class, and not audited. */
  readonly tasks: number;
  readonly method: number;
  /** As many answers in random order. */
  readonly majorityVote: number;
  readonly dawidSkene: number;
  readonly logisticRegression: number | null;
  /** All answers. */
  readonly all: { readonly majorityVote: number; readonly dawidSkene: number };
  /** About how many answers in random order Dawid-Skene takes to be as right; null where all are not enough. */
  readonly answersToMatch: number | null;
}

/** Draws of the random order that are averaged; more answers than MANY are drawn once. */
const [DRAWS, MANY] = [3, 100_000];
/** Shares of the answers at which Dawid-Skene is measured. */
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

export async function savedBy(run: Run, table: AnswerTable, registry: Registry, seed: number): Promise<Saved> {
  const { dataset, truth } = run.data;
  const { label, audited } = run.delivered!;
  const record = recordedAnswers(table, dataset);
  const dawidSkene = await openAggregator({ registry, name: 'dawid_skene', options: {}, seed });
  const rng = makeRng(seed).fork('random order');
  const total = record.item.length;
  const draws = total > MANY ? 1 : DRAWS;
  const at = (count: number): readonly RandomOrderLabels[] =>
    Array.from({ length: count === total ? 1 : draws }, (_, d) =>
      randomOrderLabels(record, count, dawidSkene, rng.fork(`${count}/${d}`)),
    );
  const whole = at(total)[0]!;
  const reference = truth?.classOf ?? whole.dawidSkene;
  const compared = [...label.keys()].filter((i) => reference[i]! >= 0 && audited?.[i] !== 1);
  const right = (labels: Int32Array): number =>
    compared.length > 0 ? compared.filter((i) => labels[i] === reference[i]).length / compared.length : 0;
  const mean = (labels: readonly Int32Array[]): number =>
    labels.reduce((sum, one) => sum + right(one), 0) / labels.length;

  const used = Math.min(run.result!.last.annotations, total);
  const same = at(used);
  const regressions = same.flatMap(({ regression }) => (regression ? [regression] : []));
  const method = right(label);
  return {
    recorded: total,
    used,
    goldKnown: truth !== null,
    tasks: compared.length,
    method,
    majorityVote: mean(same.map(({ majority }) => majority)),
    dawidSkene: mean(same.map((one) => one.dawidSkene)),
    logisticRegression: regressions.length > 0 ? mean(regressions) : null,
    all: { majorityVote: right(whole.majority), dawidSkene: right(whole.dawidSkene) },
    answersToMatch: toMatch(
      method,
      SHARES.map((share) => {
        const count = Math.max(1, Math.round(share * total));
        return [count, mean(at(count).map((one) => one.dawidSkene))];
      }),
    ),
  };
}

/** Where the curve first reaches `wanted`, linear between its points. */
function toMatch(wanted: number, curve: readonly (readonly [number, number])[]): number | null {
  let before: readonly [number, number] = [0, 0];
  for (const [count, reached] of curve) {
    if (reached >= wanted) {
      const [from, low] = before;
      return Math.round(from + ((count - from) * (wanted - low)) / Math.max(1e-9, reached - low));
    }
    before = [count, reached];
  }
  return null;
}

/** Each worker's first answer to each task of the data. */
function recordedAnswers(table: AnswerTable, dataset: Run['data']['dataset']): RecordedAnswers {
  const itemOf = new Map(dataset.taskIds.map((id, i) => [id, i]));
  const classOf = new Map(dataset.classes.map((name: ClassLabel, k) => [String(name), k]));
  const items = table.taskIds.map((id) => itemOf.get(id) ?? -1);
  const labels = table.classes.map((name) => classOf.get(String(name)) ?? -1);
  const seen = new Set<number>();
  const kept: number[] = [];
  for (let a = 0; a < table.count; a++) {
    if (table.label[a]! < 0 || items[table.item[a]!]! < 0 || labels[table.label[a]!]! < 0) continue;
    const pair = table.item[a]! * table.workerIds.length + table.worker[a]!;
    if (seen.has(pair)) continue;
    seen.add(pair);
    kept.push(a);
  }
  return {
    items: dataset.taskIds.length,
    workers: table.workerIds.length,
    classes: dataset.classes.length,
    item: Int32Array.from(kept, (a) => items[table.item[a]!]!),
    worker: Int32Array.from(kept, (a) => table.worker[a]!),
    label: Int32Array.from(kept, (a) => labels[table.label[a]!]!),
    features: dataset.features,
    prototypeClass: dataset.prototypes.classOf,
  };
}
