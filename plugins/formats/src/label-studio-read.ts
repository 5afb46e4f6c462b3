import { QuorateError, rejectRow, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { eachRecord } from './json-members.js';
import { idOf, isObject, labelOf, secondsOf, type JsonObject } from './json-record.js';
import { LABEL_STUDIO, type LabelStudioContext, type LabelStudioOptions } from './label-studio-options.js';
import { parsed, type JsonText } from './lines.js';
import { shown } from './text.js';

/** Reads a JSON or JSON_MIN export, or one task a line. */
export async function readLabelStudioJson(
  input: AnswerInput,
  table: AnswerTableBuilder,
  options: LabelStudioOptions,
): Promise<void> {
  const reader = new TaskReader(input, table, options);
  await eachRecord(input, (member) => {
    const task = parsed(input, member, 'a task of Label Studio');
    if (task === undefined) return;
    if (isObject(task)) reader.task(task, member);
    else rejectRow(input, { ...member, expected: 'a task of Label Studio', got: shown(task) });
  });
  const context = reader.finish();
  table.origin = { format: LABEL_STUDIO, context };
}

class TaskReader {
  #control: string | null;
  #object: string | null = null;
  readonly #data = new Map<string, unknown>();
  /** Whether the control has been there at all, and what was instead of it. */
  #answered = false;
  readonly #others = new Set<string>();

  constructor(
    readonly input: AnswerInput,
    readonly table: AnswerTableBuilder,
    readonly options: LabelStudioOptions,
  ) {
    this.#control = options.control;
  }

  task(task: JsonObject, at: JsonText): void {
    const annotations = task['annotations'] ?? task['completions'];
    if (!Array.isArray(annotations)) return this.#minimal(task, at);
    const id = idOf(task['id']);
    if (id === undefined) return this.#reject(at, 'a task with an id', shown(task['id']));
    const item = this.table.task(id);
    this.#data.set(id, task['data'] ?? {});
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
    if (label === undefined) return this.#reject(at, 'one choice in an annotation', shown(choices), ONE_CHOICE);
    const seconds = secondsOf(annotation['lead_time']);
    if (seconds === null) return this.#reject(at, 'a lead_time in seconds', shown(annotation['lead_time']));
    const k = label === null ? -1 : this.table.class(label);
    const time = annotation['created_at'];
    const annotationId = idOf(annotation['id']) ?? '';
    this.table.add(item, this.table.worker(worker), k, seconds, typeof time === 'string' ? time : '', annotationId);
    // Of several annotations that are called ground truth the first counts.
    if (annotation['ground_truth'] === true && k >= 0 && this.table.goldOf(item) < 0) this.table.setGold(item, k);
  }

  /** All choices of the control, none where it was left empty; undefined where the annotation was rejected. */
  #choices(result: readonly unknown[], at: JsonText): readonly unknown[] | undefined {
    const choices: unknown[] = [];
    for (const region of result) {
      if (!isObject(region) || typeof region['from_name'] !== 'string') continue;
      const { from_name: name, type, to_name: object, value } = region;
      if (type !== 'choices' || (this.options.control !== null && name !== this.options.control)) {
        this.#others.add(`${name} (${String(type)})`);
        continue;
      }
      if (!this.#isControl(name, at)) return undefined;
      if (typeof object === 'string') this.#object ??= object;
      const chosen = isObject(value) ? (value['choices'] ?? []) : [];
      // Choices about regions of a picture or a text come one by one: several are not one class of the task.
      choices.push(...(Array.isArray(chosen) ? (chosen as unknown[]) : [chosen]));
    }
    return choices;
  }

  /** False where a row names another control than those before, and was rejected. */
  #isControl(name: string, at: JsonText): boolean {
    this.#control ??= name;
    if (name === this.#control) return (this.#answered = true);
    const got = `"${this.#control}" and "${name}"`;
    this.#reject(at, 'one <Choices> control', got, 'Say which counts: control=<name>.');
    return false;
  }

  /** A row of JSON_MIN: the data of a task and one annotation side by side. */
  #minimal(row: JsonObject, at: JsonText): void {
    const id = idOf(row['id']);
    const person = row['annotator'];
    if (id === undefined || person === undefined) {
      return this.#reject(at, 'a task with annotations, or one with id and annotator', shown(row));
    }
    const answers = minimalAnswers(Object.keys(row));
    if (this.options.control === null && (answers === null || answers.length > 1)) {
      const got = (answers ?? otherNames(Object.keys(row))).join(', ');
      return this.#reject(at, 'one answer between id and annotator', got, 'Say which: control=<name>.');
    }
    const name = this.options.control ?? answers?.[0];
    let value: unknown = null;
    if (name !== undefined && name in row) {
      if (!this.#isControl(name, at)) return;
      value = row[name];
    } else answers?.forEach((other) => this.#others.add(other));
    const label = labelOf(isObject(value) ? value['choices'] : value);
    if (label === undefined) return this.#reject(at, 'one choice in an annotation', shown(value), ONE_CHOICE);
    const seconds = secondsOf(row['lead_time']);
    if (seconds === null) return this.#reject(at, 'a lead_time in seconds', shown(row['lead_time']));
    const worker = personOf(person);
    // Who annotated is null where nobody did.
    if (worker === undefined && label !== null && label !== '') return this.#reject(at, 'an annotator', shown(person));
    const time = row['created_at'];
    const item = this.table.task(id);
    if (worker !== undefined) {
      const k = label === null || label === '' ? -1 : this.table.class(label);
      const annotationId = idOf(row['annotation_id']) ?? '';
      this.table.add(item, this.table.worker(worker), k, seconds, typeof time === 'string' ? time : '', annotationId);
    }
    const data = Object.entries(row).filter(([key]) => key !== name && !minimalKeys.includes(key));
    this.#data.set(id, Object.fromEntries(data));
  }

  /** Throws ANSWERS_INVALID where there were answers, but to other controls alone. */
  finish(): LabelStudioContext {
    const asked = this.options.control;
    if (!this.#answered && this.#others.size > 0) {
      throw new QuorateError('ANSWERS_INVALID', {
        where: this.input.name,
        expected: asked === null ? 'answers of <Choices>' : `answers of <Choices name="${asked}">`,
        got: `none, but ${[...this.#others].slice(0, 5).join(', ')}`,
        fix:
          asked === null
            ? 'Only <Choices> are read: nothing else gives a task one class.'
            : 'Correct control=<name>; only <Choices> are read.',
      });
    }
    return { control: this.#control, object: this.#object, others: [...this.#others], data: this.#data };
  }

  #reject(at: JsonText, expected: string, got: string, fix?: string): void {
    const problem = { line: at.line, column: at.column, expected, got };
    rejectRow(this.input, fix === undefined ? problem : { ...problem, fix });
  }
}

const ONE_CHOICE = 'Skip annotations with several choices with --skip-bad-rows, or ask for choice="single".';

/** What JSON_MIN and CSV put around the answers. */
const minimalKeys = [
  'id',
  'annotator',
  'annotation_id',
  'created_at',
  'updated_at',
  'lead_time',
  'agreement',
  'history',
];

/** The columns of a row of JSON_MIN or CSV that are data or answers. */
export function otherNames(names: readonly string[]): readonly string[] {
  return names.filter((name) => !minimalKeys.includes(name));
}

/** The answers of JSON_MIN, which are between `id` and `annotator`; null where the names are in another order. */
export function minimalAnswers(names: readonly string[]): readonly string[] | null {
  const from = names.indexOf('id');
  const to = names.indexOf('annotator');
  return from < to ? names.slice(from + 1, to) : null;
}

/** Who annotated: a number, an address, or an object with both, of which the address stays the same elsewhere. */
function personOf(value: unknown): string | undefined {
  return isObject(value) ? (idOf(value['email']) ?? idOf(value['id'])) : idOf(value);
}
