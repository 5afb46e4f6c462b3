import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

interface Row {
  readonly task: string;
  readonly label: string;
  readonly confidence?: string;
}

/** Label (and confidence, where there is one) of each task. */
export function readLabels(file: string): Map<string, { readonly label: string; readonly confidence: number }> {
  const rows = parse<Row>(readFileSync(file), { columns: true });
  return new Map(rows.map(({ task, label, confidence }) => [task, { label, confidence: Number(confidence) }]));
}

type Labels = ReturnType<typeof readLabels>;

/** Share of the tasks of `gold` whose label is right, 0 to 1. */
export function accuracy(labels: Labels, gold: Labels): number {
  let right = 0;
  for (const [task, { label }] of gold) right += Number(labels.get(task)?.label === label);
  return right / gold.size;
}

/** Share of the tasks that two files have in common on which they agree, 0 to 1. */
export function agreementOf(a: Labels, b: Labels): number {
  let [same, both] = [0, 0];
  for (const [task, { label }] of a) {
    const other = b.get(task);
    if (other === undefined) continue;
    both++;
    same += Number(other.label === label);
  }
  return same / both;
}
