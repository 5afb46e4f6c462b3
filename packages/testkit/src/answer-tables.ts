import { AnswerTableBuilder, classKey, type AnswerTable, type ClassLabel } from '@quorate/core';
import fc from 'fast-check';

/** What a table may have beside a label from each worker for each task, and a format may be unable to hold. */
export const answerKinds = [
  ...(['skips', 'repeats', 'seconds', 'times', 'gold', 'unanswered', 'emptyLabels', 'missingWords'] as const),
];
export type AnswerKind = (typeof answerKinds)[number];

/** Characters that a format could take for its own. */
const unit = fc.constantFrom(
  ...['a', 'b', 'é', '日', '😀', ' ', ',', ';', '\t', '|', '"', "'", '\\', '\n', '\r', '\r\n', '{', '}', '[', ']', ':'],
  ...['0', '1', '-', '.', '/', '%', '<', '#', '=', '\u2028', '\ufeff', '\ufffd'],
);
const usual = fc.constantFrom(
  't1',
  't2',
  '7',
  '007',
  '1e5',
  '-0',
  'true',
  'null',
  'NaN',
  '__proto__',
  'task',
  'worker',
);
const anyId = fc.oneof(usual, fc.string({ unit, minLength: 1, maxLength: 6 }));
/** Labels that tables of texts read as no label. */
export const missingWords = ['NA', 'NaN', 'None', 'null', '-'] as const;
const anyLabel: fc.Arbitrary<ClassLabel> = fc.oneof(
  anyId.filter((text) => !/^(null|NaN|-+)$/.test(text)),
  fc.integer({ min: -3, max: 12 }),
  fc.constant(0.5),
  fc.boolean(),
);

/** Small random tables with ids and labels of any characters; only of the kinds that are asked for. */
export function anyAnswerTable(kinds: readonly AnswerKind[]): fc.Arbitrary<AnswerTable> {
  const may = (kind: AnswerKind): boolean => kinds.includes(kind);
  const labels = fc.oneof(
    { weight: 4, arbitrary: anyLabel },
    ...(may('emptyLabels') ? [{ weight: 1, arbitrary: fc.constant('') }] : []),
    ...(may('missingWords') ? [{ weight: 1, arbitrary: fc.constantFrom(...missingWords) }] : []),
  );
  const unique = (ids: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
    fc.uniqueArray(ids, { minLength: 1, maxLength: 5 });
  const answer = fc.record({
    task: fc.nat(4),
    worker: fc.nat(4),
    label: fc.nat(4),
    skip: may('skips') ? fc.boolean() : fc.constant(false),
    seconds: may('seconds') ? fc.option(fc.float({ min: 0, max: 1e6, noNaN: true })) : fc.constant(null),
    time: may('times')
      ? fc.option(fc.oneof(fc.constant('2024-05-01T10:00:00Z'), fc.constant('1707211049'), anyId))
      : fc.constant(null),
  });
  return fc
    .record({
      tasks: unique(anyId),
      workers: unique(anyId),
      classes: fc.uniqueArray(labels, { minLength: 1, maxLength: 5, selector: classKey }),
      answers: fc.array(answer, { minLength: 1, maxLength: 12 }),
      gold: may('gold') ? fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 3 }) : fc.constant([]),
    })
    .map(({ tasks, workers, classes, answers, gold }) => {
      const table = new AnswerTableBuilder();
      const said = new Set<string>();
      if (may('unanswered')) for (const task of tasks) table.task(task);
      for (const { task, worker, label, skip, seconds, time } of answers) {
        const [t, w] = [tasks[task % tasks.length]!, workers[worker % workers.length]!];
        if (!may('repeats') && said.has(`${task % tasks.length} ${worker % workers.length}`)) continue;
        said.add(`${task % tasks.length} ${worker % workers.length}`);
        const k = skip ? -1 : table.class(classes[label % classes.length]!);
        table.add(table.task(t), table.worker(w), k, seconds === null ? NaN : Math.fround(seconds), time ?? '');
      }
      for (const [task, label] of gold) {
        const id = tasks[task % tasks.length]!;
        const there = may('unanswered') || answers.some((one) => tasks[one.task % tasks.length] === id);
        if (there) table.setGold(table.task(id), table.class(classes[label % classes.length]!));
      }
      const built = table.build();
      return Object.assign(built, { [fc.toStringMethod]: () => fc.stringify(meaningOf(built)) });
    });
}

/** A whole matrix of answers without anything unusual. */
export function plainAnswers(): AnswerTable {
  const table = new AnswerTableBuilder();
  for (let i = 0; i < 12; i++) {
    for (const worker of ['ann', 'bob', 'cy']) {
      const name = (i * 5 + worker.length) % 3 === 0 ? 'cat' : 'dog';
      table.add(table.task(`item-${i}`), table.worker(worker), table.class(name));
    }
  }
  return table.build();
}

/** What a table says, whatever the order of its tasks, workers, classes and answers. */
export interface Meaning {
  readonly tasks: readonly string[];
  /** `[task, worker, label or null, seconds or null, time]`, each as JSON. */
  readonly answers: readonly string[];
  readonly gold: readonly string[];
}

export function meaningOf(table: AnswerTable): Meaning {
  const { taskIds, workerIds, classes, count, item, worker, label, seconds, time, gold } = table;
  const name = (k: number): string | null => (k < 0 ? null : String(classes[k]));
  const answers: string[] = [];
  for (let a = 0; a < count; a++) {
    const took = seconds === null || Number.isNaN(seconds[a]!) ? null : seconds[a]!;
    const one = [taskIds[item[a]!], workerIds[worker[a]!], name(label[a]!), took, time?.[a] ?? ''];
    answers.push(JSON.stringify(one));
  }
  const truths = taskIds.flatMap((id, i) => (gold && gold[i]! >= 0 ? [JSON.stringify([id, name(gold[i]!)])] : []));
  return { tasks: [...taskIds].sort(), answers: answers.sort(), gold: truths.sort() };
}
