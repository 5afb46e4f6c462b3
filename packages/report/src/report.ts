import { targets } from '@quorate/sweep';
import { comparisonsOf, type Comparison } from './comparisons.js';
import { costText, costsOf } from './costs.js';
import { figuresOf, MOST_PANELS, type Figure } from './figures.js';
import { escapeHtml, htmlTable, page } from './page.js';
import { inPage, svgOf } from './render.js';
import { accuracyOf, type Study } from './study.js';
import { mean } from './statistics.js';
import { shownField, type Field, type Table } from './tables.js';

export interface ReportOptions {
  /** What one annotation costs, in any currency; null: costs stay annotations. */
  readonly price: number | null;
  /** Accuracies whose cost is given. */
  readonly targets?: readonly number[];
  readonly version: string;
}

export interface Report {
  readonly html: string;
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
  readonly comparisons: readonly Comparison[];
}

/** Pixels of pictures: on a screen, and on a phone. */
export const WIDE = 720;
const NARROW = 340;

export async function reportOf(study: Study, options: ReportOptions): Promise<Report> {
  const figures = figuresOf(study);
  const comparisons = comparisonsOf(study);
  const tables = [summaryTable(study, options), costTable(study, options), comparisonTable(study, comparisons)].filter(
    ({ rows }) => rows.length > 0,
  );
  return { html: await htmlOf(study, { figures, tables, comparisons }, options), figures, tables, comparisons };
}

/** Every condition by itself, at the end of its runs. */
function summaryTable({ panels, series, runs, compared }: Study, { price }: ReportOptions): Table {
  const rows = panels.flatMap((panel) =>
    series.flatMap((name): Field[][] => {
      const mine = runs.filter((run) => run.panel === panel && run.series === name);
      const lasts = mine.flatMap(({ steps, status }) => (status === 'done' && steps.length > 0 ? [steps.at(-1)!] : []));
      if (mine.length === 0) return [];
      const average = (values: readonly (number | null)[]): Field => {
        const known = values.filter((value) => value !== null);
        return known.length > 0 ? mean(known) : null;
      };
      const annotations = average(lasts.map((last) => last.annotations));
      return [
        [
          ...(panels.length > 1 ? [panel] : []),
          name,
          lasts.length,
          annotations,
          average(lasts.map((last) => last.annotationsPerItem)),
          ...(price === null ? [] : [annotations === null ? null : Number(annotations) * price]),
          average(lasts.map(accuracyOf)),
          average(lasts.map(({ validShare }) => validShare)),
          average(lasts.map(({ aggregate }) => aggregate?.valid.top1 ?? null)),
          average(lasts.map(({ aggregate }) => aggregate?.all.ece ?? null)),
          average(mine.map(({ seconds }) => seconds)),
        ],
      ];
    }),
  );
  return {
    name: 'summary',
    title: 'At the end of the runs',
    columns: [
      ...(panels.length > 1 ? ['setting'] : []),
      compared,
      'runs',
      'annotations',
      'per task',
      ...(price === null ? [] : ['cost']),
      'accuracy',
      'done',
      'accuracy of done',
      'ECE',
      'seconds',
    ],
    rows,
    shares: ['accuracy', 'done', 'accuracy of done'],
  };
}

function costTable(study: Study, { targets: wanted = targets }: ReportOptions): Table {
  const costs = costsOf(study, wanted);
  const several = study.panels.length > 1;
  const keys = [...new Set(costs.map(({ panel, series }) => `${panel}\n${series}`))];
  return {
    name: 'annotations-to',
    title: 'Annotations to an accuracy',
    columns: [
      ...(several ? ['setting'] : []),
      study.compared,
      ...wanted.map((target) => `${Number((100 * target).toFixed(2))} %`),
    ],
    rows: keys.map((key) => {
      const [panel, series] = key.split('\n') as [string, string];
      const mine = costs.filter((cost) => cost.panel === panel && cost.series === series);
      return [...(several ? [panel] : []), series, ...mine.map(costText)];
    }),
  };
}

function comparisonTable({ panels, compared }: Study, comparisons: readonly Comparison[]): Table {
  const points = (x: number): string => `${x >= 0 ? '+' : '−'}${Math.abs(100 * x).toFixed(2)}`;
  const several = panels.length > 1;
  return {
    name: 'comparisons',
    title: 'Who is better',
    columns: [
      ...(several ? ['setting'] : []),
      compared,
      'against',
      'pairs',
      'at annotations',
      'difference, points',
      '95 % interval',
      'p (Holm)',
      'verdict',
    ],
    rows: comparisons.map((one) => [
      ...(several ? [one.panel] : []),
      one.a,
      one.b,
      one.pairs,
      Math.round(one.annotations),
      points(one.mean),
      one.low === null ? null : `${points(one.low)} to ${points(one.high!)}`,
      one.adjusted === null ? null : one.adjusted < 0.001 ? '< 0.001' : one.adjusted.toFixed(3),
      one.verdict === 'a' ? `${one.a} is better` : one.verdict === 'b' ? `${one.b} is better` : one.verdict,
    ]),
  };
}

const explanations: Readonly<Record<string, string>> = {
  summary: 'Means over the runs of a row. Done: tasks whose risk is at or below the threshold.',
  'annotations-to':
    'Annotations from which accuracy stays at the target or above: median over the runs, and the lowest and highest. "> N": so many were not enough for most of the runs. Runs that never get there are counted, not left out.',
  comparisons:
    'Accuracy of the left minus that of the right, run by run with the same seed, each pair at the number of annotations of the one that ended first. Intervals: symmetric bootstrap-t over pairs; p is corrected for all comparisons here (Holm). At p of 0.05 or more the two are not distinguishable by these runs.',
};

async function htmlOf(
  study: Study,
  { figures, tables }: Pick<Report, 'figures' | 'tables' | 'comparisons'>,
  { version }: ReportOptions,
): Promise<string> {
  const failed = study.runs.filter(({ status }) => status === 'failed');
  const missing = study.runs.filter(({ status }) => status === 'missing');
  const done = study.runs.length - failed.length - missing.length;
  const main = [
    `<h1>${escapeHtml(study.title)}</h1>`,
    `<p class="summary">${done} of ${study.runs.length} runs are done${missing.length > 0 ? `; ${missing.length} are missing` : ''}.</p>`,
    ...(failed.length > 0
      ? [
          `<h2 class="alarm">Failed runs: ${failed.length}</h2>`,
          htmlTable(
            ['run', 'why'],
            failed.map(({ id, condition, names, error }) => [`${id} (${condition}, seed ${names.seed})`, error ?? '']),
            'Failed runs',
          ),
        ]
      : []),
  ];
  const tableOf = (table: Table): string[] => [
    `<h2>${escapeHtml(table.title)}</h2>`,
    `<p>${escapeHtml(explanations[table.name] ?? '')}</p>`,
    htmlTable(
      table.columns,
      table.rows.map((row) => row.map((cell, c) => shownField(cell, table.columns[c]!, table))),
      table.title,
    ),
  ];
  for (const table of tables) main.push(...tableOf(table));
  if (figures.length > 0) main.push('<h2>Pictures</h2>');
  if (study.panels.length > MOST_PANELS)
    main.push(`<p>The first ${MOST_PANELS} of ${study.panels.length} settings.</p>`);
  for (const figure of figures) {
    const [wide, narrow] = await Promise.all([WIDE, NARROW].map((width) => svgOf(figure.spec(width))));
    main.push(
      `<h3>${escapeHtml(figure.title)}</h3><figure><div class="wide">${inPage(wide!, figure.title)}</div>` +
        `<div class="narrow">${inPage(narrow!, figure.title)}</div><figcaption>${escapeHtml(figure.caption)}</figcaption></figure>`,
    );
  }
  main.push(
    `<p class="made">quorate ${escapeHtml(version)}. Every picture is also in figures/, every table in tables/.</p>`,
  );
  return page(study.title, main);
}
