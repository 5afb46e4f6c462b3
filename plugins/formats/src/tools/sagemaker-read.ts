import { rejectRow, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { eachRecord } from '../json/json-members.js';
import { idOf, isObject, secondsOf, type JsonObject } from '../json/json-record.js';
import { parsed, readJson, type JsonText } from '../json/lines.js';
import { formAnswer } from '../table/task-answers.js';
import { shown } from '../text.js';
import { Fields } from './fields.js';
import type { SagemakerOptions } from './sagemaker-options.js';

/** Reads answers of workers, or the labels of a job, whichever a record has. */
export async function readSagemaker(
  input: AnswerInput,
  table: AnswerTableBuilder,
  options: SagemakerOptions,
): Promise<void> {
  const reader = new RecordReader(input, table, options);
  await eachRecord(input, (member) => {
    const record = parsed(input, member, 'a record of SageMaker');
    if (record === undefined) return;
    if (isObject(record)) reader.record(record, member);
    else rejectRow(input, { ...member, expected: 'a record of SageMaker', got: shown(record) });
  });
  reader.finish();
}

class RecordReader {
  readonly #fields: Fields;
  #task = 'datasetObjectId';
  #label: string | null = null;
  #gold: string | null = null;

  constructor(
    readonly input: AnswerInput,
    readonly table: AnswerTableBuilder,
    readonly options: SagemakerOptions,
  ) {
    this.#fields = new Fields(options.columns, input);
  }

  record(record: JsonObject, at: JsonText): void {
    const { humanAnswers, answers, annotations } = record;
    if (Array.isArray(humanAnswers)) return this.#answers(record, 'humanLoopName', humanAnswers, at);
    if (Array.isArray(answers)) return this.#answers({ ...record, folder: this.#folder() }, 'folder', answers, at);
    if (Array.isArray(annotations)) return this.#answers(record, 'datasetObjectId', annotations, at);
    const all = Object.values(record).find(
      (value) => isObject(value) && Array.isArray(value['annotationsFromAllWorkers']),
    ) as JsonObject | undefined;
    if (all) return this.#answers(record, this.#source(record), all['annotationsFromAllWorkers'] as unknown[], at);
    this.#labelled(record, at);
  }

  finish(): void {
    const task = this.#task === 'folder' ? 'the folder of the file' : this.#task;
    this.#fields.tell(this.table, { task, worker: 'workerId', label: this.#label });
    if (this.#gold !== null) this.table.took({ gold: this.#gold, ...(this.table.count === 0 ? { worker: null } : {}) });
  }

  /** Ground Truth puts the responses to a task into a folder with its number. */
  #folder(): string | undefined {
    const parts = this.input.name.split(/[\\/]/);
    const folder = parts.at(-2);
    return folder !== undefined && /^\d+$/.test(folder) ? folder : parts.at(-1)?.replace(/\.json$/, '');
  }

  #source(record: JsonObject): string {
    return 'source-ref' in record ? 'source-ref' : 'source';
  }

  #item(record: JsonObject, key: string, at: JsonText): number | undefined {
    this.#task = key;
    const id = this.#fields.taskOf(record, idOf(record[key]));
    if (id === undefined || id === '') {
      const { expected, got, fix } = this.#fields.missingTask(record);
      rejectRow(this.input, { ...at, expected, got, fix });
      return undefined;
    }
    const item = this.table.task(id);
    this.#fields.carry(this.table, item, record);
    return item;
  }

  #answers(record: JsonObject, key: string, answers: readonly unknown[], at: JsonText): void {
    const item = this.#item(record, key, at);
    if (item === undefined) return;
    for (const one of answers) {
      this.table.rows++;
      const reject = (expected: string, got: unknown, fix?: string): void =>
        rejectRow(this.input, {
          line: at.line,
          column: at.column,
          expected,
          got: shown(got),
          ...(fix === undefined ? {} : { fix }),
        });
      if (!isObject(one)) {
        reject('an answer of a worker', one);
        continue;
      }
      const worker = this.#fields.workerOf(one, idOf(one['workerId']));
      const content = contentOf(one);
      if (worker === undefined) reject('a workerId', one['workerId'], Fields.NOBODY);
      else if (content === undefined) reject('the content of an answer', one);
      else {
        this.#label ??= Object.keys(content)[0] ?? null;
        const label = formAnswer(content, this.#fields.label);
        const seconds = secondsOf(one['timeSpentInSeconds']);
        if (label === undefined)
          reject(
            'one label',
            content,
            `Say which field counts: --columns label=${Object.keys(content)[0] ?? '<name>'}.`,
          );
        else {
          const time = one['submissionTime'];
          this.table.add(
            item,
            this.table.worker(worker),
            label === null ? -1 : this.table.class(label),
            seconds ?? NaN,
            typeof time === 'string' ? time : '',
          );
        }
      }
    }
  }

  /** A line of an output manifest. */
  #labelled(record: JsonObject, at: JsonText): void {
    this.table.rows++;
    const asked = this.options.attribute ?? this.#fields.label;
    const attributes = Object.keys(record).filter((key) => isObject(record[`${key}-metadata`]));
    const attribute = asked ?? (attributes.length === 1 ? attributes[0]! : null);
    const reject = (expected: string, got: unknown, fix?: string): void =>
      rejectRow(this.input, {
        line: at.line,
        column: at.column,
        expected,
        got: shown(got),
        ...(fix === undefined ? {} : { fix }),
      });
    if (attribute === null || !attributes.includes(attribute)) {
      const fix = attributes.length > 0 ? `Say which: --columns label=${attributes[0]!}.` : undefined;
      return reject('a label attribute with its metadata', attributes.length > 0 ? attributes.join(', ') : record, fix);
    }
    const metadata = record[`${attribute}-metadata`] as JsonObject;
    const map = metadata['class-map'];
    const name = metadata['class-name'] ?? (isObject(map) ? Object.values(map) : undefined);
    if (Array.isArray(name) && name.length > 1) return reject('one class of a task', name);
    const label = Array.isArray(name) ? (name[0] as unknown) : name;
    if (typeof label !== 'string') return reject('a class-name in the metadata', metadata);
    const item = this.#item(record, this.#source(record), at);
    if (item === undefined) return;
    this.#gold = attribute;
    const sure = metadata['confidence'];
    const confidence = typeof sure === 'number' && sure >= 0 && sure <= 1 ? sure : 1;
    this.table.setGold(item, this.table.class(label), confidence);
  }
}

/** The form that a worker filled in: as an object, or as JSON in the content of an annotation. */
function contentOf(answer: JsonObject): JsonObject | undefined {
  const { answerContent, annotationData } = answer;
  if (isObject(answerContent)) return answerContent;
  const content = isObject(annotationData) ? annotationData['content'] : annotationData;
  if (isObject(content)) return content;
  if (typeof content !== 'string') return undefined;
  try {
    const form = readJson(content);
    return isObject(form) ? form : undefined;
  } catch {
    return undefined;
  }
}
