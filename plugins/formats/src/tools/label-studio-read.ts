import { QuorateError, rejectRow, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { peekBytes } from '@quorate/core/bytes';
import { eachRecord, firstRecords } from '../json/json-members.js';
import { idOf, isObject, secondsOf, type JsonObject } from '../json/json-record.js';
import { parsed, type JsonText } from '../json/lines.js';
import { shown } from '../text.js';
import { Fields } from './fields.js';
import { LABEL_STUDIO, type LabelStudioContext, type LabelStudioOptions } from './label-studio-options.js';
import { chosenIn, classOf, controlOf, controlsIn, isReadable, pathsOf, type Several } from './label-studio-result.js';

/** Reads a JSON or JSON_MIN export, one task a line, or the file of one annotation that a cloud storage gets. */
export async function readLabelStudioJson(
  input: AnswerInput,
  table: AnswerTableBuilder,
  options: LabelStudioOptions,
): Promise<void> {
  const { head, bytes } = await peekBytes(input.bytes, 1 << 18);
  const reader = new TaskReader(input, table, options, controlOf(controlsIn(firstRecords(head, 1000))));
  await eachRecord({ ...input, bytes }, (member) => {
    const task = parsed(input, member, 'a task of Label Studio');
    if (task === undefined) return;
    if (isObject(task)) reader.record(task, member);
    else rejectRow(input, { ...member, expected: 'a task of Label Studio', got: shown(task) });
  });
  const context = reader.finish();
  table.origin = { format: LABEL_STUDIO, context: merged(table.origin?.context, context) };
}

/** Of several files, as a cloud storage has them, the data of all tasks. */
function merged(before: unknown, now: LabelStudioContext): LabelStudioContext {
  if (!isObject(before)) return now;
  const { data } = before as unknown as LabelStudioContext;
  return { ...now, data: new Map([...data, ...now.data]) };
}

class TaskReader {
  readonly #fields: Fields;
  /** The control that was asked for; null: the only one. */
  readonly #asked: string | null;
  readonly #several: Several;
  #control: string | null;
  #object: string | null = null;
  readonly #data = new Map<string, unknown>();
  /** Whether the control has been there at all, and what was instead of it. */
  #answered = false;
  readonly #others = new Set<string>();

  constructor(
    readonly input: AnswerInput,
    readonly table: AnswerTableBuilder,
    options: LabelStudioOptions,
    likely: string | null,
  ) {
    this.#fields = new Fields(options.columns, input);
    this.#asked = options.control ?? this.#fields.label;
    this.#control = this.#asked ?? likely;
    this.#several = { set: options.several === 'set', choice: options.choice };
  }

  record(record: JsonObject, at: JsonText): void {
    const annotations = record['annotations'] ?? record['completions'];
    if (Array.isArray(annotations)) return this.#task(record, annotations, at);
    if (Array.isArray(record['result'])) return this.#stored(record, at);
    this.#minimal(record, at);
  }

  #task(task: JsonObject, annotations: readonly unknown[], at: JsonText): void {
    const item = this.#item(task, task, at);
    if (item === undefined) return;
    const { drafts } = task;
    if (Array.isArray(drafts) && drafts.length > 0) this.table.leave('drafts', drafts.length);
    for (const annotation of annotations) {
      this.table.rows++;
      if (isObject(annotation)) this.#annotation(item, annotation, at);
      else this.#reject(at, 'an annotation', shown(annotation));
    }
  }

  /** One annotation, with its task in it or the id of its task. */
  #stored(annotation: JsonObject, at: JsonText): void {
    this.table.rows++;
    const { task } = annotation;
    const item = this.#item(isObject(task) ? task : { id: task }, isObject(task) ? task : {}, at);
    if (item !== undefined) this.#annotation(item, annotation, at);
  }

  #item(task: JsonObject, holder: JsonObject, at: JsonText): number | undefined {
    const id = this.#fields.taskOf(task, idOf(task['id']));
    if (id === undefined || id === '') {
      const { expected, got, fix } = this.#fields.missingTask(task);
      this.#reject(at, this.#fields.task === null ? 'a task with an id' : expected, got, fix);
      return undefined;
    }
    const item = this.table.task(id);
    this.#data.set(id, holder['data'] ?? {});
    this.#fields.carry(this.table, item, task);
    return item;
  }

  #annotation(item: number, annotation: JsonObject, at: JsonText): void {
    const worker = this.#fields.workerOf(annotation, personOf(annotation['completed_by']));
    if (worker === undefined) {
      return this.#reject(at, 'an annotation with completed_by', shown(annotation['completed_by']), Fields.NOBODY);
    }
    const result = annotation['result'] ?? [];
    if (!Array.isArray(result)) return this.#reject(at, 'a list of results', shown(result));
    const chosen = this.#chosen(result, at);
    if (chosen === undefined) return;
    const cancelled = annotation['was_cancelled'] === true || annotation['skipped'] === true;
    const label = cancelled ? null : classOf(chosen, this.#several);
    if (label === undefined) return this.#reject(at, 'one choice in an annotation', shown(chosen), SEVERAL);
    const seconds = secondsOf(annotation['lead_time']);
    if (seconds === null) return this.#reject(at, 'a lead_time in seconds', shown(annotation['lead_time']));
    const k = label === null ? -1 : this.table.class(label);
    const time = annotation['created_at'];
    const annotationId = idOf(annotation['id']) ?? '';
    this.table.add(item, this.table.worker(worker), k, seconds, typeof time === 'string' ? time : '', annotationId);
    // Of several annotations that are called ground truth the first counts.
    if (annotation['ground_truth'] === true && k >= 0 && this.table.goldOf(item) < 0) this.table.setGold(item, k);
  }

  /** All that was chosen with the control, nothing where it was left empty; undefined where the annotation was rejected. */
  #chosen(result: readonly unknown[], at: JsonText): readonly unknown[] | undefined {
    const chosen: unknown[] = [];
    for (const region of result) {
      if (!isObject(region) || typeof region['from_name'] !== 'string') continue;
      const { from_name: name, type, to_name: object, value } = region;
      const counts =
        isReadable(type) &&
        (this.#asked !== null ? name === this.#asked : type === 'choices' || name === this.#control);
      if (!counts) {
        this.#others.add(`${name} (${String(type)})`);
        continue;
      }
      if (!this.#isControl(name, at)) return undefined;
      if (typeof object === 'string') this.#object ??= object;
      // Choices about regions of a picture or a text come one by one: several are not one class of the task.
      chosen.push(...chosenIn(type, value));
    }
    return chosen;
  }

  /** False where a row names another control than those before, and was rejected. */
  #isControl(name: string, at: JsonText): boolean {
    this.#control ??= name;
    if (name === this.#control) return (this.#answered = true);
    const got = `"${this.#control}" and "${name}"`;
    this.#reject(at, 'one <Choices> control', got, `Say which counts: --columns label=${name}.`);
    return false;
  }

  /** A row of JSON_MIN: the data of a task and one annotation side by side. */
  #minimal(row: JsonObject, at: JsonText): void {
    this.table.rows++;
    const usual = idOf(row['id']);
    const person = row['annotator'];
    if (usual === undefined || (person === undefined && this.input.worker === undefined)) {
      return this.#reject(at, 'a task with annotations, or one with id and annotator', shown(row));
    }
    const answers = minimalAnswers(Object.keys(row));
    if (this.#asked === null && (answers === null || answers.length > 1)) {
      const names = answers ?? otherNames(Object.keys(row));
      const fix = `Say which: --columns label=${names[0] ?? '<name>'}.`;
      return this.#reject(at, 'one answer between id and annotator', names.join(', '), fix);
    }
    const name = this.#asked ?? answers?.[0];
    let value: unknown = null;
    if (name !== undefined && name in row) {
      if (!this.#isControl(name, at)) return;
      value = row[name];
    } else answers?.forEach((other) => this.#others.add(other));
    const label = classOf(minimalChoices(value), this.#several);
    if (label === undefined) return this.#reject(at, 'one choice in an annotation', shown(value), SEVERAL);
    const seconds = secondsOf(row['lead_time']);
    if (seconds === null) return this.#reject(at, 'a lead_time in seconds', shown(row['lead_time']));
    const worker = this.#fields.workerOf(row, personOf(person));
    // Who annotated is null where nobody did.
    if (worker === undefined && label !== null && label !== '')
      return this.#reject(at, 'an annotator', shown(person), Fields.NOBODY);
    const id = this.#fields.taskOf(row, usual);
    if (id === undefined || id === '') {
      const { expected, got, fix } = this.#fields.missingTask(row);
      return this.#reject(at, expected, got, fix);
    }
    const time = row['created_at'];
    const item = this.table.task(id);
    this.#fields.carry(this.table, item, row);
    if (worker !== undefined) {
      const k = label === null || label === '' ? -1 : this.table.class(label);
      const annotationId = idOf(row['annotation_id']) ?? '';
      this.table.add(item, this.table.worker(worker), k, seconds, typeof time === 'string' ? time : '', annotationId);
    } else this.table.leave('rows that nobody annotated');
    const data = Object.entries(row).filter(([key]) => key !== name && !minimalKeys.includes(key));
    this.#data.set(id, Object.fromEntries(data));
  }

  /** Throws ANSWERS_INVALID where there were answers, but to other controls alone. */
  finish(): LabelStudioContext {
    const asked = this.#asked;
    if (!this.#answered && this.#others.size > 0) {
      const others = [...this.#others].slice(0, 5);
      const usable = others
        .find((one) => /\((choices|taxonomy|rating|number|pairwise)\)$/.test(one))
        ?.replace(/ \(\w+\)$/, '');
      const some = usable ?? (others[0]!.includes('(') ? undefined : others[0]);
      throw new QuorateError('ANSWERS_INVALID', {
        where: this.input.name,
        expected: asked === null ? 'answers of one <Choices>' : `answers of <Choices name="${asked}">`,
        got: `none, but ${others.join(', ')}`,
        fix:
          some === undefined
            ? 'Choices, taxonomies, ratings, numbers and pairs are read: nothing else gives a task one class.'
            : `Say which counts: --columns label=${some}.`,
      });
    }
    this.#fields.tell(this.table, {
      task: 'id',
      worker: 'completed_by',
      label: this.#control,
      others: [...this.#others],
    });
    return { control: this.#control, object: this.#object, others: [...this.#others], data: this.#data };
  }

  #reject(at: JsonText, expected: string, got: string, fix?: string): void {
    const problem = { line: at.line, column: at.column, expected, got };
    rejectRow(this.input, fix === undefined ? problem : { ...problem, fix });
  }
}

const SEVERAL =
  'A task has one class here; several at once (multi-label) are not supported. Ask about one choice (format.choice=<choice>), or take each set of choices for a class (format.several=set).';

function minimalChoices(value: unknown): readonly unknown[] {
  const given = isObject(value) ? (value['choices'] ?? value['taxonomy'] ?? value['rating'] ?? value) : value;
  if (given === null || given === undefined) return [];
  if (Array.isArray(given) && given.some(Array.isArray)) return pathsOf(given);
  return Array.isArray(given) ? (given as unknown[]) : [given];
}

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
