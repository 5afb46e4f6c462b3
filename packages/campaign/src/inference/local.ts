import { prepare } from '@quorate/host';
import { openReader, type Connection } from '../journal/database.js';
import type { DeliveredFiles, DeliveredLabels, PlanRequest, Step, StepOutcome } from './contract.js';
import { Inference } from './inference.js';
import people from './people.js';
import type { InferenceFacts, InferenceService, InferenceSetup } from './service.js';

/** Inference in this thread. */
export class LocalInference implements InferenceService {
  readonly facts: InferenceFacts;
  readonly #inference: Inference;
  readonly #db: Connection;
  readonly #note: (message: string) => void;
  #last: Promise<unknown> = Promise.resolve();
  #steps = 0;

  private constructor(inference: Inference, db: Connection, note: (message: string) => void) {
    this.#inference = inference;
    this.#db = db;
    this.#note = note;
    const { taskIds, classes, riskThreshold, budget, seed, configHash, dataHash, description, calibration } = inference;
    const most = budget === Infinity ? null : budget;
    const hashes = { configHash, dataHash };
    this.facts = { taskIds, classes, riskThreshold, budget: most, seed, ...hashes, description, calibration };
  }

  static async open(setup: InferenceSetup, note: (message: string) => void): Promise<LocalInference> {
    const { folder, env, answersPerTask } = setup;
    const { cwd, modules = [] } = setup.prepare;
    const prepared = await prepare({ ...setup.prepare, modules: [people, ...modules] });
    const db = openReader(setup.database);
    try {
      const inference = await Inference.open({ prepared, cwd, env, folder, answersPerTask, onNote: note }, db);
      return new LocalInference(inference, db, note);
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  }

  get busy(): boolean {
    return this.#steps > 0;
  }

  #inTurn<V>(work: () => V | Promise<V>): Promise<V> {
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #stepping(work: () => Promise<StepOutcome | null>): Promise<StepOutcome | null> {
    this.#steps++;
    try {
      return await this.#inTurn(() => {
        this.#inference.check();
        return work();
      });
    } finally {
      this.#steps--;
    }
  }

  replay(steps: readonly Step[]): Promise<StepOutcome | null> {
    return this.#stepping(() => this.#inference.replay(steps, this.#note));
  }
  step(step: Step): Promise<StepOutcome> {
    return this.#stepping(() => this.#inference.step(step)) as Promise<StepOutcome>;
  }
  plan(request: PlanRequest): Promise<Int32Array> {
    return this.#inTurn(() => this.#inference.plan(request));
  }
  labels(): Promise<DeliveredLabels> {
    return this.#inTurn(() => this.#inference.labels());
  }
  csv(): Promise<DeliveredFiles> {
    return this.#inTurn(() => this.#inference.csv());
  }
  audits(count: number): Promise<Int32Array> {
    return this.#inTurn(() => this.#inference.audits(count));
  }
  posterior(): Promise<Float64Array> {
    return this.#inTurn(() => this.#inference.posterior());
  }
  async dispose(): Promise<void> {
    await this.#last;
    await this.#inference.dispose();
    this.#db.close();
  }
}
