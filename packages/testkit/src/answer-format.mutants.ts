import { AnswerTableBuilder, QuorateError, type AnswerFormat, type AnswerTable, type BadRow } from '@quorate/core';
import type { AnswerFormatSubject } from './answer-format.js';
import { answerKinds } from './answer-tables.js';
import type { Mutant } from './mutants.js';
import { referenceFormat } from './reference/answer-format.js';

function mutant(
  name: string,
  breaks: string,
  change: (right: Required<AnswerFormat>) => Partial<AnswerFormat>,
  holds: AnswerFormatSubject['capabilities']['holds'] = answerKinds,
): Mutant<AnswerFormatSubject> {
  const right = referenceFormat() as Required<AnswerFormat>;
  return { name, breaks, subject: { make: () => ({ ...right, ...change(right) }), capabilities: { holds, runs: 60 } } };
}

/** The table as someone else would have built it. */
function rebuilt(table: AnswerTable, add: (to: AnswerTableBuilder, a: number) => void): AnswerTable {
  const builder = new AnswerTableBuilder();
  for (const id of table.taskIds) builder.task(id);
  for (let a = 0; a < table.count; a++) add(builder, a);
  table.gold?.forEach((k, i) => {
    if (k >= 0) builder.setGold(i, builder.class(table.classes[k]!));
  });
  return builder.build();
}

const changed = (
  right: Required<AnswerFormat>,
  change: (table: AnswerTable, to: AnswerTableBuilder, a: number) => void,
): Partial<AnswerFormat> => ({
  write: (output) =>
    right.write({ ...output, answers: rebuilt(output.answers, (to, a) => change(output.answers, to, a)) }),
});

function copy(table: AnswerTable, to: AnswerTableBuilder, a: number, seconds = table.seconds?.[a] ?? NaN): void {
  const k = table.label[a]!;
  const worker = to.worker(table.workerIds[table.worker[a]!]!);
  to.add(table.item[a]!, worker, k < 0 ? -1 : to.class(table.classes[k]!), seconds, table.time?.[a] ?? '');
}

let writesOfAll = 0;

export const answerFormatMutants: readonly Mutant<AnswerFormatSubject>[] = [
  mutant('keeps chunks that are not its own', 'L1', (right) => ({
    read: async (input, table) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of input.bytes) chunks.push(chunk);
      async function* again(): AsyncGenerator<Uint8Array> {
        yield* chunks;
      }
      await right.read({ ...input, bytes: again() }, table);
    },
  })),
  mutant('decodes each chunk by itself', 'L1', (right) => ({
    read: async (input, table) => {
      let text = '';
      for await (const chunk of input.bytes) text += Buffer.from(chunk).toString();
      async function* again(): AsyncGenerator<Uint8Array> {
        yield Buffer.from(text);
      }
      await right.read({ ...input, bytes: again() }, table);
    },
  })),
  mutant('an error without a place', 'L2', (right) => ({
    read: async (input, table) => {
      let bad = 0;
      await right.read({ ...input, onBadRow: input.onBadRow ?? (() => void bad++) }, table);
      if (bad === 0) return;
      const detail = { where: input.name, expected: 'rows', got: `${bad} bad ones`, fix: 'Correct them.' };
      throw new QuorateError('ANSWERS_INVALID', detail);
    },
  })),
  mutant('throws although bad rows are to be skipped', 'L2', (right) => ({
    read: (input, table) => right.read({ ...input, onBadRow: input.onBadRow ? () => undefined : null }, table),
  })),
  mutant('an error about another file', 'L2', (right) => ({
    read: (input, table) => right.read({ ...input, name: 'file' }, table),
  })),
  mutant('drops skips and does not say so', 'L3', (right) =>
    changed(right, (table, to, a) => {
      if (table.label[a]! >= 0) copy(table, to, a);
    }),
  ),
  mutant('counts one answer of a worker to a task', 'L3', (right) => {
    return changed(right, (table, to, a) => {
      for (let b = 0; b < a; b++) if (table.item[b] === table.item[a] && table.worker[b] === table.worker[a]) return;
      copy(table, to, a);
    });
  }),
  mutant('whole seconds', 'L3', (right) =>
    changed(right, (table, to, a) => copy(table, to, a, Math.round(table.seconds?.[a] ?? NaN))),
  ),
  mutant('trims labels', 'L3', (right) => ({
    write: (output) => {
      const classes = output.answers.classes.map((name) => String(name).trim());
      return right.write({ ...output, answers: { ...output.answers, classes } });
    },
  })),
  mutant('says that it drops skips, and drops workers too', 'L3', (right) => ({
    drops: ({ answers }) => (answers.label.subarray(0, answers.count).includes(-1) ? ['skips'] : []),
    write: (output) => {
      const { answers } = output;
      if (!answers.label.subarray(0, answers.count).includes(-1)) return right.write(output);
      return right.write({ ...output, answers: { ...answers, workerIds: answers.workerIds.map(() => 'someone') } });
    },
  })),
  mutant('always says that it may drop something', 'L3', () => ({ drops: () => ['perhaps something'] })),
  mutant('no gold labels', 'L3', (right) => ({
    write: (output) => right.write({ ...output, answers: { ...output.answers, gold: null } }),
  })),
  mutant('a bare SyntaxError', 'L4', (right) => ({
    read: async (input, table) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of input.bytes) chunks.push(new Uint8Array(chunk));
      const whole = Buffer.concat(chunks);
      for (const line of whole.toString().split('\n')) if (line !== '') JSON.parse(line);
      async function* again(): AsyncGenerator<Uint8Array> {
        yield whole;
      }
      await right.read({ ...input, bytes: again() }, table);
    },
  })),
  mutant('detect parses the head', 'L4', () => ({
    detect: (head) => Number(Array.isArray(JSON.parse(Buffer.from(head).toString().split('\n')[0]!))),
  })),
  mutant('sure of everything', 'L5', () => ({ detect: () => 1 })),
  mutant('does not know its own', 'L5', () => ({ detect: () => 0 })),
  mutant('the date of writing', 'L5', (right) => ({
    write: ({ answers, ...output }) => {
      const time = Array.from({ length: answers.count }, () => `${writesOfAll++}`);
      return right.write({ ...output, answers: { ...answers, time } });
    },
  })),
  mutant('counts bad rows in the table too', 'L2', (right) => ({
    read: ({ onBadRow, ...input }, table) => {
      const count = onBadRow && ((problem: BadRow) => (table.badRows++, onBadRow(problem)));
      return right.read({ ...input, onBadRow: count }, table);
    },
  })),
  mutant('skips bad rows as if all were in line 1', 'L2', (right) => ({
    read: ({ onBadRow, ...input }, table) => {
      const first = onBadRow && ((problem: BadRow) => onBadRow({ ...problem, line: 1, column: 1 }));
      return right.read({ ...input, onBadRow: first }, table);
    },
  })),
];
