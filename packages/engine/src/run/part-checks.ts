import {
  QuorateError,
  isQuorateError,
  kinds,
  messageOf,
  sectionOf,
  waitFor,
  type Beliefs,
  type Dataset,
  type Hit,
  type Kind,
  type LoadedDataset,
  type Registry,
} from '@quorate/core';
import type { RunConfig } from '@quorate/host';

/** `sampler "random" of @quorate/plugin-standard`, for each kind that the configuration chooses. */
export type PartNames = ReadonlyMap<Kind, string>;

export function partNames(choices: RunConfig['choices'], registry: Registry): PartNames {
  return new Map(
    kinds.flatMap((kind) => {
      const names = (choices[kind] ?? []).map(({ use }) => {
        return `${kind === 'metric' || kind === 'stoppingRule' ? `${sectionOf[kind]} ` : `${kind} `}"${use}" of ${registry.component(kind, use)?.plugin ?? '?'}`;
      });
      return names.length > 0 ? [[kind, names.join(', ')] as const] : [];
    }),
  );
}

/** The named parts that something goes through: what an error of an unknown one among them can say. */
export function namesOf(names: PartNames, among: readonly Kind[]): string {
  return among.flatMap((kind) => names.get(kind) ?? []).join(', ');
}

/** The kinds whose code runs in a step of the optimizer. */
export const inference: readonly Kind[] = [
  'optimizer',
  'aggregator',
  'workerModel',
  'learner',
  'calibrator',
  'trainingSetSelector',
];

/** Runs a part's code. What it throws becomes PART_FAILED with the part's name, unless it is an error for users already. */
export async function awaitPart<V>(where: string, run: () => V | PromiseLike<V>): Promise<V> {
  try {
    return await waitFor(where, run());
  } catch (thrown) {
    throw isQuorateError(thrown) ? thrown : fault(where, 'no failure', messageOf(thrown), thrown);
  }
}

/** The same for code that answers at once. */
export function callPart<V>(where: string, run: () => V): V {
  try {
    return run();
  } catch (thrown) {
    throw isQuorateError(thrown) ? thrown : fault(where, 'no failure', messageOf(thrown), thrown);
  }
}

export function fault(where: string, expected: string, got: string, cause?: unknown): QuorateError {
  return new QuorateError('PART_FAILED', {
    where,
    expected,
    got,
    fix: 'This is a fault of that part; its contract suite in @quorate/testkit names the law. What was collected is saved.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Throws unless the plan is a list of HITs. */
export function checkPlan(plan: unknown, where: string): readonly Hit[] {
  const isHit = (hit: unknown): boolean => (hit as Partial<Hit> | null)?.items instanceof Int32Array;
  if (Array.isArray(plan) && plan.every(isHit)) return plan as readonly Hit[];
  throw fault(where, 'a list of {worker, items: Int32Array}', describe(plan));
}

/** Throws unless a rule's answer is null or a sentence. */
export function checkStop(answer: unknown, where: string): string | null {
  if (answer === null || (typeof answer === 'string' && answer.trim() !== '')) return answer;
  throw fault(where, 'null or a sentence', describe(answer));
}

/** Throws unless a metric's value is a finite number or null. */
export function checkMeasure(value: unknown, where: string): number | null {
  if (value === null || Number.isFinite(value)) return value as number | null;
  throw fault(where, 'a finite number or null', describe(value));
}

/** Throws unless what the learner says, and the posterior, are distributions over the classes, item by item. */
export function checkBeliefs(beliefs: Beliefs, dataset: Dataset, names: PartNames, step: number): void {
  const { posterior, risk, learner } = beliefs;
  if (learner) {
    const where = `what the ${names.get('learner') ?? 'learner'} says in step ${step}`;
    checkRows(learner.probability, dataset, where, 1e-3, false);
  }
  const where = `posterior of step ${step} (${namesOf(names, inference)})`;
  checkRows(posterior, dataset, where, 1e-6, true);
  for (let i = 0; i < risk.length; i++) {
    if (!(risk[i]! >= -1e-6 && risk[i]! <= 1))
      throw fault(`${where}, ${taskOf(dataset, i)}`, 'a risk in 0..1', String(risk[i]));
  }
}

export function checkRows(
  rows: Float32Array | Float64Array,
  dataset: Dataset,
  where: string,
  tolerance: number,
  emptyAllowed: boolean,
): void {
  const [N, K] = [dataset.taskIds.length, dataset.classes.length];
  if (rows.length !== N * K) throw fault(where, `${N * K} probabilities`, `${rows.length}`);
  for (let i = 0; i < N; i++) {
    let sum = 0;
    let least = 0;
    for (let x = i * K; x < (i + 1) * K; x++) {
      const p = rows[x]!;
      sum += p;
      if (p < least) least = p;
    }
    // NaN compares as false.
    const legal = least >= -tolerance && (Math.abs(sum - 1) <= tolerance || (emptyAllowed && sum === 0));
    if (legal) continue;
    const got = least < -tolerance ? `a probability of ${least}` : `a sum of ${Number(sum.toPrecision(6))}`;
    throw fault(`${where}, ${taskOf(dataset, i)}`, 'probabilities that are >= 0 and sum to 1', got);
  }
}

export function taskOf(dataset: Dataset, item: number): string {
  return `task "${dataset.taskIds[item]}" (item ${item})`;
}

/** Throws unless every worker has an id of their own: answers are told apart by it when a run is resumed. */
export function checkWorkers(ids: readonly string[], where: string): void {
  const seen = new Set<unknown>();
  for (const id of ids) {
    if (typeof id !== 'string' || id === '') throw fault(where, 'an id, a text, for every worker', describe(id));
    if (seen.has(id)) throw fault(where, 'an id of their own for every worker', `"${id}" twice`);
    seen.add(id);
  }
}

/** A number that changes when the posterior or the risk is written to: to catch a sampler that does. */
export function traceOf({ posterior, risk }: Beliefs): number {
  const stride = Math.max(1, Math.floor(posterior.length / 10_000));
  let sum = 0;
  for (let x = 0; x < posterior.length; x += stride) sum += posterior[x]! * (1 + (x % 7));
  for (let i = 0; i < risk.length; i++) sum += risk[i]! * (1 + (i % 5));
  return sum;
}

/** Throws unless a source returned a data set that fits together. */
export function checkDataset(loaded: LoadedDataset, source: string): void {
  const refuse = (expected: string, got: string): never => {
    throw new QuorateError('DATA_INVALID', {
      where: source,
      expected,
      got,
      fix: 'Check the files and options of the "dataset" section.',
    });
  };
  const { dataset, truth } = (loaded as Partial<LoadedDataset> | undefined) ?? {};
  if (!dataset?.taskIds || !dataset.classes || !dataset.prototypes) {
    return refuse('a data set with tasks, classes and prototypes', describe(loaded));
  }
  const N = dataset.taskIds.length;
  const K = dataset.classes.length;
  const P = dataset.prototypes.classOf.length;
  if (N < 1) refuse('at least one task', 'none');
  if (K < 2) refuse('at least two classes', K === 1 ? `only "${dataset.classes[0]}"` : 'none');
  if (new Set(dataset.classes.map(String)).size < K) refuse('classes with different names', 'a name twice');
  if (new Set(dataset.taskIds).size < N) refuse('task ids that are unique', 'an id twice');
  if (truth && truth.classOf.length !== N) refuse(`truth of ${N} tasks`, `of ${truth.classOf.length}`);
  const outside = (k: number): boolean => !(k >= 0 && k < K);
  const lie = truth?.classOf.find((k) => k !== -1 && outside(k));
  if (lie !== undefined) refuse(`truth that is a class, 0..${K - 1}, or -1 where nobody knows it`, `${lie}`);
  const odd = dataset.prototypes.classOf.find(outside);
  if (odd !== undefined) refuse(`prototypes of a class, 0..${K - 1}`, `${odd}`);
  const data = dataset.features?.data;
  const wanted = (N + P) * (dataset.features?.columns ?? 0);
  if (data && data.length !== wanted) refuse(`${N + P} feature rows (${wanted} values)`, `${data.length} values`);
  const broken = data?.findIndex((x) => !Number.isFinite(x)) ?? -1;
  if (broken >= 0) {
    const row = Math.floor(broken / dataset.features!.columns);
    refuse('features that are finite numbers', `${data![broken]} in row ${row}`);
  }
}

function describe(value: unknown): string {
  if (typeof (value as { then?: unknown } | null | undefined)?.then === 'function') return 'a promise';
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? 'a list of something else' : 'something else';
}
