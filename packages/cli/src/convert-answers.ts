import { resolve } from 'node:path';
import { classKey, type AnswerOutput, type AnswerTable, type ClassLabel } from '@quorate/core';
import { Inputs, findPlugins } from '@quorate/host';
import { readAnswers, readLabels, writeAnswers } from '@quorate/consensus';
import type { readingOf } from './answers/reading-flags.js';
import { prepareRequest } from './prepare-request.js';
import { readingJson, readingLines } from './terminal/reading-view.js';

export interface ConvertRequest {
  readonly source: string;
  readonly target: string;
  readonly from: string | null;
  readonly to: string | null;
  /** File of labels; null: the answers alone. */
  readonly labels: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly targetOptions: Readonly<Record<string, unknown>>;
  readonly skipBadRows: boolean;
  readonly reading: ReturnType<typeof readingOf>;
  readonly config: string | undefined;
  readonly signal: AbortSignal;
  readonly onNote: (message: string) => void;
  /** What was taken for what, in lines for people. */
  readonly onRead: (lines: readonly string[]) => void;
}

/** Reads all of one file, then writes the other. */
export async function convertAnswers(request: ConvertRequest): Promise<ConvertRecord> {
  const { source, target, labels, config, signal, skipBadRows, onNote } = request;
  const cwd = process.cwd();
  const { registry: loaded, file } = await findPlugins(prepareRequest({ words: [], config }));
  const inputs = new Inputs(file === null ? [] : [file]);
  for (const name of [source, ...(labels === null ? [] : [labels])]) inputs.add(resolve(cwd, name), name);
  const where = { loaded, cwd, stdin: process.stdin, skipBadRows };
  const { reading } = request;
  const answers = await readAnswers({ ...where, ...reading, source, format: request.from, options: request.options });
  const known = labels === null ? null : await readLabels({ ...where, source: labels, format: null, options: {} });
  const output = known === null ? { answers, labels: null, notes: [] } : withLabels(answers, known, labels!);
  const { format, dropped } = await writeAnswers({
    answers: output.answers,
    labels: output.labels,
    date: new Date().toISOString(),
    target,
    stdout: process.stdout,
    format: request.to,
    options: request.targetOptions,
    loaded,
    cwd,
    inputs,
    onNote,
    signal,
  });
  const read = [{ name: source === '-' ? 'stdin' : source, table: answers }];
  request.onRead(readingLines(read));
  return {
    from: source,
    to: target,
    format,
    answers: answers.count,
    tasks: answers.taskIds.length,
    workers: answers.workerIds.length,
    classes: answers.classes,
    badRows: answers.badRows,
    dropped: [...dropped, ...output.notes],
    read: readingJson(read),
    notes: answers.reading.notes,
  };
}

/** The answers with labels of their tasks; classes that nobody answered are added. */
function withLabels(
  answers: AnswerTable,
  known: ReadonlyMap<string, { readonly label: ClassLabel; readonly confidence: number }>,
  file: string,
): Pick<AnswerOutput, 'answers' | 'labels'> & { readonly notes: readonly string[] } {
  const { taskIds } = answers;
  const classes = [...answers.classes];
  const indexOf = new Map(classes.map((name, k) => [classKey(name), k]));
  const label = new Int32Array(taskIds.length).fill(-1);
  const confidence = new Float64Array(taskIds.length);
  let used = 0;
  taskIds.forEach((task, i) => {
    const one = known.get(task);
    if (!one) return;
    used++;
    let k = indexOf.get(classKey(one.label));
    if (k === undefined) {
      k = classes.push(one.label) - 1;
      indexOf.set(classKey(one.label), k);
    }
    label[i] = k;
    confidence[i] = one.confidence;
  });
  const foreign = known.size - used;
  const notes = foreign > 0 ? [`${foreign} labels in ${file} of tasks that are not in the answers`] : [];
  return { answers: { ...answers, classes }, labels: { label, confidence }, notes };
}

/** What `--json` prints. */
export interface ConvertRecord {
  readonly from: string;
  readonly to: string;
  readonly format: string;
  readonly answers: number;
  readonly tasks: number;
  readonly workers: number;
  readonly classes: readonly ClassLabel[];
  readonly badRows: number;
  /** What the target cannot hold. */
  readonly dropped: readonly string[];
  /** What was taken for what. */
  readonly read: readonly unknown[];
  readonly notes: readonly string[];
}
