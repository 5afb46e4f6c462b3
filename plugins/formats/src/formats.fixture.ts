import { AnswerTableBuilder, isQuorateError, type AnswerFormat, type AnswerTable } from '@quorate/core';
import plugin from './index.js';

export function formatOf(name: string, options: object = {}): AnswerFormat {
  const component = plugin.components!.find((one) => one.name === name)!;
  return component.create!(component.options.parse(options)) as AnswerFormat;
}

/** The format that is surest of some bytes. */
export function guessedOf(bytes: Uint8Array): string {
  const scores = plugin.components!.map(({ name }) => [formatOf(name).detect(bytes, 'file'), name] as const);
  return scores.reduce((best, one) => (one[0] > best[0] ? one : best))[1];
}

/** The format that is surest of a text. */
export function guessed(text: string): string {
  return guessedOf(Buffer.from(text));
}

export async function read(name: string, text: string, options: object = {}): Promise<AnswerTable> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  const table = new AnswerTableBuilder();
  await formatOf(name, options).read!({ name: 'file', bytes: bytes(), onBadRow: null }, table);
  return table.build();
}

/** `task worker label seconds time` of each answer; a skip is `-`. */
export function rows({
  taskIds,
  workerIds,
  classes,
  count,
  item,
  worker,
  label,
  seconds,
  time,
}: AnswerTable): string[] {
  return Array.from({ length: count }, (_, a) => {
    const took = seconds === null || Number.isNaN(seconds[a]!) ? [] : [`${Number(seconds[a]!.toPrecision(6))}s`];
    const when = time?.[a] ? [time[a]] : [];
    const name = label[a]! < 0 ? '-' : String(classes[label[a]!]);
    return [taskIds[item[a]!], workerIds[worker[a]!], name, ...took, ...when].join(' ');
  });
}

export const golds = ({ taskIds, classes, gold }: AnswerTable): string[] =>
  taskIds.flatMap((id, i) => (gold && gold[i]! >= 0 ? [`${id} ${String(classes[gold[i]!])}`] : []));

export async function refusal(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (thrown) {
    if (isQuorateError(thrown)) return thrown.message;
    throw thrown;
  }
  throw new Error('was not refused');
}
