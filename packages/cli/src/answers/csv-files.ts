import type { CarriedColumn, ClassLabel } from '@quorate/core';
import type { Consensus, Labels, WorkerReport } from '@quorate/consensus';

/** A field as RFC 4180 wants it: quoted where it holds a comma, a quote or a line break. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A number with at most six decimals; nothing for null. */
function cell(x: number | null): string {
  return x === null ? '' : String(Math.round(x * 1e6) / 1e6);
}

/**
 * `labels.csv`: a line per task, in the order of the input. The column `gold` is there when gold was given; `sure` is empty
 * where confidence is not calibrated, and `confidence_is` says which one it is. Columns that go along come last.
 */
export function* labelLines(
  { answers, gold }: Consensus,
  labels: Labels,
  carried: readonly CarriedColumn[] = [],
): Generator<string, void, undefined> {
  const names = answers.classes.map((label) => csvField(String(label)));
  const header = `task,label,confidence,annotations,margin,runner_up,needs_review${gold ? ',gold' : ''},sure,confidence_is`;
  const own = header.split(',');
  const further = carried.map(({ name }) => `,${csvField(own.includes(name) ? `${name}_of_the_file` : name)}`);
  yield `${header}${further.join('')}\n`;
  for (const [i, task] of answers.taskIds.entries()) {
    const label = labels.label[i]! < 0 ? '' : names[labels.label[i]!]!;
    const next = labels.runnerUp[i]! < 0 ? '' : names[labels.runnerUp[i]!]!;
    yield (
      `${csvField(task)},${label},${cell(labels.confidence[i]!)},${labels.annotations[i]!},${cell(labels.margin[i]!)},` +
      `${next},${labels.needsReview[i] === 1}${gold ? `,${labels.gold[i] === 1}` : ''},` +
      `${labels.label[i]! < 0 ? ',' : `${cell(labels.sure?.[i] ?? null)},${confidenceIs(labels, i)}`}` +
      `${carried.map(({ values }) => `,${csvField(values[i] ?? '')}`).join('')}\n`
    );
  }
}

/** Of a task with a label. */
function confidenceIs({ gold, confidenceIs }: Labels, i: number): string {
  return gold[i] === 1 ? 'gold' : confidenceIs;
}

/** `proba.csv`: P(class | answers) of every task, a column per class. Nothing in it where nothing is known of a task. */
export function* probabilityLines(
  { answers, posterior }: Consensus,
  labels: Labels,
): Generator<string, void, undefined> {
  const K = answers.classes.length;
  yield `${['task', ...answers.classes.map(String)].map(csvField).join(',')}\n`;
  for (const [i, task] of answers.taskIds.entries()) {
    let line = csvField(task);
    for (let k = 0; k < K; k++) line += labels.label[i]! < 0 ? ',' : `,${Number(posterior[i * K + k]!.toPrecision(9))}`;
    yield `${line}\n`;
  }
}

const workerHeader =
  'worker,answers,skips,compared,agreement,skill,skill_low,skill_high,model_skill,' +
  'confused_class,confused_with,confused_share,flags,evidence\n';

/** `workers.csv`: a line per worker, in the order of the input. */
export function* workerLines(workers: readonly WorkerReport[]): Generator<string, void, undefined> {
  yield workerHeader;
  for (const one of workers) {
    const worst = one.worstConfusion;
    yield (
      [
        csvField(one.worker),
        one.answers,
        one.skips,
        one.compared,
        cell(one.agreement),
        cell(one.skill),
        cell(one.skillLow),
        cell(one.skillHigh),
        cell(one.modelSkill),
        worst ? nameField(worst.from) : '',
        worst ? nameField(worst.to) : '',
        cell(worst?.share ?? null),
        one.flags.map(({ flag }) => flag).join(';'),
        csvField(one.flags.map(({ flag, evidence, p }) => `${flag}: ${evidence} (p ${probability(p)})`).join('; ')),
      ].join() + '\n'
    );
  }
}

function nameField(label: ClassLabel): string {
  return csvField(String(label));
}

/** `= 0.0031`, `< 1e-300`. */
export function probability(p: number): string {
  return p < 1e-300 ? '< 1e-300' : `= ${p.toPrecision(2)}`;
}
