import { join } from 'node:path';
import { Inputs, makeFolder, replaceFile } from '@quorate/host';
import { resultsTable } from '@quorate/sweep';
import { pdfOf, pngOf, svgOf } from './render.js';
import { WIDE, type Report } from './report.js';
import type { Study } from './study.js';
import { csvOfTable, latexOf, markdownOf, parquetOf, type Field } from './tables.js';

const noInputs = new Inputs();

/**
 * Writes `report.html`, `figures/` (SVG, PNG, PDF), `tables/` (Markdown, CSV, LaTeX, Parquet), and the data behind them as
 * `results.parquet` and `steps.parquet`.
 *
 * @returns the files, relative to the folder.
 */
export async function writeReport(folder: string, study: Study, report: Report): Promise<readonly string[]> {
  const written: string[] = [];
  const write = (name: string, content: string | Uint8Array): void => {
    replaceFile(join(folder, name), content, noInputs);
    written.push(name);
  };
  for (const name of ['figures', 'tables']) makeFolder(join(folder, name));
  for (const { name, title, spec } of report.figures) {
    const svg = await svgOf(spec(WIDE));
    write(`figures/${name}.svg`, svg);
    write(`figures/${name}.png`, await pngOf(svg));
    write(`figures/${name}.pdf`, await pdfOf(svg, title));
    write(`figures/${name}.json`, `${JSON.stringify(spec(WIDE))}\n`);
  }
  for (const table of report.tables) {
    write(`tables/${table.name}.md`, markdownOf(table));
    write(`tables/${table.name}.csv`, csvOfTable(table));
    write(`tables/${table.name}.tex`, latexOf(table));
    write(`tables/${table.name}.parquet`, await parquetOf(table));
  }
  write('results.parquet', await parquetOf(resultsTable(study.axes, study.runs)));
  write('steps.parquet', await parquetOf(stepsTable(study)));
  write('report.html', report.html);
  return written;
}

/** Long: a row for each step of each run. */
function stepsTable({ runs }: Study): { columns: readonly string[]; rows: readonly (readonly Field[])[] } {
  return {
    columns: [
      'run',
      'condition',
      'seed',
      'step',
      'annotations',
      'annotationsPerItem',
      'accuracy',
      'top5',
      'ece',
      'validShare',
      'validAccuracy',
      'learnerAccuracy',
    ],
    rows: runs.flatMap(({ id, condition, names, steps }) =>
      steps.map(({ step, annotations, annotationsPerItem, aggregate, validShare, learner }): Field[] => [
        id,
        condition,
        names.seed,
        step,
        annotations,
        annotationsPerItem,
        aggregate?.all.top1 ?? null,
        aggregate?.all.top5 ?? null,
        aggregate?.all.ece ?? null,
        validShare,
        aggregate?.valid.top1 ?? null,
        learner?.all.top1 ?? null,
      ]),
    ),
  };
}
