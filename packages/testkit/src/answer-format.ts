import {
  AnswerTableBuilder,
  isQuorateError,
  type AnswerFormat,
  type AnswerOutput,
  type AnswerTable,
  type QuorateError,
} from '@quorate/core';
import fc from 'fast-check';
import {
  answerKinds,
  anyAnswerTable,
  meaningOf,
  missingWords,
  plainAnswers,
  type AnswerKind,
} from './answer-tables.js';
import type { Make } from './setup.js';
import { disposes } from './disposing.js';
import { describeLaws, forAll, must, type Law, type SuiteOptions } from './law.js';
import { World } from './world.js';

export interface AnswerFormatCapabilities extends SuiteOptions {
  /** What the format holds whatever it is; what it holds under conditions is not among it. */
  readonly holds?: readonly AnswerKind[];
  /** Of a format that can only be read, or only be written. */
  readonly only?: 'read' | 'write';
}

export interface AnswerFormatSubject {
  readonly make: Make<AnswerFormat>;
  readonly capabilities: AnswerFormatCapabilities;
}

const plan = { items: 1, workers: 1, classes: 2, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 };
const nowhere = new World({ ...plan, answers: [], retracted: [], beliefs: [], classNames: null });
const NAME = 'answers';

function outputOf(answers: AnswerTable, withLabels = false): AnswerOutput {
  const N = answers.taskIds.length;
  const K = answers.classes.length;
  const label = Int32Array.from({ length: N }, (_, i) => (K === 0 || i % 3 === 2 ? -1 : i % K));
  const confidence = Float64Array.from({ length: N }, (_, i) => 1 / (1 + (i % 4)));
  const labels = withLabels ? { label, confidence } : null;
  return { answers, labels, name: NAME, date: '2024-05-01T10:00:00.000Z' };
}

async function written(format: AnswerFormat, output: AnswerOutput): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of format.write!(output))
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : new Uint8Array(chunk));
  return Buffer.concat(chunks);
}

/** Chunks whose memory is used again for the next, as a pipe may do. */
async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    buffer.fill(0x23);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
  }
}

interface Outcome {
  readonly table: AnswerTable | null;
  readonly error: QuorateError | null;
  readonly badRows: number;
  /** `line:column` of the first of them. */
  readonly firstBadRow: string | null;
}

async function readBack(format: AnswerFormat, bytes: Uint8Array, size: number, lenient = false): Promise<Outcome> {
  const builder = new AnswerTableBuilder();
  let badRows = 0;
  let firstBadRow: string | null = null;
  const onBadRow = lenient
    ? ({ line, column, expected, got }: { line: number; column: number; expected: string; got: string }): void => {
        must(line >= 1 && column >= 1, `a bad row at ${line}:${column}`);
        must(expected !== '' && got !== '', 'a bad row without what was expected or what came');
        firstBadRow ??= `${line}:${column}`;
        badRows++;
      }
    : null;
  try {
    await format.read!({ name: NAME, bytes: cut(bytes, size), onBadRow }, builder);
    must(builder.badRows === 0, 'counted bad rows in the table: whoever gets them by onBadRow counts them');
    return { table: builder.build(), error: null, badRows, firstBadRow };
  } catch (thrown) {
    if (!isQuorateError(thrown)) throw thrown;
    return { table: null, error: thrown, badRows, firstBadRow };
  }
}

/** A file with random damage: bytes changed, taken out, doubled or put in, or its end cut off. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  what: fc.constantFrom('change', 'remove', 'repeat', 'insert', 'cut') as fc.Arbitrary<'change'>,
  length: fc.integer({ min: 1, max: 12 }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    fc
      .constantFrom('"', ',', '\n', '{', '}', '[', ']', '\\', 'null', ':', '\0', '1e999', '""')
      .map((text) => Buffer.from(text)),
  ),
});
const anyDamage = fc.array(damage, { minLength: 1, maxLength: 3 });

function damaged(
  bytes: Uint8Array,
  damages: readonly { at: number; what: string; length: number; bytes: Uint8Array }[],
): Uint8Array {
  let now = Buffer.from(bytes);
  for (const { at, what, length, bytes: put } of damages) {
    const from = Math.floor(at * now.length);
    const [before, part, after] = [
      now.subarray(0, from),
      now.subarray(from, from + length),
      now.subarray(from + length),
    ];
    if (what === 'change') now = Buffer.concat([before, put, now.subarray(from + put.length)]);
    else if (what === 'remove') now = Buffer.concat([before, after]);
    else if (what === 'repeat') now = Buffer.concat([before, part, part, after]);
    else if (what === 'insert') now = Buffer.concat([before, put, now.subarray(from)]);
    else now = Buffer.from(before);
  }
  return now;
}

const notBoth = ({ capabilities: { only } }: AnswerFormatSubject): string | null =>
  only === undefined ? null : `${only === 'read' ? 'read' : 'written'} only`;
const unread = ({ capabilities: { only } }: AnswerFormatSubject): string | null =>
  only === 'write' ? 'written only' : null;
const runsOf = ({ capabilities }: AnswerFormatSubject): number => capabilities.runs ?? 100;
const made = async ({ make }: AnswerFormatSubject): Promise<AnswerFormat> => make(nowhere.setup());

export const answerFormatLaws: readonly Law<AnswerFormatSubject>[] = [
  {
    id: 'L1',
    text: 'streams: the same table whichever way the bytes are cut, and done with a chunk before it asks for the next',
    waived: notBoth,
    check: (subject) =>
      forAll(
        fc.tuple(anyAnswerTable(answerKinds), fc.integer({ min: 1, max: 9 })),
        runsOf(subject),
        async ([table, size]) => {
          const format = await made(subject);
          const bytes = await written(format, outputOf(table));
          const whole = await readBack(format, bytes, bytes.length + 1);
          const pieces = await readBack(format, bytes, size);
          must(whole.table !== null, () => `refuses what it wrote: ${whole.error!.message}`);
          must(pieces.table !== null, () => `refuses pieces of ${size} bytes: ${pieces.error!.message}`);
          const [a, b] = [JSON.stringify(meaningOf(whole.table)), JSON.stringify(meaningOf(pieces.table))];
          must(a === b, () => `in pieces of ${size} bytes it reads ${b}, whole ${a}`);
        },
      ),
  },
  {
    id: 'L2',
    text: 'a row that cannot be read is ANSWERS_INVALID with file, line and column, or goes to onBadRow',
    waived: notBoth,
    check: async (subject) => {
      await forAll(fc.tuple(anyAnswerTable(answerKinds), anyDamage), runsOf(subject), async ([table, damages]) => {
        const format = await made(subject);
        const bytes = damaged(await written(format, outputOf(table)), damages);
        const strict = await readBack(format, bytes, 64);
        const lenient = await readBack(format, bytes, 64, true);
        if (strict.error) {
          must(strict.error.code === 'ANSWERS_INVALID', `refused with ${strict.error.code}`);
          const { where } = strict.error.detail;
          must(where.startsWith(NAME), `the error is about "${where}", the file is "${NAME}"`);
          const counted = lenient.badRows > 0 || lenient.error !== null;
          must(counted, 'what is an error otherwise is no bad row where such rows are skipped');
          const placed = /:\d+:\d+$/.test(where) || lenient.error !== null;
          must(placed, `a bad row at "${where}", without line and column`);
          const same = lenient.firstBadRow === null || !placed || where.endsWith(`:${lenient.firstBadRow}`);
          must(same, () => `the first bad row is at ${lenient.firstBadRow} where they are skipped, else at "${where}"`);
        } else {
          must(
            lenient.badRows === 0 && lenient.table !== null,
            'a file without bad rows has some where they are skipped',
          );
          const [a, b] = [JSON.stringify(meaningOf(strict.table!)), JSON.stringify(meaningOf(lenient.table))];
          must(a === b, 'where bad rows are skipped it reads another table');
        }
      });
    },
  },
  {
    id: 'L3',
    text: 'what it wrote it reads back, but for what it says that it drops; a first answer with a label is never dropped',
    waived: notBoth,
    check: async (subject) => {
      const { holds = [] } = subject.capabilities;
      const law = (kinds: readonly AnswerKind[]): Promise<void> =>
        forAll(fc.tuple(anyAnswerTable(kinds), fc.boolean()), runsOf(subject), async ([table, withLabels]) => {
          const format = await made(subject);
          const dropped = format.drops?.(outputOf(table)) ?? [];
          const bytes = await written(format, outputOf(table, withLabels));
          const { table: back, error } = await readBack(format, bytes, 1 << 16);
          must(back !== null, () => `refuses what it wrote: ${error!.message}`);
          if (kinds === holds) must(dropped.length === 0, () => `drops ${dropped.join(', ')}`);
          for (const text of dropped) must(text.trim() !== '' && !text.includes('\n'), 'what it drops is not one line');
          const [before, after] = [meaningOf(table), meaningOf(back)];
          if (dropped.length === 0) {
            const [a, b] = [JSON.stringify(before), JSON.stringify(after)];
            must(a === b, () => `says that it drops nothing, and ${a} comes back as ${b}`);
          }
          const there = new Set(after.answers.map(withoutExtras));
          const named = (label: string): boolean => dropped.some((text) => text.includes(JSON.stringify(label)));
          for (const one of firstLabels(table, named)) must(there.has(one), () => `${one} is lost`);
        });
      await law(holds);
      await law(answerKinds);
    },
  },
  {
    id: 'L4',
    text: 'any bytes end in a table or in a QuorateError, and detect says something in 0..1 about them',
    check: (subject) =>
      forAll(
        fc.tuple(anyAnswerTable(answerKinds), fc.array(anyDamage, { minLength: 3, maxLength: 3 }), fc.uint8Array()),
        runsOf(subject),
        async ([table, all, noise]) => {
          const format = await made(subject);
          const bytes = format.write ? await written(format, outputOf(table, true)) : noise;
          for (const one of [noise, ...all.map((damages) => damaged(bytes, damages))]) {
            const sure = format.detect(one, NAME);
            must(sure >= 0 && sure <= 1, `detect says ${sure}`);
            if (!format.read) continue;
            await readBack(format, one, 64);
            await readBack(format, one, 64, true);
          }
        },
      ),
  },
  {
    id: 'L5',
    text: 'detect knows what write wrote, and does not know an empty file; one table, the same bytes',
    waived: unread,
    check: async (subject) => {
      const format = await made(subject);
      const nothing = format.detect(new Uint8Array(0), NAME);
      must(nothing === 0, `detect says ${nothing} about an empty file`);
      if (!format.write) return;
      const bytes = await written(format, outputOf(plainAnswers()));
      const sure = format.detect(bytes.subarray(0, 1 << 16), NAME);
      must(sure > 0.5, `detect says ${sure} about what it wrote`);
      const other = await subject.make(nowhere.setup({ truth: { classOf: Int32Array.of(1) } }));
      const again = await written(other, outputOf(plainAnswers()));
      must(Buffer.compare(bytes, again) === 0, 'writes other bytes the second time');
    },
  },
  disposes(made),
];

function withoutExtras(answer: string): string {
  return JSON.stringify((JSON.parse(answer) as unknown[]).slice(0, 3));
}

/** The first label of each worker for each task, but for the empty text and for words of missing values that are named. */
function firstLabels(table: AnswerTable, named: (label: string) => boolean): string[] {
  const first = new Map<string, string>();
  for (let a = 0; a < table.count; a++) {
    const k = table.label[a]!;
    const key = `${table.item[a]} ${table.worker[a]}`;
    if (k < 0 || first.has(key)) continue;
    const label = String(table.classes[k]);
    if ((missingWords as readonly string[]).includes(label) && named(label)) {
      first.set(key, ',""]');
      continue;
    }
    const [task, worker] = [table.taskIds[table.item[a]!], table.workerIds[table.worker[a]!]];
    first.set(key, JSON.stringify([task, worker, String(table.classes[k])]));
  }
  return [...first.values()].filter((answer) => !answer.endsWith(',""]'));
}

/** Runs every law of `AnswerFormat` against one implementation. */
export function describeAnswerFormat(
  name: string,
  make: Make<AnswerFormat>,
  capabilities: AnswerFormatCapabilities = {},
): void {
  describeLaws(`${name} keeps the AnswerFormat contract`, answerFormatLaws, { make, capabilities });
}
