import {
  defineComponent,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { z } from 'zod';
import { eachRecord, firstRecords } from '../json/json-members.js';
import { idOf, isObject, labelOf, secondsOf, type JsonObject } from '../json/json-record.js';
import { parsed, type JsonText } from '../json/lines.js';
import { shown } from '../text.js';
import { Fields, fieldsOption, oneOf, withoutAnswers } from './fields.js';

const options = z.strictObject({ columns: fieldsOption });

/** Exports of Labelbox: NDJSON of data rows, and the JSON of labels before it. */
export const labelbox = defineComponent({
  kind: 'answerFormat',
  name: 'labelbox',
  summary: 'Labelbox exports with the answers to a radio or checklist question; read only',
  options,
  create: (own): AnswerFormat => ({
    detect: (head) => {
      const [first] = firstRecords(head, 1);
      if (first && isObject(first['data_row']) && isObject(first['projects'])) return 0.98;
      if (first && 'DataRow ID' in first && 'Label' in first) return 0.98;
      const text = Buffer.from(head.subarray(0, 1 << 14)).toString();
      return !first && /"data_row"\s*:\s*\{/.test(text) && /"projects"\s*:\s*\{/.test(text) ? 0.95 : 0;
    },
    read: (input, table) => read(input, table, own.columns),
  }),
});

interface Said {
  readonly worker: unknown;
  readonly seconds: unknown;
  readonly time: unknown;
  readonly skipped: boolean;
  readonly gold: boolean;
  readonly classifications: readonly unknown[];
}

async function read(input: AnswerInput, table: AnswerTableBuilder, columns: string | null): Promise<void> {
  const fields = new Fields(columns, input);
  let question = fields.label;
  const others = new Set<string>();
  const reject = ({ line, column }: JsonText, expected: string, got: unknown, fix?: string): void =>
    rejectRow(input, { line, column, expected, got: shown(got), ...(fix === undefined ? {} : { fix }) });
  /** The answer to the question; undefined where it was rejected. */
  const answer = (classifications: readonly unknown[], at: JsonText): unknown => {
    let said: unknown = null;
    for (const one of classifications) {
      if (!isObject(one)) continue;
      const name = idOf(one['name']) ?? idOf(one['title']) ?? idOf(one['value']);
      const chosen = chosenIn(one);
      if (name === undefined || chosen === undefined) continue;
      if (fields.label !== null && name !== fields.label) others.add(name);
      else if (question !== null && name !== question) {
        reject(at, 'one question', `${question}, ${name}`, `Say which: --columns label=${name}.`);
        return undefined;
      } else {
        question = name;
        said = oneOf(chosen);
        if (said === undefined) reject(at, 'one answer to a question', chosen.join(', '));
      }
    }
    return said;
  };
  await eachRecord(input, (member) => {
    const record = parsed(input, member, 'a data row of Labelbox');
    if (record === undefined) return;
    if (!isObject(record)) return reject(member, 'a data row of Labelbox', record);
    const row = isObject(record['data_row']) ? record['data_row'] : record;
    const usual = [
      row['global_key'],
      row['external_id'],
      row['External ID'],
      row['Global Key'],
      row['id'],
      row['DataRow ID'],
    ];
    const id = fields.taskOf(
      record,
      usual.map(idOf).find((one) => one !== undefined),
    );
    if (id === undefined || id === '') {
      const { expected, got, fix } = fields.missingTask(record);
      return rejectRow(input, { ...member, expected, got, fix });
    }
    const item = table.task(id);
    fields.carry(table, item, record);
    for (const one of labelsOf(record)) {
      table.rows++;
      const label = one.skipped ? null : answer(one.classifications, member);
      if (label === undefined) continue;
      const worker = fields.workerOf(record, idOf(one.worker));
      const seconds = secondsOf(one.seconds) ?? NaN;
      if (worker === undefined) reject(member, 'a label with created_by', one.worker, Fields.NOBODY);
      else {
        const name = labelOf(label) ?? null;
        const k = name === null ? -1 : table.class(name);
        if (one.gold && k >= 0) table.setGold(item, k);
        table.add(item, table.worker(worker), k, seconds, typeof one.time === 'string' ? one.time : '');
      }
    }
  });
  if (question === null && table.rows > 0) {
    const fix =
      others.size > 0 ? `Say which: --columns label=${[...others][0]!}.` : 'Export a project with a radio question.';
    throw withoutAnswers(input.name, 'answers to a radio or checklist question', 'none', fix);
  }
  fields.tell(table, {
    task: 'global_key, else external_id, else id',
    worker: 'created_by',
    label: question,
    others: [...others],
  });
}

function labelsOf(record: JsonObject): Said[] {
  const { projects } = record;
  if (!isObject(projects)) {
    const label = record['Label'];
    const classifications =
      isObject(label) && Array.isArray(label['classifications']) ? (label['classifications'] as unknown[]) : [];
    return [
      {
        worker: record['Created By'],
        seconds: record['Seconds to Label'],
        time: record['Created At'],
        skipped: record['Skipped'] === true || label === 'Skip',
        gold: record['Is Benchmark'] === 1,
        classifications,
      },
    ];
  }
  const labels = Object.values(projects).flatMap((project) =>
    isObject(project) && Array.isArray(project['labels']) ? (project['labels'] as unknown[]) : [],
  );
  return labels.filter(isObject).map((label) => {
    const [details, work, annotations] = ['label_details', 'performance_details', 'annotations'].map((key) =>
      isObject(label[key]) ? label[key] : {},
    ) as [JsonObject, JsonObject, JsonObject];
    return {
      worker: details['created_by'],
      seconds: work['seconds_to_create'],
      time: details['created_at'],
      skipped: work['skipped'] === true,
      gold: label['label_kind'] === 'Benchmark' || details['is_benchmark_reference'] === true,
      classifications: Array.isArray(annotations['classifications'])
        ? (annotations['classifications'] as unknown[])
        : [],
    };
  });
}

/** What was chosen; undefined for a question without choices. */
function chosenIn(one: JsonObject): unknown[] | undefined {
  const nameOf = (answer: unknown): unknown =>
    isObject(answer) ? (answer['name'] ?? answer['title'] ?? answer['value']) : answer;
  const radio = one['radio_answer'] ?? one['answer'];
  if (radio !== undefined && radio !== null) return Array.isArray(radio) ? radio.map(nameOf) : [nameOf(radio)];
  const list = one['checklist_answers'] ?? one['answers'];
  return Array.isArray(list) ? list.map(nameOf) : undefined;
}
