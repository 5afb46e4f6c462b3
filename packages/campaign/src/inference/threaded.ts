import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { QuorateError } from '@quorate/core';
import type { DeliveredFiles, DeliveredLabels, PlanRequest, Step, StepOutcome } from './contract.js';
import type { Call, Reply, Wrong } from './messages.js';
import type { InferenceFacts, InferenceService, InferenceSetup } from './service.js';

type Unnumbered<C> = C extends Call ? Omit<C, 'id'> : never;
interface Waiting {
  readonly done: (value: unknown) => void;
  readonly failed: (error: Error) => void;
}
interface Inferred {
  readonly outcome: StepOutcome | null;
  readonly labels: DeliveredLabels | null;
}

const entry = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);

/**
 * Inference in a thread of its own, so that a step holds up nobody who asks or answers. The thread opens the journal
 * itself; what a step delivers is here when it is done. A thread that dies is started again by the next call, and goes
 * through the steps that were done.
 */
export class ThreadInference implements InferenceService {
  readonly #setup: InferenceSetup;
  readonly #note: (message: string) => void;
  readonly #waiting = new Map<number, Waiting>();
  #facts!: InferenceFacts;
  #thread: Worker | null = null;
  #starting: Promise<void> | null = null;
  #calls = 0;
  #steps = 0;
  #labels: DeliveredLabels | null = null;
  /** Steps of this generation that are done: what a new thread goes through first. */
  #done: Step[] = [];
  #disposed = false;

  private constructor(setup: InferenceSetup, note: (message: string) => void) {
    this.#setup = setup;
    this.#note = note;
  }

  /** Throws CONFIG_INVALID for plugins that are not named but given, and what opening the parts throws. */
  static async open(this: void, setup: InferenceSetup, note: (message: string) => void): Promise<ThreadInference> {
    if ((setup.prepare.modules ?? []).length > 0) {
      throw new QuorateError('CONFIG_INVALID', {
        where: 'openCampaign',
        expected: 'plugins by name (builtins, or plugins of the configuration): a thread loads them itself',
        got: 'plugins that the program has loaded',
        fix: 'Name them, or leave openInference out.',
      });
    }
    const inference = new ThreadInference({ ...setup, env: { ...setup.env } }, note);
    await inference.#start();
    return inference;
  }

  get facts(): InferenceFacts {
    return this.#facts;
  }
  get busy(): boolean {
    return this.#steps > 0;
  }

  async #start(): Promise<void> {
    const { prepare, ...setup } = this.#setup;
    const workerData = { ...setup, prepare: { ...prepare, env: { ...prepare.env } } };
    const thread = new Worker(entry, { workerData, name: 'inference' });
    this.#thread = thread;
    thread.on('message', (reply: Reply) => this.#heard(reply));
    thread.on('error', (error) => this.#ended(thread, error));
    thread.on('exit', (code) => this.#ended(thread, new Error(`the thread of inference ended with code ${code}`)));
    this.#facts = (await this.#answerTo(0)) as InferenceFacts;
  }

  #heard(reply: Reply): void {
    if ('note' in reply) return this.#note(reply.note);
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('value' in reply) waiting?.done(reply.value);
    else waiting?.failed(errorOf(reply.wrong));
  }

  #ended(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    for (const { failed } of this.#waiting.values()) failed(error);
    this.#waiting.clear();
  }

  #answerTo(id: number): Promise<unknown> {
    return new Promise((done, failed) => this.#waiting.set(id, { done, failed }));
  }

  #post(call: Unnumbered<Call>): Promise<unknown> {
    const id = ++this.#calls;
    const answer = this.#answerTo(id);
    this.#thread!.postMessage({ ...call, id });
    return answer;
  }

  async #call(call: Unnumbered<Call>): Promise<unknown> {
    if (!this.#thread || this.#starting)
      await (this.#starting ??= this.#again().finally(() => (this.#starting = null)));
    return this.#post(call);
  }

  async #again(): Promise<void> {
    if (this.#disposed) throw new Error('the campaign is closed');
    await this.#start();
    if (this.#done.length > 0) await this.#post({ what: 'replay', steps: this.#done });
  }

  async #infer(call: Unnumbered<Call>): Promise<StepOutcome | null> {
    this.#steps++;
    try {
      const { outcome, labels } = (await this.#call(call)) as Inferred;
      this.#labels = labels ?? this.#labels;
      return outcome;
    } finally {
      this.#steps--;
    }
  }

  async replay(steps: readonly Step[]): Promise<StepOutcome | null> {
    const outcome = await this.#infer({ what: 'replay', steps });
    this.#done = [...steps];
    return outcome;
  }
  async step(step: Step): Promise<StepOutcome> {
    const outcome = (await this.#infer({ what: 'step', step }))!;
    if (this.#done.at(-1)?.generation !== step.generation) this.#done = [];
    this.#done.push(step);
    return outcome;
  }
  plan(request: PlanRequest): Promise<Int32Array> {
    return this.#call({ what: 'plan', request }) as Promise<Int32Array>;
  }
  async labels(): Promise<DeliveredLabels> {
    return Promise.resolve(this.#labels!);
  }
  csv(): Promise<DeliveredFiles> {
    return this.#call({ what: 'csv' }) as Promise<DeliveredFiles>;
  }
  audits(count: number): Promise<Int32Array> {
    return this.#call({ what: 'audits', count }) as Promise<Int32Array>;
  }
  posterior(): Promise<Float64Array> {
    return this.#call({ what: 'posterior' }) as Promise<Float64Array>;
  }

  /** Waits for what was asked before. Safe where the thread has died. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const thread = this.#thread;
    if (!thread) return;
    await this.#post({ what: 'dispose' }).catch(() => undefined);
    await thread.terminate();
  }
}

function errorOf(wrong: Wrong): Error {
  return wrong.code === null ? new Error(wrong.message) : new QuorateError(wrong.code, wrong.detail);
}
