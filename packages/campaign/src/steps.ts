import type { StepOutcome, Step } from './inference/contract.js';
import type { InferenceService } from './inference/service.js';
import type { Connection } from './journal/database.js';
import type { GroupCommit } from './journal/group-commit.js';
import type { Statements } from './journal/statements.js';

interface StepParts {
  readonly db: Connection;
  readonly commit: GroupCommit;
  readonly write: Statements;
  readonly inference: InferenceService;
  readonly clock: () => number;
}

/** What the journal holds now. */
export interface JournalSize {
  readonly seq: number;
  readonly tasks: number;
  readonly workers: number;
}

/** The steps of a campaign, in the journal: one at a time, each written before it is computed. */
export class Steps {
  readonly #parts: StepParts;
  #last: Step | null = null;
  #outcome: StepOutcome | null = null;
  #running: Promise<StepOutcome> | null = null;

  constructor(parts: StepParts) {
    this.#parts = parts;
  }

  /** The last step whose outcome is known; its answers are what beliefs rest on. */
  get outcome(): StepOutcome | null {
    return this.#outcome;
  }

  /** Sequence number up to which the answers are in the beliefs. */
  get upto(): number {
    return this.#uptoKnown;
  }
  #uptoKnown = 0;
  /** Sequence number up to which audits are heard. */
  get audited(): number {
    return this.#auditedKnown;
  }
  #auditedKnown = 0;

  /** Do labels stand still, since auditors look, or have come to a verdict? */
  get frozen(): boolean {
    return (this.#outcome?.audit?.phase ?? 'ask') !== 'ask';
  }

  get running(): boolean {
    return this.#running !== null;
  }

  /** Goes to where the journal is. Other data or settings than those of the last step begin a new generation. */
  async resume(now: JournalSize): Promise<void> {
    const { db, inference } = this.#parts;
    const all = db.prepare('SELECT * FROM step ORDER BY n').all([]) as Step[];
    const last = all.at(-1) ?? null;
    const { configHash, dataHash } = inference.facts;
    this.#last = last;
    if (last && last.config_hash === configHash && last.data_hash === dataHash && last.tasks === now.tasks) {
      const steps = all.filter(({ generation }) => generation === last.generation);
      this.#done(last, (await inference.replay(steps))!, 0);
      return;
    }
    await this.step(now, true);
  }

  /** Infers over all answers that are in the journal. While a step runs, that one. */
  step(now: JournalSize, fresh = false): Promise<StepOutcome> {
    this.#running ??= this.#step(now, fresh).finally(() => (this.#running = null));
    return this.#running;
  }

  async #step({ seq, tasks, workers }: JournalSize, fresh: boolean): Promise<StepOutcome> {
    const { commit, write, inference, clock } = this.#parts;
    const { seed, configHash, dataHash } = inference.facts;
    const generation = (this.#last?.generation ?? 0) + (fresh ? 1 : 0);
    const upto = !fresh && this.frozen ? this.#last!.upto_seq : seq;
    const head = { n: (this.#last?.n ?? -1) + 1, generation, upto_seq: upto, tasks, workers, seed };
    const step: Step = { ...head, config_hash: configHash, data_hash: dataHash, at: clock(), audit_seq: seq };
    await commit.commit(() =>
      write.insertStep(step.n, generation, upto, tasks, workers, seed, configHash, dataHash, step.at, seq),
    );
    this.#last = step;
    const outcome = await inference.step(step);
    this.#done(step, outcome, clock() - step.at);
    return outcome;
  }

  #done(step: Step, outcome: StepOutcome, ms: number): void {
    const { commit, write } = this.#parts;
    this.#outcome = outcome;
    [this.#uptoKnown, this.#auditedKnown] = [step.upto_seq, step.audit_seq];
    const { n, annotations, valid, error, deviation, stop, audit } = outcome;
    void commit
      .commit(() => {
        const figures = [audit?.audits ?? null, audit?.bound ?? null] as const;
        write.insertOutcome(n, annotations, valid, error, deviation, stop, Math.round(ms), ...figures);
      })
      .catch(() => undefined);
  }
}
