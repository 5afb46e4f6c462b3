import {
  QuorateError,
  defineComponent,
  peekBytes,
  type AnswerFormat,
  type AnswerInput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { readCsv } from './csv-read.js';
import { firstRows } from './delimited.js';
import { guessDelimiter, isText } from './delimiter.js';
import { LABEL_STUDIO, labelStudioOptions, type LabelStudioOptions } from './label-studio-options.js';
import { minimalControl, readLabelStudioJson } from './label-studio-read.js';
import { labelStudioDrops, writeLabelStudio } from './label-studio-write.js';
import { shown } from './text.js';

/** Label Studio's exports of classification by `<Choices>`, and its import with predictions. */
export const labelStudio = defineComponent({
  kind: 'answerFormat',
  name: LABEL_STUDIO,
  summary: 'Label Studio: JSON, JSON_MIN and CSV exports of choices; written as tasks with predictions',
  options: labelStudioOptions,
  create: (options): AnswerFormat => ({
    detect,
    read: (input, table) => read(input, table, options),
    write: (output) => writeLabelStudio(output, options),
    drops: labelStudioDrops,
  }),
});

function detect(head: Uint8Array): number {
  if (!isText(head)) return 0;
  const text = Buffer.from(head).toString();
  if (/^\s*\[/.test(text)) {
    const has = (key: string): boolean => new RegExp(`"${key}"\\s*:`).test(text);
    if ((has('annotations') || has('completions')) && has('data')) return 0.95;
    return has('annotator') && has('annotation_id') ? 0.9 : 0;
  }
  const header = headerOf(head);
  return ['id', 'annotator', 'annotation_id'].every((name) => header.includes(name)) ? 0.95 : 0;
}

function headerOf(head: Uint8Array): readonly string[] {
  const delimiter = guessDelimiter(Buffer.from(head).toString());
  return (firstRows(head, delimiter.charCodeAt(0), 1)[0] ?? []).map((name) => name ?? '');
}

async function read(input: AnswerInput, table: AnswerTableBuilder, options: LabelStudioOptions): Promise<void> {
  const { head, bytes } = await peekBytes(input.bytes, 1 << 16);
  const source = { ...input, bytes };
  if (/^\s*\[/.test(Buffer.from(head).toString())) return readLabelStudioJson(source, table, options);
  const header = headerOf(head);
  const control = options.control ?? minimalControl(header);
  if (!header.includes('id') || !header.includes('annotator') || typeof control !== 'string') {
    throw new QuorateError('ANSWERS_INVALID', {
      where: `${input.name}:1:1`,
      expected: 'a JSON, JSON_MIN or CSV export with one answer between id and annotator',
      got: shown(header.join(',')),
      fix: 'Export it as JSON, or say which column is the answer: control=<name>.',
    });
  }
  const optional = { seconds: 'lead_time', time: 'created_at' };
  const there = Object.fromEntries(Object.entries(optional).filter(([, name]) => header.includes(name)));
  await readCsv(source, table, {
    given: { by: 'name', names: { task: 'id', worker: 'annotator', label: control, ...there } },
    delimiter: null,
    // Several choices in one annotation.
    isLabel: (text) => !/^\{"choices"/.test(text),
  });
}
