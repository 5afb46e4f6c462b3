import type { StepRecord } from '@quorate/engine';
import { csvField } from '@quorate/host';
import type { RunEnd } from '../job/run-job.js';
import { annotationsTo, targets } from './annotations-to.js';

/** What is known of one run of a sweep. */
export interface RunState {
  readonly id: string;
  readonly labels: readonly string[];
  readonly names: RunNames;
  readonly status: 'done' | 'failed' | 'missing';
  /** Of a run that failed. */
  readonly error: string | null;
  /** Of a run that is done. */
  readonly end: RunEnd | null;
  readonly steps: readonly StepRecord[];
}

export interface RunNames {
  readonly experiment: string | null;
  readonly method: string | null;
  readonly simulation: string | null;
  readonly seed: number;
}

export type Cell = string | number | null;

export interface ResultsTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const nameColumns = ['experiment', 'method', 'simulation', 'seed'] as const;

/** One row a run, in the order of the grid; nothing in it depends on who did the runs, when, or how fast. */
export function resultsTable(axes: readonly string[], runs: readonly RunState[]): ResultsTable {
  const names = nameColumns.filter((name) => !axes.includes(name));
  const metrics = [...new Set(runs.flatMap(({ steps }) => Object.keys(steps.at(-1)?.metrics ?? {})))].sort();
  const columns = [
    'run',
    ...axes,
    ...names,
    'status',
    'stopped',
    'steps',
    'annotations',
    'annotationsPerItem',
    'accuracy',
    'top5',
    'ece',
    'validShare',
    'validAccuracy',
    'learnerAccuracy',
    'majorityAccuracy',
    ...targets.map((target) => `to${100 * target}`),
    ...metrics.map((name) => `metrics.${name}`),
    'error',
  ];
  const rows = runs.map((run): Cell[] => {
    const last = run.steps.at(-1);
    const done = run.status === 'done';
    return [
      run.id,
      ...run.labels,
      ...names.map((name) => run.names[name]),
      run.status,
      run.end?.stopped ?? null,
      ...(done && last
        ? [
            last.step,
            last.annotations,
            last.annotationsPerItem,
            last.aggregate?.all.top1 ?? null,
            last.aggregate?.all.top5 ?? null,
            last.aggregate?.all.ece ?? null,
            last.validShare,
            last.aggregate?.valid.top1 ?? null,
            last.learner?.all.top1 ?? null,
            run.end?.majority?.accuracy ?? null,
            ...targets.map((target) => annotationsTo(run.steps, target)),
            ...metrics.map((name) => last.metrics?.[name] ?? null),
          ]
        : new Array<null>(10 + targets.length + metrics.length).fill(null)),
      run.error,
    ];
  });
  return { columns, rows };
}

/** Empty where a value is not known. */
export function csvOf({ columns, rows }: ResultsTable): string {
  const line = (cells: readonly Cell[]): string =>
    `${cells.map((cell) => (cell === null ? '' : csvField(typeof cell === 'number' ? String(Number(cell.toFixed(6))) : cell))).join(',')}\n`;
  return [columns, ...rows].map(line).join('');
}
