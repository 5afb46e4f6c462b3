import {
  defineComponent,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { z } from 'zod';
import { eachRecord, firstRecords } from '../json/json-members.js';
import { idOf, isObject, labelOf, type JsonObject } from '../json/json-record.js';
import { parsed, type JsonText } from '../json/lines.js';
import { shown } from '../text.js';
import { Fields, fieldsOption } from './fields.js';

const options = z.strictObject({ columns: fieldsOption });

/** The JSON report of Appen (Figure Eight, CrowdFlower). Its full report is CSV. */
export const appen = defineComponent({
  kind: 'answerFormat',
  name: 'appen',
  summary: 'Appen (Figure Eight) JSON reports, one unit a line with its judgments; read only. Full reports are csv',
  options,
  create: (own): AnswerFormat => ({
    detect: (head) => {
      const [first] = firstRecords(head, 1);
      return first && isObject(first['results']) && Array.isArray(first['results']['judgments']) ? 0.97 : 0;
    },
    read: (input, table) => read(input, table, own.columns),
  }),
});

async function read(input: AnswerInput, table: AnswerTableBuilder, columns: string | null): Promise<void> {
  const fields = new Fields(columns, input);
  let question = fields.label;
  const others = new Set<string>();
  const reject = ({ line, column }: JsonText, expected: string, got: unknown, fix?: string): void =>
    rejectRow(input, { line, column, expected, got: shown(got), ...(fix === undefined ? {} : { fix }) });
  await eachRecord(input, (member) => {
    const unit = parsed(input, member, 'a unit of Appen');
    if (unit === undefined) return;
    const judgments = isObject(unit) && isObject(unit['results']) ? unit['results']['judgments'] : undefined;
    if (!isObject(unit) || !Array.isArray(judgments)) return reject(member, 'a unit with its judgments', unit);
    const id = fields.taskOf(unit, idOf(unit['id']));
    if (id === undefined || id === '') {
      const { expected, got, fix } = fields.missingTask(unit);
      return rejectRow(input, { ...member, expected, got, fix });
    }
    const item = table.task(id);
    fields.carry(table, item, unit);
    const data: JsonObject = isObject(unit['data']) ? unit['data'] : {};
    for (const judgment of judgments as unknown[]) {
      table.rows++;
      if (!isObject(judgment) || !isObject(judgment['data'])) {
        reject(member, 'a judgment with its data', judgment);
        continue;
      }
      const said = judgment['data'];
      question ??= Object.keys(said).length === 1 ? Object.keys(said)[0]! : null;
      const worker = fields.workerOf(judgment, idOf(judgment['worker_id']));
      for (const name of Object.keys(said)) if (name !== question) others.add(name);
      if (question === null) {
        const names = Object.keys(said);
        reject(member, 'one question', names.join(', '), `Say which: --columns label=${names[0] ?? '<name>'}.`);
        continue;
      }
      const label = labelOf(said[question]);
      if (worker === undefined) reject(member, 'a judgment with worker_id', judgment['worker_id'], Fields.NOBODY);
      else if (label === undefined) reject(member, 'one label in a judgment', said[question]);
      else {
        const time = judgment['created_at'];
        table.add(
          item,
          table.worker(worker),
          label === null || label === '' ? -1 : table.class(label),
          NaN,
          typeof time === 'string' ? time : '',
        );
      }
    }
    const gold = labelOf(data[`${question ?? ''}_gold`]);
    if (gold !== null && gold !== undefined && gold !== '') table.setGold(item, table.class(gold));
  });
  fields.tell(table, { task: 'id', worker: 'worker_id', label: question, others: [...others] });
}
