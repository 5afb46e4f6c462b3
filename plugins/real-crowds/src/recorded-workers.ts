import {
  QuorateError,
  T,
  defineComponent,
  type Annotations,
  type Hit,
  type PrototypeAnswers,
  type Questions,
  type Snapshot,
  type WorkerSimulator,
} from '@quorate/core';
import { z } from 'zod';
import { answerFileOptions, formatOf } from './answer-file-options.js';
import { recordOf, type CrowdRecord } from './record.js';

/**
 * People who give the answers that they have given: the sampler chooses the tasks, the record says who answers. No answer
 * is invented or used twice, and a task whose answers are spent is closed.
 */
export class RecordedWorkers implements WorkerSimulator {
  readonly workerIds: readonly string[];
  readonly knowledge = { pooledCounts: null, confusion: () => null };
  readonly #record: CrowdRecord;

  constructor(record: CrowdRecord) {
    this.#record = record;
    this.workerIds = record.workerIds;
  }

  /** Whoever is asked: the record says who answers. */
  may(_worker: number, item: number, annotations: Annotations): boolean {
    const { start } = this.#record;
    return annotations.perItem[item]! < start[item + 1]! - start[item]!;
  }

  assign(plan: readonly Hit[], annotations: Annotations): readonly Hit[] {
    const { start, worker } = this.#record;
    /** Answers of an item that are used, those that this plan uses included. */
    const used = new Map<number, number>();
    const itemsOf = new Map<number, number[]>();
    for (const { items } of plan) {
      for (const item of items) {
        const at = used.get(item) ?? annotations.perItem[item]!;
        if (start[item]! + at >= start[item + 1]!) continue;
        used.set(item, at + 1);
        const j = worker[start[item]! + at]!;
        const items_ = itemsOf.get(j);
        if (items_) items_.push(item);
        else itemsOf.set(j, [item]);
      }
    }
    return Array.from(itemsOf, ([j, items]) => ({ worker: j, items: Int32Array.from(items) }));
  }

  /** Declines what the record has no answer to. */
  answer({ count, item, worker }: Questions, labels: Int32Array): void {
    const record = this.#record;
    for (let a = 0; a < count; a++) {
      const end = record.start[item[a]! + 1]!;
      let at = record.start[item[a]!]!;
      while (at < end && record.worker[at] !== worker[a]) at++;
      labels[a] = at < end ? record.label[at]! : -1;
    }
  }

  askPrototypes(each: number): PrototypeAnswers {
    const { prototype, worker, label, count } = this.#record.prototypes;
    const taken: number[] = [];
    for (let a = 0, place = 0; a < count; a++) {
      place = a > 0 && prototype[a] === prototype[a - 1] ? place + 1 : 0;
      if (place < each) taken.push(a);
    }
    const of = (column: Int32Array): Int32Array => Int32Array.from(taken, (a) => column[a]!);
    return { count: taken.length, prototype: of(prototype), worker: of(worker), label: of(label) };
  }

  snapshot(): Snapshot {
    return { hash: this.#record.hash };
  }

  /** Throws DATA_INVALID where the record is not the one that the run began with. */
  restore(state: Snapshot): void {
    if ((state as { hash: string }).hash === this.#record.hash) return;
    throw new QuorateError('DATA_INVALID', {
      where: 'workers.file',
      expected: 'the recorded answers that the run was started with',
      got: 'others',
      fix: 'Bring the file back as it was, or start the run again with another --out.',
    });
  }
}

export default defineComponent({
  kind: 'workerSimulator',
  name: 'recorded',
  summary: 'people who give the answers that a file has recorded, and no others',
  options: z.strictObject(answerFileOptions),
  inject: [T.Dataset, T.AnswerFiles, T.Files, T.Rng],
  create: async (options, dataset, answers, files, rng) => {
    const table = await answers.read({ file: options.file, ...formatOf(options) });
    const record = recordOf(options.file, table, dataset, rng);
    for (const note of record.notes) files.note(note);
    return new RecordedWorkers(record);
  },
});
