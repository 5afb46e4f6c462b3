import { MOST_ATTEMPTS, type Executor, type ExecutorContext, type Job, type JobEvent, type Json } from '@quorate/core';

/** The plainest executor: promises, no processes and no queue. */
export class ReferenceExecutor implements Executor {
  protected readonly states = new Map<string, { job: Job; stop: AbortController; ended: boolean; begun: boolean }>();
  protected readonly context: ExecutorContext;
  protected running = 0;
  readonly #waiting: JobEvent[] = [];
  #wake: () => void = () => undefined;
  #closed = false;

  constructor(context: ExecutorContext) {
    this.context = context;
  }

  async submit(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      if (!this.states.has(job.key)) {
        this.states.set(job.key, { job, stop: new AbortController(), ended: false, begun: false });
      }
    }
    this.fill();
  }

  async *events(): AsyncGenerator<JobEvent> {
    for (;;) {
      while (this.#waiting.length > 0) yield this.#waiting.shift()!;
      if (this.#closed && this.running === 0) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async cancel(keys: readonly string[] = [...this.states.keys()]): Promise<void> {
    for (const key of keys) {
      const state = this.states.get(key);
      state?.stop.abort();
      if (state && !state.begun && !state.ended) this.end({ key, type: 'cancelled' });
    }
  }

  async close(): Promise<void> {
    await this.cancel();
    this.#closed = true;
    while (this.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    this.#wake();
  }

  protected tell(event: JobEvent): void {
    this.#waiting.push(event);
    this.#wake();
  }

  protected end(event: JobEvent): void {
    this.states.get(event.key)!.ended = true;
    this.tell(event);
  }

  protected fill(): void {
    for (const [key, state] of this.states) {
      if (this.running >= this.context.concurrency) return;
      if (state.begun || state.ended) continue;
      state.begun = true;
      this.running++;
      void this.attempts(key).finally(() => {
        this.running--;
        this.fill();
        this.#wake();
      });
    }
  }

  protected async attempts(key: string): Promise<void> {
    const { job, stop } = this.states.get(key)!;
    for (let attempt = 1; ; attempt++) {
      this.tell({ key, type: 'started', attempt, worker: this.context.worker });
      const onProgress = (progress: Json): void => this.tell({ key, type: 'progress', progress });
      const outcome = await this.context.run(job, { attempt, signal: stop.signal, onProgress });
      if (outcome.type === 'lost') this.tell({ key, type: 'lost', why: outcome.why });
      if (outcome.type === 'done') return this.end({ key, type: 'done', result: outcome.result });
      if (outcome.type === 'stopped' || stop.signal.aborted) return this.end({ key, type: 'cancelled' });
      const again = outcome.type === 'lost' || outcome.error.retry;
      if (again && attempt < MOST_ATTEMPTS) continue;
      const error = outcome.type === 'lost' ? { code: 'INTERNAL', message: outcome.why, retry: true } : outcome.error;
      return this.end({ key, type: 'failed', error });
    }
  }
}
