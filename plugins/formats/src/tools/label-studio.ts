import {
  QuorateError,
  defineComponent,
  type AnswerFormat,
  type AnswerInput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { peekBytes } from '@quorate/core/bytes';
import { firstRows } from '../rows/delimited.js';
import { delimiterOf, isText } from '../rows/delimiter.js';
import { nothingMissing } from '../layout/missing.js';
import { openDelimited } from '../table/open-delimited.js';
import { readTable } from '../table/read-table.js';
import { Fields } from './fields.js';
import {
  LABEL_STUDIO,
  labelStudioOptions,
  type LabelStudioContext,
  type LabelStudioOptions,
} from './label-studio-options.js';
import { minimalAnswers, otherNames, readLabelStudioJson } from './label-studio-read.js';
import { labelStudioDrops, writeLabelStudio } from './label-studio-write.js';
import { shown } from '../text.js';

/** Label Studio's exports of classification by `<Choices>`, and its import with predictions. */
export const labelStudio = defineComponent({
  kind: 'answerFormat',
  name: LABEL_STUDIO,
  summary:
    'Label Studio: JSON, JSON_MIN, CSV and cloud-storage exports of choices, taxonomies and ratings; written as tasks with predictions',
  options: labelStudioOptions,
  create: (options): AnswerFormat => ({
    detect,
    read: (input, table) => read(input, table, options),
    write: (output) => writeLabelStudio(output, options),
    drops: (output) => labelStudioDrops(output, options),
  }),
});

function detect(head: Uint8Array): number {
  if (!isText(head)) return 0;
  const text = Buffer.from(head).toString();
  if (/^\s*[[{]/.test(text)) {
    const has = (key: string): boolean => new RegExp(`"${key}"\\s*:`).test(text);
    if ((has('annotations') || has('completions')) && has('data')) return 0.95;
    // One annotation, as a cloud storage gets it.
    if (has('result') && has('task') && (has('was_cancelled') || has('from_name'))) return 0.95;
    return has('annotator') && has('annotation_id') ? 0.9 : 0;
  }
  const [header = []] = rowsOf(head, 1);
  return ['id', 'annotator', 'annotation_id'].every((name) => header.includes(name)) ? 0.95 : 0;
}

function rowsOf(head: Uint8Array, count: number): string[][] {
  const { mark, skip } = delimiterOf(head, null);
  return firstRows(head.subarray(skip), mark.charCodeAt(0), count).map((row) => row.map((field) => field ?? ''));
}

async function read(input: AnswerInput, table: AnswerTableBuilder, options: LabelStudioOptions): Promise<void> {
  const { head, bytes } = await peekBytes(input.bytes, 1 << 16);
  const source = { ...input, bytes };
  if (/^\s*[[{]/.test(Buffer.from(head).toString())) return readLabelStudioJson(source, table, options);
  const [header = [], ...rows] = rowsOf(head, 2000);
  const fields = new Fields(options.columns, input);
  const control = options.control ?? fields.label ?? answerColumn(header, rows);
  if (!header.includes('id') || !header.includes('annotator') || control === null) {
    throw new QuorateError('ANSWERS_INVALID', {
      where: `${input.name}:1:1`,
      expected: 'an export with id, annotator and one column that is known to be the answer',
      got: shown(otherNames(header).join(',')),
      fix: `Say which column is the answer: --columns label=${otherNames(header)[0] ?? '<name>'}; or export as JSON.`,
    });
  }
  const optional = { seconds: 'lead_time', time: 'created_at' };
  const there = Object.fromEntries(
    Object.entries(optional).flatMap(([role, name]) => (header.includes(name) ? [[role, [name]]] : [])),
  );
  const names = { task: [fields.task ?? 'id'], worker: [fields.worker ?? 'annotator'], label: [control], gold: ['-'] };
  await readTable({ ...source, missing: nothingMissing }, table, await openDelimited(source, null), {
    given: { by: 'name', names: { ...names, ...there } },
    shape: 'long',
    // Several choices in one annotation, and results of other controls, are JSON.
    isLabel: (text) => !/^(\{"choices"|\[\{)/.test(text),
  });
  const context: LabelStudioContext = { control, object: null, others: [], data: new Map() };
  table.origin = { format: LABEL_STUDIO, context };
}

/**
 * The column of answers: the only one between `id` and `annotator`. Where the export sorted its columns by name: the only
 * one with different values for one task, provided that no other has fewer values, as a second answer would. Null where
 * the rows do not tell.
 */
function answerColumn(header: readonly string[], rows: readonly (readonly string[])[]): string | null {
  const between = minimalAnswers(header);
  if (between) return between.length === 1 ? between[0]! : null;
  const task = header.indexOf('id');
  const columns = otherNames(header).map((name) => {
    const at = header.indexOf(name);
    const first = new Map<string, string>();
    let differs = false;
    for (const row of rows) {
      const [id = '', value = ''] = [row[task], row[at]];
      if (!first.has(id)) first.set(id, value);
      differs ||= first.get(id) !== value;
    }
    return { name, differs, values: new Set(rows.map((row) => row[at]).filter(Boolean)).size };
  });
  const [answer, ...more] = columns.filter(({ differs }) => differs);
  if (!answer || more.length > 0 || columns.some(({ values }) => values < answer.values)) return null;
  return answer.name;
}
