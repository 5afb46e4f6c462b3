import {
  defineComponent,
  rejectRow,
  T,
  type AnswerFormat,
  type AnswerInput,
  type AnswerOutput,
  type AnswerTableBuilder,
  type ClassLabel,
} from '@quorate/core';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnAnswerFormat implements AnswerFormat {
  readonly #comment: string;

  constructor(@inject(Options) { comment }: z.output<typeof options>) {
    this.#comment = comment;
  }

  detect(head: Uint8Array): number {
    const lines = new TextDecoder().decode(head).split('\n');
    const first = lines.find((line) => line.trim() !== '' && !line.startsWith(this.#comment));
    return first !== undefined && answerIn(first) ? 0.9 : 0;
  }

  async read(input: AnswerInput, table: AnswerTableBuilder): Promise<void> {
    table.took({ format: 'my_part', task: 'the first value', worker: 'the second value', label: 'the third value' });
    let line = 0;
    for await (const bytes of linesOf(input.bytes)) {
      line++;
      const text = decoded(bytes);
      if (text !== null && (text.trim() === '' || text.startsWith(this.#comment))) continue;
      table.rows++;
      const answer = text === null ? null : answerIn(text);
      if (answer) {
        const [task, worker, label] = answer;
        table.add(table.task(task), table.worker(worker), label === null ? -1 : table.class(label));
      } else {
        const got = text === null ? 'bytes that are not UTF-8' : JSON.stringify(text.slice(0, 60));
        rejectRow(input, { line, column: 1, expected: EXPECTED, got });
      }
    }
  }

  *write({ answers }: AnswerOutput): Generator<string> {
    const { count, item, worker, label, taskIds, workerIds, classes } = answers;
    for (let a = 0; a < count; a++) {
      yield `${JSON.stringify([taskIds[item[a]!], workerIds[worker[a]!], classes[label[a]!] ?? null])}\n`;
    }
  }

  drops({ answers, labels }: AnswerOutput): readonly string[] {
    const answered = new Set(answers.item.subarray(0, answers.count));
    return [
      ...(answered.size < answers.taskIds.length ? ['tasks without an answer'] : []),
      ...(answers.seconds ? ['seconds'] : []),
      ...(answers.time ? ['times'] : []),
      ...(answers.gold ? ['true classes'] : []),
      ...(labels ? ['aggregated labels'] : []),
    ];
  }
}
