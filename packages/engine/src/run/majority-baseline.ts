import { makeRng, type WorkerSimulator } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import { awaitPart } from './part-checks.js';

/** What labels cost without Quorate: a few answers for every task, and the class that most of them name. */
export interface Majority {
  readonly annotationsPerItem: number;
  /** Expected share of right labels: of classes with equally many votes, each is taken as often. */
  readonly accuracy: number;
  /** Tasks that it was measured on, drawn at random. */
  readonly items: number;
}

const ANSWERS = 3;
const MOST_ITEMS = 2000;

/**
 * Asks the run's own simulated workers for three answers, by different workers drawn at random, about each of a sample of
 * tasks. All streams are its own: nothing of the run changes, and a resumed run measures the same. A simulator that
 * remembers is taken back to `fresh`, its state before the first answer, and afterwards put as it was.
 *
 * @returns Null where there are fewer than three workers.
 */
export async function majorityOf(
  workers: WorkerSimulator,
  { classOf }: Truth,
  classes: number,
  seed: number,
  fresh: ReturnType<NonNullable<WorkerSimulator['snapshot']>> | undefined,
): Promise<Majority | null> {
  const W = workers.workerIds.length;
  if (W < ANSWERS) return null;
  const rng = makeRng(seed).fork('majority');
  const items = rng.choose(classOf.length, Math.min(classOf.length, MOST_ITEMS));
  const count = items.length * ANSWERS;
  const item = Int32Array.from({ length: count }, (_, a) => items[Math.floor(a / ANSWERS)]!);
  const worker = new Int32Array(count);
  for (let a = 0; a < count; a += ANSWERS) worker.set(rng.choose(W, ANSWERS), a);
  const labels = new Int32Array(count).fill(-1);
  await awaitPart('answers for the majority vote', async () => {
    const now = workers.snapshot?.();
    if (fresh !== undefined) workers.restore?.(fresh);
    await workers.answer({ count, item, worker }, labels, rng.fork('workers'));
    if (now !== undefined) workers.restore?.(now);
  });
  let right = 0;
  for (let x = 0; x < items.length; x++) {
    right += chanceOfRight(labels.subarray(x * ANSWERS, (x + 1) * ANSWERS), classOf[items[x]!]!, classes);
  }
  const answered = labels.reduce((sum, z) => (z < 0 ? sum : sum + 1), 0);
  return { annotationsPerItem: answered / items.length, accuracy: right / items.length, items: items.length };
}

/** Probability that a majority vote names `truth`, drawing from the classes with most votes; a vote of -1 is declined. */
export function chanceOfRight(votes: Int32Array, truth: number, classes: number): number {
  const counts = new Int32Array(classes);
  for (const z of votes) if (z >= 0) counts[z]!++;
  const most = Math.max(...counts);
  return counts[truth] === most ? 1 / counts.filter((n) => n === most).length : 0;
}
