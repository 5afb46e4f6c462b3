import { csvField } from '@quorate/host';
import type { ClassLabel } from '@quorate/core';
import type { Question } from '../campaign.js';

/** The questions of one person. */
export interface PersonBatch {
  readonly worker: string;
  readonly questions: readonly Question[];
}

export interface BatchRequest {
  readonly people: readonly PersonBatch[];
  readonly classes: readonly ClassLabel[];
  readonly question: string;
  readonly batch: string;
  /** Where the images can be seen, put before their path; null: the path alone. */
  readonly imageUrl: string | null;
}

export const batchFormats = ['csv', 'xlsx', 'jsonl', 'label_studio', 'mturk', 'prodigy'] as const;
export type BatchFormat = (typeof batchFormats)[number];

/** The format that a file name means. */
export function formatOfFile(file: string): BatchFormat | undefined {
  const ending = file.slice(file.lastIndexOf('.') + 1).toLowerCase();
  const known: Readonly<Record<string, BatchFormat>> = {
    csv: 'csv',
    xlsx: 'xlsx',
    jsonl: 'jsonl',
    json: 'label_studio',
  };
  return known[ending];
}

/** One question as a tool shows it. */
interface Shown {
  readonly task: string;
  readonly worker: string;
  readonly kind: 'image' | 'text';
  readonly content: string;
}

function shownOf({ people, imageUrl }: BatchRequest): Shown[] {
  return people.flatMap(({ worker, questions }) =>
    questions.map(({ task, kind, content }) => {
      const image = kind === 'image' || kind === 'url';
      const path = content.split('/').map(encodeURIComponent).join('/');
      const url = kind === 'image' && imageUrl !== null ? `${imageUrl.replace(/\/?$/, '/')}${path}` : content;
      return { task, worker, kind: image ? 'image' : 'text', content: content === '' ? task : url } as const;
    }),
  );
}

/**
 * The questions in a format that a tool imports. Every format carries the task's id as `quorate_task`, by which answers
 * find their way back.
 */
export async function batchBytes(format: BatchFormat, request: BatchRequest): Promise<string | Uint8Array> {
  const shown = shownOf(request);
  if (format !== 'xlsx') return writers[format](shown, request);
  const { default: writeXlsxFile } = await import('write-excel-file/node');
  const rows = sheet(shown).map((row) => row.map((value) => ({ value, type: String })));
  return writeXlsxFile(rows, { sheet: 'Questions' }).toBuffer();
}

type TextFormat = Exclude<BatchFormat, 'xlsx'>;

const writers: Readonly<Record<TextFormat, (shown: readonly Shown[], request: BatchRequest) => string>> = {
  csv: (shown) => table(sheet(shown)),
  jsonl: (shown, { batch }) =>
    shown
      .map(
        ({ task, worker, kind, content }) =>
          `${JSON.stringify({ quorate_task: task, worker, [kind]: content, batch })}\n`,
      )
      .join(''),
  label_studio: (shown, { batch }) => {
    const tasks = firstOfTask(shown).map(({ task, kind, content }) => ({
      data: { quorate_task: task, [kind]: content, quorate_batch: batch },
    }));
    return `${JSON.stringify(tasks, null, 1)}\n`;
  },
  mturk: (shown) => {
    const kind = contentName(shown);
    const rows = firstOfTask(shown).map(({ task, content }) => [task, content]);
    return table([['quorate_task', kind === 'image' ? 'image_url' : 'text'], ...rows]);
  },
  prodigy: (shown, { classes }) => {
    const options = classes.map((label) => ({ id: String(label), text: String(label) }));
    return firstOfTask(shown)
      .map(({ task, kind, content }) => `${JSON.stringify({ id: task, [kind]: content, options })}\n`)
      .join('');
  },
};

/** A sheet to fill in: the last column is the answer's. */
function sheet(shown: readonly Shown[]): string[][] {
  const rows = shown.map(({ task, worker, content }) => [task, worker, content, '']);
  return [['quorate_task', 'worker', contentName(shown), 'label'], ...rows];
}

/** Tools in which everybody sees every task get a task once, and are told how many answers it wants. */
function firstOfTask(shown: readonly Shown[]): readonly Shown[] {
  return [...new Map(shown.toReversed().map((one) => [one.task, one])).values()].reverse();
}

function contentName(shown: readonly Shown[]): 'image' | 'text' {
  return shown.some(({ kind }) => kind === 'image') ? 'image' : 'text';
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((field) => (field === '' ? '' : csvField(field))).join(',')}\n`).join('');
}

/** The labelling interface of Label Studio for these classes. */
export function labelStudioConfig(kind: 'image' | 'text', classes: readonly ClassLabel[], question: string): string {
  const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const object = kind === 'image' ? '<Image name="task" value="$image"/>' : '<Text name="task" value="$text"/>';
  const choices = classes.map((label) => `    <Choice value="${escape(String(label))}"/>`).join('\n');
  return `<View>
  <Header value="${escape(question)}"/>
  ${object}
  <Choices name="label" toName="task" choice="single" showInline="true" required="true">
${choices}
  </Choices>
</View>
`;
}
