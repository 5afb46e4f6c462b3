import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Job, JobAttempt, JobOutcome } from '@quorate/core';
import type { Workshop } from '../job/run-job.js';
import { BEAT, PULSE, type FromChild, type ToChild } from './messages.js';

/** Signs of life that a process may miss before it is taken for dead: one that was stopped, or a machine without memory. */
const PATIENCE = 30;

export interface ChildPoolOptions {
  readonly workshop: Omit<Workshop, 'env' | 'clock'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Jobs at a time, to share the cores out. */
  readonly concurrency: number;
  /** Signs of life that may be missed, one a second. */
  readonly patience?: number;
}

/**
 * Child processes that do runs. A process that has ended a run waits for the next one, with everything loaded; one that is
 * killed loses its run alone.
 */
export class ChildPool {
  readonly #options: ChildPoolOptions;
  readonly #idle: Child[] = [];
  readonly #all = new Set<Child>();
  #closed = false;

  constructor(options: ChildPoolOptions) {
    this.#options = options;
  }

  /** Of the processes that are alive. */
  get pids(): readonly number[] {
    return [...this.#all].map(({ pid }) => pid).filter((pid) => pid !== undefined);
  }

  readonly run = async (job: Job, attempt: JobAttempt): Promise<JobOutcome> => {
    if (this.#closed) return { type: 'lost', why: 'the pool of processes is closed' };
    let child = this.#idle.pop();
    while (child && !child.alive) child = this.#idle.pop();
    child ??= this.#start();
    const outcome = await child.run(job, attempt);
    if (child.alive && !this.#closed) this.#idle.push(child);
    return outcome;
  };

  /** Kills them all: what they have saved is whole at every instant. */
  close(): void {
    this.#closed = true;
    for (const child of this.#all) child.kill();
  }

  #start(): Child {
    const { workshop, env, concurrency, patience = PATIENCE } = this.#options;
    const threads = String(Math.max(1, Math.floor(availableParallelism() / Math.max(1, concurrency))));
    const child = new Child({ QUORATE_THREADS: threads, ...env }, patience, () => this.#all.delete(child));
    this.#all.add(child);
    child.say({ type: 'setup', workshop });
    return child;
  }
}

/** The sources as they are, in tests; else what was built from them. */
const fromSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(fromSource ? './child.ts' : './child.js', import.meta.url));
const execArgv = fromSource ? ['--conditions=@quorate/source', '--import', 'tsx'] : [];

class Child {
  readonly #process: ChildProcess;
  readonly #pulse: NodeJS.Timeout;
  #settle: ((outcome: JobOutcome) => void) | undefined;
  #onProgress: JobAttempt['onProgress'] = () => undefined;
  #said = '';
  #missed = 0;
  alive = true;

  constructor(env: Readonly<Record<string, string | undefined>>, patience: number, onEnd: () => void) {
    // Where it stands in its own group, Ctrl-C in the terminal does not reach it.
    this.#process = fork(entry, [], {
      env: env,
      execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      serialization: 'advanced',
    });
    this.#process.stderr?.on('data', (text: Buffer) => (this.#said = (this.#said + text.toString()).slice(-2000)));
    const pulse = this.#process.stdio[PULSE] as NodeJS.ReadableStream;
    pulse.on('data', () => (this.#missed = 0));
    pulse.on('error', () => undefined);
    this.#pulse = setInterval(() => {
      // Where this process was asleep itself, it missed as many turns of its own.
      if (this.#settle && ++this.#missed > patience) this.kill();
    }, BEAT);
    this.#pulse.unref();
    this.#process.on('message', (message: FromChild) => {
      if (message.type === 'progress') this.#onProgress(message.progress);
      else this.#end(message.outcome);
    });
    const gone = (how: string): void => {
      clearInterval(this.#pulse);
      this.alive = false;
      onEnd();
      const last = this.#said.trim().split('\n').at(-1) ?? '';
      this.#end({ type: 'lost', why: `its process ${how}${last === '' ? '' : `: ${last.slice(0, 300)}`}` });
    };
    this.#process.on('error', (error) => gone(`did not start: ${error.message}`));
    this.#process.on('exit', (code, signal) => gone(signal === null ? `ended with code ${code}` : `got ${signal}`));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  say(message: ToChild): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  async run(job: Job, { signal, onProgress }: JobAttempt): Promise<JobOutcome> {
    this.#missed = 0;
    this.#onProgress = onProgress;
    const stop = (): void => this.say({ type: 'stop' });
    const outcome = new Promise<JobOutcome>((resolve) => (this.#settle = resolve));
    this.say({ type: 'run', job });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await outcome;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#onProgress = () => undefined;
    }
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #end(outcome: JobOutcome): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }
}
