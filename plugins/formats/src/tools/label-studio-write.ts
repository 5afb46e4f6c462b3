import type { AnswerOutput } from '@quorate/core';
import { grouped, losses } from '../table/by-task.js';
import { idJson } from '../json/json-record.js';
import { LABEL_STUDIO, type LabelStudioContext, type LabelStudioOptions } from './label-studio-options.js';
import { shortestFloat } from '../text.js';

const VERSION = 'quorate';

/**
 * Tasks with all their annotations and, where there are labels, one prediction each, in the shape that Label Studio
 * imports: the names of the controls and the data of the tasks are those of the export that the answers came from, so
 * that its label config accepts them.
 */
export function* writeLabelStudio({ answers, labels }: AnswerOutput, options: LabelStudioOptions): Generator<string> {
  const { taskIds, workerIds, classes, worker, label, seconds, time, gold } = answers;
  const context = contextOf(answers.origin);
  const from = JSON.stringify(options.control ?? context?.control ?? 'label');
  const to = JSON.stringify(options.object ?? context?.object ?? 'text');
  const names = classes.map((name) => JSON.stringify(String(name)));
  const result = (k: number): string =>
    k < 0 ? '[]' : `[{"from_name":${from},"to_name":${to},"type":"choices","value":{"choices":[${names[k]}]}}]`;
  const { start, order } = grouped(answers, 'item');
  yield '[';
  for (let i = 0; i < taskIds.length; i++) {
    const id = taskIds[i]!;
    const data = context?.data.get(id) ?? { [options.data]: id };
    const annotations: string[] = [];
    let truth = gold?.[i] ?? -1;
    for (let x = start[i]!; options.annotations && x < start[i + 1]!; x++) {
      const a = order[x]!;
      const k = label[a]!;
      let one = `{"completed_by":${personJson(workerIds[worker[a]!]!)},"result":${result(k)},"was_cancelled":${k < 0}`;
      one += `,"ground_truth":${k >= 0 && k === truth}`;
      if (k === truth) truth = -1;
      if (seconds && !Number.isNaN(seconds[a]!)) one += `,"lead_time":${shortestFloat(seconds[a]!)}`;
      if (time && time[a] !== '') one += `,"created_at":${JSON.stringify(time[a])}`;
      annotations.push(`${one}}`);
    }
    let task = `{"id":${idJson(id)},"data":${JSON.stringify(data)},"annotations":[${annotations.join(',')}]`;
    const k = labels?.label[i] ?? -1;
    if (k >= 0) {
      const score = labels!.confidence[i]!;
      task += `,"predictions":[{"model_version":"${VERSION}","score":${score},"result":${result(k)}}]`;
    }
    yield `${i === 0 ? '\n' : ',\n'}${task}}`;
  }
  yield '\n]\n';
}

/** Label Studio imports a number of a member, or an object with an address, and refuses a text. */
function personJson(id: string): string {
  const json = idJson(id);
  return json.startsWith('"') ? `{"email":${json}}` : json;
}

function contextOf(origin: AnswerOutput['answers']['origin']): LabelStudioContext | null {
  return origin?.format === LABEL_STUDIO ? (origin.context as LabelStudioContext) : null;
}

/** What is lost, and what the export that was read did not say and its label config asks for. */
export function labelStudioDrops({ answers }: AnswerOutput, { annotations, object }: LabelStudioOptions): string[] {
  const lost = annotations ? unsaidGold(answers) : losses(answers, ['gold']);
  if (!annotations && answers.count > 0) lost.unshift(`${answers.count} answers (annotations=false)`);
  const context = contextOf(answers.origin);
  if (annotations && context && context.others.length > 0) lost.push(`the results of ${context.others.join(', ')}`);
  if (!context || context.control === null || context.object !== null) return lost;
  if (object === null)
    lost.push('the name of what is labelled, which only the JSON export has (it becomes "text"; to.object=<name>)');
  if (context.data.size === 0) lost.push('the data of the tasks, which is not read from CSV (export as JSON)');
  return lost;
}

/** A gold label is a flag of an annotation: without an annotation that says it there is none. */
function unsaidGold(answers: AnswerOutput['answers']): string[] {
  const { gold, taskIds } = answers;
  if (!gold || losses(answers, ['gold']).length === 0) return [];
  const said = new Uint8Array(taskIds.length);
  for (let a = 0; a < answers.count; a++) if (answers.label[a]! === gold[answers.item[a]!]) said[answers.item[a]!] = 1;
  let lost = 0;
  for (let i = 0; i < taskIds.length; i++) if (gold[i]! >= 0 && said[i] === 0) lost++;
  return lost > 0 ? [`${lost} gold labels that no answer gave`] : [];
}
