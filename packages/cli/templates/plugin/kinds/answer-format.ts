import { defineComponent, rejectRow, type AnswerFormat, type ClassLabel } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  comment: z
    .string()
    .regex(/^[^[\s]/)
    .default('#')
    .describe('how lines begin that are no answers; not "[" or a space'),
});

const EXPECTED = '["task", "worker", label], the label a string, a number, true, false or null';

/**
 * A file format of crowd answers. THE FORMAT BELOW IS YOURS TO CHANGE; leave out `write` or `read` if it has but one.
 *
 * - `detect` how sure it is, 0..1, that a file which begins with these bytes is its own
 * - `read` gets the file as chunks of UTF-8 bytes, cut anywhere, and gives each answer to `table`: `table.task(id)`,
 *   `table.worker(id)` and `table.class(label)` are numbers for `table.add(task, worker, class)`; -1 is a skip
 * - `write` yields the file; `drops` says in words what of a table the format cannot hold
 *
 * What must hold: it is done with a chunk before it asks for the next; a row that cannot be read goes to `rejectRow`,
 * which throws or skips it; what it wrote it reads back, but for what `drops` names; any bytes end in a table or in a
 * QuorateError; it knows what it wrote, and does not know an empty file.
 */
export default defineComponent({
  kind: 'answerFormat',
  name: 'my_part',
  summary: 'lines of JSON, ["task", "worker", label] each',
  options,
  create: ({ comment }): AnswerFormat => ({
    detect: (head) => {
      const lines = new TextDecoder().decode(head).split('\n');
      const first = lines.find((line) => line.trim() !== '' && !line.startsWith(comment));
      return first !== undefined && answerIn(first) ? 0.9 : 0;
    },
    read: async (input, table) => {
      table.took({ format: 'my_part', task: 'the first value', worker: 'the second value', label: 'the third value' });
      let line = 0;
      for await (const bytes of linesOf(input.bytes)) {
        line++;
        const text = decoded(bytes);
        if (text !== null && (text.trim() === '' || text.startsWith(comment))) continue;
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
    },
    write: function* ({ answers: { count, item, worker, label, taskIds, workerIds, classes } }) {
      for (let a = 0; a < count; a++) {
        yield `${JSON.stringify([taskIds[item[a]!], workerIds[worker[a]!], classes[label[a]!] ?? null])}\n`;
      }
    },
    drops: ({ answers, labels }) => {
      const answered = new Set(answers.item.subarray(0, answers.count));
      return [
        ...(answered.size < answers.taskIds.length ? ['tasks without an answer'] : []),
        ...(answers.seconds ? ['seconds'] : []),
        ...(answers.time ? ['times'] : []),
        ...(answers.gold ? ['true classes'] : []),
        ...(labels ? ['aggregated labels'] : []),
      ];
    },
  }),
});

/** Lines without their end. A line is a copy: the memory of a chunk may be used again for the next. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...pieces, chunk.subarray(start, end)]);
      pieces = [];
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(new Uint8Array(chunk.subarray(start)));
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function answerIn(line: string): [task: string, worker: string, label: ClassLabel | null] | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(value) || value.length !== 3) return null;
  const [task, worker, label] = value as unknown[];
  if (typeof task !== 'string' || typeof worker !== 'string' || task === '' || worker === '') return null;
  if (label === null || typeof label === 'string' || typeof label === 'boolean') return [task, worker, label];
  return typeof label === 'number' && Number.isFinite(label) ? [task, worker, label] : null;
}
