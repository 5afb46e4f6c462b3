import { estimateOf, isDone, runsOf, type Shard, type SweepPlan } from '@quorate/sweep';
import { display } from '@quorate/host';
import { clip, columns, count, duration, plural } from '../terminal/format.js';

export interface DryRunRequest {
  readonly plan: SweepPlan;
  readonly shard: Shard | null;
  readonly concurrency: number;
  readonly clock: () => number;
}

/** What a sweep would do, without doing it. */
export async function dryRun({ plan, shard, concurrency, clock }: DryRunRequest): Promise<{
  lines: readonly string[];
  json: object;
}> {
  const runs = runsOf(plan, shard);
  const before = runs.filter(({ id }) => isDone(plan.folder, id)).length;
  const cwd = process.cwd();
  const estimate = await estimateOf({ plan, runs, concurrency, clock, cwd, env: process.env });
  const left = runs.length - before;
  const time =
    estimate.seconds === null
      ? `How long they take is not known: ${estimate.by}.`
      : `About ${duration(estimate.seconds)} with ${count(concurrency)} at a time, by ${estimate.by}.`;
  return {
    lines: [
      `${plural(runs.length, 'run')}${shard ? ` of ${count(plan.runs.length)} in part ${shard.index}/${shard.of}` : ''}, ${
        before > 0 ? `${count(before)} of them done, ` : ''
      }in ${display(plan.folder, cwd)}`,
      ...columns(
        plan.axes.map(({ name, labels }) => [name, count(labels.length), clip(labels.join(', '), 50)]),
        80,
        2,
      ),
      left === 0 ? 'Nothing is left to do.' : time,
    ],
    json: {
      type: 'dry-run',
      folder: plan.folder,
      runs: runs.length,
      before,
      axes: plan.axes,
      seconds: estimate.seconds,
      by: estimate.by,
      ids: runs.map(({ id }) => id),
    },
  };
}
