import { rejectRow, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { eachMember } from './json-members.js';
import { idOf, isObject, labelOf, secondsOf, type JsonObject } from './json-record.js';
import { LABEL_STUDIO, type LabelStudioContext, type LabelStudioOptions } from './label-studio-options.js';
import { parsed, type JsonText } from './lines.js';
import { shown } from './text.js';

/** Reads a JSON or JSON_MIN export. */
export async function readLabelStudioJson(
  input: AnswerInput,
  table: AnswerTableBuilder,
  options: LabelStudioOptions,
): Promise<void> {
  const reader = new TaskReader(input, table, options);
  await eachMember(input, '[', (member) => {
    const task = parsed(input, member, 'a task of Label Studio');
    if (task === undefined) return;
    if (isObject(task)) reader.task(task, member);
    else rejectRow(input, { ...member, expected: 'a task of Label Studio', got: shown(task) });
  });
  const context: LabelStudioContext = { control: reader.control, object: reader.object, data: reader.data };
  table.origin = { format: LABEL_STUDIO, context };
}

class TaskReader {
  control: string | null;
  object: string | null = null;
  readonly data = new Map<string, unknown>();

  constructor(
    readonly input: AnswerInput,
    readonly table: AnswerTableBuilder,
    readonly options: LabelStudioOptions,
  ) {
    this.control = options.control;
  }

  task(task: JsonObject, at: JsonText): void {
    const annotations = task['annotations'] ?? task['completions'];
    if (!Array.isArray(annotations)) return this.#minimal(task, at);
    const id = idOf(task['id']);
    if (id === undefined) return this.#reject(at, 'a task with an id', shown(task['id']));
    const item = this.table.task(id);
    this.data.set(id, task['data'] ?? {});
    for (const annotation of annotations as unknown[]) {
      if (isObject(annotation)) this.#annotation(item, annotation, at);
      else this.#reject(at, 'an annotation', shown(annotation));
    }
  }

  #annotation(item: number, annotation: JsonObject, at: JsonText): void {
    const worker = personOf(annotation['completed_by']);
    if (worker === undefined) {
      return this.#reject(at, 'an annotation with completed_by', shown(annotation['completed_by']));
    }
    const result = annotation['result'] ?? [];
    if (!Array.isArray(result)) return this.#reject(at, 'a list of results', shown(result));
    const choices = this.#choices(result, at);
    if (choices === undefined) return;
    const cancelled = annotation['was_cancelled'] === true || annotation['skipped'] === true;
    const label = cancelled ? null : labelOf(choices);
    if (label === undefined) return this.#reject(at, 'one choice in an annotation', shown(choices));
    const seconds = secondsOf(annotation['lead_time']);
    if (seconds === null) return this.#reject(at, 'a lead_time in seconds', shown(annotation['lead_time']));
    const k = label === null ? -1 : this.table.class(label);
    const time = annotation['created_at'];
    this.table.add(item, this.table.worker(worker), k, seconds, typeof time === 'string' ? time : '');
    // Of several annotations that are called ground truth the first counts.
    if (annotation['ground_truth'] === true && k >= 0 && this.table.goldOf(item) < 0) this.table.setGold(item, k);
  }

  /** The choices of the control, null where it was left empty, undefined where the annotation was rejected. */
  #choices(result: readonly unknown[], at: JsonText): unknown {
    let choices: unknown = null;
    for (const region of result) {
      if (!isObject(region) || region['type'] !== 'choices' || typeof region['from_name'] !== 'string') continue;
      const name = region['from_name'];
      this.control ??= name;
      if (name !== this.control) {
        if (this.options.control !== null) continue;
        this.#reject(
          at,
          'one <Choices> control',
          `"${this.control}" and "${name}"`,
          'Say which counts: control=<name>.',
        );
        return undefined;
      }
      if (typeof region['to_name'] === 'string') this.object ??= region['to_name'];
      const value = region['value'];
      choices = isObject(value) ? (value['choices'] ?? null) : null;
    }
    return choices;
  }

  /** A row of JSON_MIN: the data of a task and one annotation side by side. */
  #minimal(row: JsonObject, at: JsonText): void {
    const id = idOf(row['id']);
    const worker = personOf(row['annotator']);
    const control = this.control ?? minimalControl(Object.keys(row));
    if (id === undefined || worker === undefined) {
      return this.#reject(at, 'a task with annotations, or one with id and annotator', shown(row));
    }
    if (typeof control !== 'string') {
      return this.#reject(at, 'one answer between id and annotator', control.join(', '), 'Say which: control=<name>.');
    }
    this.control = control;
    const value = row[control];
    const label = labelOf(isObject(value) ? value['choices'] : value);
    if (label === undefined) return this.#reject(at, 'one choice in an annotation', shown(value));
    const seconds = secondsOf(row['lead_time']);
    if (seconds === null) return this.#reject(at, 'a lead_time in seconds', shown(row['lead_time']));
    const time = row['created_at'];
    // A skip is a choice of nothing, as is a blank that CSV left.
    const k = label === null || label === '' ? -1 : this.table.class(label);
    const item = this.table.task(id);
    this.table.add(item, this.table.worker(worker), k, seconds, typeof time === 'string' ? time : '');
    const { [control]: _answer, ...data } = row;
    for (const key of minimalKeys) delete (data as Record<string, unknown>)[key];
    this.data.set(id, data);
  }

  #reject(at: JsonText, expected: string, got: string, fix?: string): void {
    const problem = { line: at.line, column: at.column, expected, got };
    rejectRow(this.input, fix === undefined ? problem : { ...problem, fix });
  }
}

/** What JSON_MIN and CSV put around the answers. */
const minimalKeys = ['id', 'annotator', 'annotation_id', 'created_at', 'updated_at', 'lead_time', 'agreement'];

/** The answer in a row of JSON_MIN or CSV: what is between `id` and `annotator`; all candidates where it is not one. */
export function minimalControl(names: readonly string[]): string | readonly string[] {
  const from = names.indexOf('id');
  const to = names.indexOf('annotator');
  const between = from < to ? names.slice(from + 1, to) : [];
  if (between.length === 1) return between[0]!;
  const others = names.filter((name) => !minimalKeys.includes(name));
  return between.length > 1 ? between : others;
}

/** Who annotated: a number, an address, or an object with both, of which the address stays the same elsewhere. */
function personOf(value: unknown): string | undefined {
  return isObject(value) ? (idOf(value['email']) ?? idOf(value['id'])) : idOf(value);
}
