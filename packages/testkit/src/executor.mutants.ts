import type { ExecutorContext, Job, JobEvent, JobOutcome } from '@quorate/core';
import type { ExecutorSubject } from './executor.js';
import type { Mutant } from './mutants.js';
import { ReferenceExecutor } from './reference/executor.js';

const impatient = { patience: 400 };

function mutant(name: string, breaks: string, Wrong: typeof ReferenceExecutor): Mutant<ExecutorSubject> {
  const make = async (context: ExecutorContext): Promise<ReferenceExecutor> => new Wrong(context);
  return { name, breaks, subject: { make, capabilities: impatient } };
}

/** The reference over runs that end otherwise than they did. */
const otherwise = (
  name: string,
  breaks: string,
  change: (outcome: JobOutcome) => JobOutcome,
): Mutant<ExecutorSubject> => {
  const make = async (context: ExecutorContext): Promise<ReferenceExecutor> =>
    new ReferenceExecutor({ ...context, run: async (job, attempt) => change(await context.run(job, attempt)) });
  return { name, breaks, subject: { make, capabilities: impatient } };
};

export const executorMutants: readonly Mutant<ExecutorSubject>[] = [
  mutant(
    'ends a job once more',
    'L1',
    class extends ReferenceExecutor {
      protected override end(event: JobEvent): void {
        super.end(event);
        if (event.type === 'done') super.end(event);
      }
    },
  ),
  mutant(
    'forgets the last job that was submitted',
    'L1',
    class extends ReferenceExecutor {
      override submit(jobs: readonly Job[]): Promise<void> {
        return super.submit(jobs.length > 3 ? jobs.slice(0, -1) : jobs);
      }
    },
  ),
  mutant(
    'does a job again that is submitted again',
    'L2',
    class extends ReferenceExecutor {
      override submit(jobs: readonly Job[]): Promise<void> {
        for (const { key } of jobs) if (this.states.get(key)?.ended) this.states.delete(key);
        return super.submit(jobs);
      }
    },
  ),
  otherwise('rounds results', 'L3', (outcome) =>
    outcome.type === 'done'
      ? {
          type: 'done',
          result: JSON.parse(
            JSON.stringify(outcome.result, (_, x: unknown) => (typeof x === 'number' ? Math.round(x) : x)),
          ) as string,
        }
      : outcome,
  ),
  mutant(
    'keeps progress for itself',
    'L3',
    class extends ReferenceExecutor {
      protected override tell(event: JobEvent): void {
        if (event.type !== 'progress') super.tell(event);
      }
    },
  ),
  otherwise('tries everything again', 'L4', (outcome) =>
    outcome.type === 'failed' ? { type: 'failed', error: { ...outcome.error, retry: true } } : outcome,
  ),
  otherwise('tries nothing again', 'L4', (outcome) =>
    outcome.type === 'failed' ? { type: 'failed', error: { ...outcome.error, retry: false } } : outcome,
  ),
  otherwise('takes a lost job for a failed one', 'L5', (outcome) =>
    outcome.type === 'lost'
      ? { type: 'failed', error: { code: 'INTERNAL', message: outcome.why, retry: false } }
      : outcome,
  ),
  mutant(
    'cancels all for one',
    'L6',
    class extends ReferenceExecutor {
      override cancel(): Promise<void> {
        return super.cancel();
      }
    },
  ),
  mutant(
    'one job at a time',
    'L7',
    class extends ReferenceExecutor {
      constructor(context: ExecutorContext) {
        super({ ...context, concurrency: 1 });
      }
    },
  ),
  mutant(
    'all jobs at a time',
    'L7',
    class extends ReferenceExecutor {
      constructor(context: ExecutorContext) {
        super({ ...context, concurrency: 100 });
      }
    },
  ),
  mutant(
    'lets jobs run on when it is closed',
    'L8',
    class extends ReferenceExecutor {
      override async cancel(keys?: readonly string[]): Promise<void> {
        if (keys) await super.cancel(keys);
      }
      override async close(): Promise<void> {
        this.running = 0;
        await super.close();
      }
    },
  ),
];
