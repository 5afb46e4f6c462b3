import {
  MOST_ATTEMPTS,
  type Executor,
  type ExecutorContext,
  type Job,
  type JobAttempt,
  type JobEvent,
  type JobOutcome,
  type Json,
} from '@quorate/core';
import { describeLaws, must, type Law, type SuiteOptions } from './law.js';

export interface ExecutorCapabilities extends SuiteOptions {
  /** Milliseconds after which jobs that have not ended count as lost. Default 10,000. */
  readonly patience?: number;
}

export interface ExecutorSubject {
  /** A new executor that knows nothing of the others. */
  readonly make: (context: ExecutorContext) => Promise<Executor>;
  readonly capabilities: ExecutorCapabilities;
}

/** What the suite's jobs do, by attempt (1 for the first). */
type Script = (attempt: number, job: JobAttempt) => Promise<JobOutcome> | JobOutcome;

const done = (result: Json): JobOutcome => ({ type: 'done', result });
const lost: JobOutcome = { type: 'lost', why: 'its process got SIGKILL' };
const failed = (retry: boolean): JobOutcome => ({
  type: 'failed',
  error: { code: 'DATA_INVALID', message: 'a file: expected "numbers", got words.', retry },
});
/** Ends when it is told to. */
const endless: Script = (_attempt, { signal }) =>
  new Promise((resolve) => {
    const stop = (): void => resolve({ type: 'stopped' });
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
const slow =
  (result: Json): Script =>
  () =>
    new Promise((resolve) => setTimeout(() => resolve(done(result)), 10));

/** An executor with jobs whose course is known. */
class Stage {
  readonly events: JobEvent[] = [];
  /** Attempts that `run` saw, by key. */
  readonly attempts = new Map<string, number[]>();
  executor!: Executor;
  running = 0;
  most = 0;
  readonly #scripts = new Map<string, Script>();
  readonly #subject: ExecutorSubject;
  #reading: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  over = false;

  constructor(subject: ExecutorSubject) {
    this.#subject = subject;
  }

  async open(concurrency = 2): Promise<void> {
    this.executor = await this.#subject.make({ run: this.#run, concurrency, worker: 'suite:1', note: () => undefined });
    this.#reading = (async () => {
      for await (const event of this.executor.events()) {
        this.events.push(event);
        this.#wake();
      }
      this.over = true;
      this.#wake();
    })();
  }

  submit(scripts: Readonly<Record<string, Script>>): Promise<void> {
    for (const [key, script] of Object.entries(scripts)) this.#scripts.set(key, script);
    return this.executor.submit(Object.keys(scripts).map((key) => this.job(key)));
  }

  job(key: string): Job {
    return { key, payload: { key, list: [1, null, 'é "x"'] } };
  }

  ends(key: string): readonly JobEvent[] {
    return this.events.filter((event) => event.key === key && ['done', 'failed', 'cancelled'].includes(event.type));
  }

  of(key: string): readonly JobEvent[] {
    return this.events.filter((event) => event.key === key);
  }

  /** Waits for what `until` says. */
  async wait(what: string, until: () => boolean): Promise<void> {
    const { patience = 10_000 } = this.#subject.capabilities;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake();
    }, patience);
    try {
      while (!until()) {
        must(!late, () => `${what}: not in ${patience} ms; events: ${JSON.stringify(this.events)}`);
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async allEnd(...keys: readonly string[]): Promise<void> {
    await this.wait(`the end of ${keys.join(', ')}`, () => keys.every((key) => this.ends(key).length > 0));
  }

  /** A job that ends once more does so soon. */
  settle(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 50));
  }

  async close(): Promise<void> {
    await this.executor.close();
    await this.wait('the end of the events', () => this.over);
    await this.#reading;
  }

  readonly #run = async (job: Job, attempt: JobAttempt): Promise<JobOutcome> => {
    must(JSON.stringify(job) === JSON.stringify(this.job(job.key)), 'a job arrived as another one than was submitted');
    this.attempts.set(job.key, [...(this.attempts.get(job.key) ?? []), attempt.attempt]);
    this.most = Math.max(this.most, ++this.running);
    try {
      return await this.#scripts.get(job.key)!(attempt.attempt, attempt);
    } finally {
      this.running--;
      this.#wake();
    }
  };
}

async function staged(subject: ExecutorSubject, law: (stage: Stage) => Promise<void>, concurrency = 2): Promise<void> {
  const stage = new Stage(subject);
  await stage.open(concurrency);
  try {
    await law(stage);
  } finally {
    await Promise.race([stage.executor.close(), new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
  }
}

const named = (n: number, script: (key: string) => Script): Record<string, Script> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`job${i}`, script(`job${i}`)]));

export const executorLaws: readonly Law<ExecutorSubject>[] = [
  {
    id: 'L1',
    text: 'every job that was submitted ends exactly once, whatever the others do',
    check: (subject) =>
      staged(subject, async (stage) => {
        const scripts: Record<string, Script> = {
          ...named(12, slow),
          fails: () => failed(false),
          dies: (attempt) => (attempt === 1 ? lost : done('late')),
          last: () => done(null),
        };
        await stage.submit(scripts);
        await stage.allEnd(...Object.keys(scripts));
        await stage.settle();
        for (const key of Object.keys(scripts)) {
          must(stage.ends(key).length === 1, () => `${key} ended ${stage.ends(key).length} times`);
          must(stage.of(key).at(-1) === stage.ends(key)[0], () => `${key} has events after its end`);
        }
      }),
  },
  {
    id: 'L2',
    text: 'a key that is submitted again is the same job: it is not done twice',
    check: (subject) =>
      staged(subject, async (stage) => {
        const scripts = named(3, slow);
        await stage.submit(scripts);
        await stage.executor.submit([stage.job('job0'), stage.job('job0'), stage.job('job2')]);
        await stage.allEnd(...Object.keys(scripts));
        await stage.executor.submit([stage.job('job1')]);
        await stage.settle();
        for (const key of Object.keys(scripts)) {
          must(stage.attempts.get(key)?.length === 1, () => `${key} was done ${stage.attempts.get(key)?.length} times`);
          must(stage.ends(key).length === 1, () => `${key} ended ${stage.ends(key).length} times`);
        }
      }),
  },
  {
    id: 'L3',
    text: 'results are what `run` returned; progress arrives in order, between start and end',
    check: (subject) =>
      staged(subject, async (stage) => {
        const result = { list: [0.1, -1e-300, 'ünï', null], nested: { yes: true } };
        const busy: Script = async (_attempt, { onProgress }) => {
          for (let step = 1; step <= 3; step++) {
            onProgress({ step });
            await new Promise((resolve) => setTimeout(resolve, 30));
          }
          return done(result);
        };
        await stage.submit({ busy, quiet: () => done(null) });
        await stage.allEnd('busy', 'quiet');
        const types = stage.of('busy').map(({ type }) => type);
        must(types[0] === 'started' && types.at(-1) === 'done', () => `the events of a job were ${types.join(', ')}`);
        const steps = stage.of('busy').flatMap((event) => {
          return event.type === 'progress' ? [(event.progress as { step: number }).step] : [];
        });
        must(steps.length > 0, 'no progress arrived');
        must(
          steps.every((step, n) => n === 0 || step > steps[n - 1]!),
          () => `progress arrived in the order ${steps.join()}`,
        );
        const [end] = stage.ends('busy');
        must(
          end?.type === 'done' && JSON.stringify(end.result) === JSON.stringify(result),
          () => `the result arrived as ${JSON.stringify(end)}`,
        );
        const [quiet] = stage.ends('quiet');
        must(quiet?.type === 'done' && quiet.result === null, () => `null arrived as ${JSON.stringify(quiet)}`);
      }),
  },
  {
    id: 'L4',
    text: 'a job that fails for good fails at once, the others go on; one that may be tried again is, so many times in all',
    check: (subject) =>
      staged(subject, async (stage) => {
        await stage.submit({
          wrong: () => failed(false),
          unlucky: (attempt) => (attempt < MOST_ATTEMPTS ? failed(true) : done('at last')),
          hopeless: () => failed(true),
          ...named(4, slow),
        });
        await stage.allEnd('wrong', 'unlucky', 'hopeless', 'job0', 'job1', 'job2', 'job3');
        const [wrong] = stage.ends('wrong');
        must(stage.attempts.get('wrong')!.length === 1, 'what fails for good was tried again');
        const { error } = failed(false) as Extract<JobOutcome, { type: 'failed' }>;
        must(
          wrong?.type === 'failed' && wrong.error.code === error.code && wrong.error.message === error.message,
          () => `the error arrived as ${JSON.stringify(wrong)}`,
        );
        must(stage.ends('unlucky')[0]?.type === 'done', 'a job that would have gone well at last was given up');
        const tried = stage.attempts.get('hopeless')!.length;
        must(tried === MOST_ATTEMPTS, () => `${tried} attempts at a job that always fails`);
        must(stage.ends('hopeless')[0]?.type === 'failed', 'a job that always fails did not');
        must(
          stage.ends('job3')[0]?.type === 'done',
          () => `a job beside those that failed: ${JSON.stringify(stage.ends('job3'))}`,
        );
      }),
  },
  {
    id: 'L5',
    text: 'a job whose process is gone is started again, at most so many times in all, then it fails',
    check: (subject) =>
      staged(subject, async (stage) => {
        await stage.submit({ once: (attempt) => (attempt === 1 ? lost : done(attempt)), always: () => lost });
        await stage.allEnd('once', 'always');
        const [once] = stage.ends('once');
        must(once?.type === 'done' && once.result === 2, () => `a job that was lost once: ${JSON.stringify(once)}`);
        must(stage.attempts.get('once')!.join() === '1,2', () => `attempts ${stage.attempts.get('once')!.join()}`);
        must(
          stage.attempts.get('always')!.length === MOST_ATTEMPTS,
          'a job that is always lost has another number of attempts',
        );
        must(stage.ends('always')[0]?.type === 'failed', 'a job that is always lost did not fail');
      }),
  },
  {
    id: 'L6',
    text: '`cancel` ends jobs as cancelled: those that wait at once, those that run after their signal has stopped them',
    check: (subject) =>
      staged(subject, async (stage) => {
        await stage.submit({ a: endless, b: endless, c: slow(1), d: slow(2), e: slow(3) });
        await stage.wait('two jobs to run', () => stage.running === 2);
        await stage.executor.cancel(['c', 'a']);
        await stage.allEnd('a', 'c');
        must(!stage.attempts.has('c'), 'a job that waited was begun after it had been cancelled');
        await stage.allEnd('d', 'e');
        must(stage.ends('d')[0]?.type === 'done', 'a job that was not cancelled did not get done');
        must(
          stage.ends('b').length === 0 && stage.running === 1,
          'a job that runs was stopped by the cancellation of others',
        );
        await stage.executor.cancel();
        await stage.allEnd('b');
        for (const key of ['a', 'b', 'c']) {
          must(stage.ends(key)[0]?.type === 'cancelled', () => `${key} ended as ${stage.ends(key)[0]?.type}`);
        }
      }),
  },
  {
    id: 'L7',
    text: 'never more than `concurrency` jobs at a time here',
    check: (subject) =>
      staged(
        subject,
        async (stage) => {
          const scripts = named(10, slow);
          await stage.submit(scripts);
          await stage.allEnd(...Object.keys(scripts));
          must(stage.most <= 3, () => `${stage.most} jobs at a time where 3 were allowed`);
          must(stage.most > 1, 'one job at a time where three were allowed');
        },
        3,
      ),
  },
  {
    id: 'L8',
    text: '`close` ends the events, and stops what runs here; it can be called twice',
    check: (subject) =>
      staged(subject, async (stage) => {
        await stage.submit({ a: endless, b: endless });
        await stage.wait('a job to run', () => stage.running > 0);
        await stage.close();
        must(stage.running === 0, 'a job still runs after close');
        await stage.executor.close();
      }),
  },
];

/** Runs every law of `Executor` against one implementation. */
export function describeExecutor(
  name: string,
  make: ExecutorSubject['make'],
  capabilities: ExecutorCapabilities = {},
): void {
  describeLaws(`${name} keeps the Executor contract`, executorLaws, { make, capabilities });
}
