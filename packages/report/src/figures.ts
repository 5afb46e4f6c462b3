import { accuracyOf, type Study } from './study.js';
import { curvesOf, type Curve, type Figure as Measure } from './curves.js';
import { ENOUGH_FOR_T } from './statistics.js';

/** A picture, as a vega-lite specification for a width in pixels. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  /** How to read it. */
  readonly caption: string;
  readonly spec: (width: number) => object;
}

/** Distinguishable on white and on dark paper, and for most colour-blind readers. */
export const PALETTE = ['#2f76c4', '#d95f30', '#2f9e6b', '#8a63c9', '#b8860b', '#cf4f8a', '#5b8a99', '#7a6a55'];

/** Colours that a page replaces by its own. */
export const INK = '#1a202d';
export const LINE = '#d5dae2';

const config = {
  aria: false,
  background: null,
  font: 'DejaVu Sans',
  view: { stroke: null },
  axis: {
    labelColor: INK,
    titleColor: INK,
    gridColor: LINE,
    domainColor: LINE,
    tickColor: LINE,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  legend: {
    labelColor: INK,
    titleColor: INK,
    labelFontSize: 12,
    symbolType: 'stroke',
    symbolOpacity: 1,
    symbolStrokeWidth: 3,
    symbolSize: 180,
    labelLimit: 280,
  },
  range: { category: PALETTE },
};

/** Most panels that are drawn: the tables have all. */
export const MOST_PANELS = 12;

export function figuresOf(study: Study): Figure[] {
  const panels = study.panels.slice(0, MOST_PANELS);
  const per = (kind: string, title: string, measure: Measure, y: string, format: string): Figure[] => {
    const curves = curvesOf(study, measure);
    return panels.flatMap((panel): Figure[] => {
      const mine = curves.filter((curve) => curve.panel === panel);
      if (mine.length === 0) return [];
      return [
        {
          name: fileName(kind, panel),
          title: panel === '' ? title : `${title}: ${panel}`,
          caption: captionOf(mine),
          spec: (width) => curveSpec(mine, study, y, format, width),
        },
      ];
    });
  };
  return [
    ...per('accuracy', 'Accuracy of all labels', accuracyOf, 'accuracy', '.0%'),
    ...per('valid', 'Share of tasks that are done', ({ validShare }) => validShare, 'tasks done', '.0%'),
    ...per(
      'ece',
      'Calibration error',
      ({ aggregate }) => aggregate?.all.ece ?? null,
      'expected calibration error',
      '.3f',
    ),
    ...reliabilityFigure(study),
    ...costFigure(study),
  ];
}

function captionOf(curves: readonly Curve[]): string {
  const words = new Map<string, string[]>();
  for (const { words: one, series } of curves) words.set(one, [...(words.get(one) ?? []), series]);
  const spread =
    words.size === 1
      ? [...words.keys()][0]!
      : [...words].map(([one, names]) => `${names.join(', ')}: ${one}`).join('. ');
  return `${spread[0]!.toUpperCase()}${spread.slice(1)}. Thin lines are single runs.`;
}

function curveSpec(curves: readonly Curve[], study: Study, title: string, format: string, width: number): object {
  const spread = curves.flatMap(({ series, points }) => points.map((point) => ({ series, ...point })));
  const single = curves.flatMap(({ series, lines }) =>
    lines.flatMap(({ id, points }) => points.map(([annotations, y]) => ({ series, id, annotations, y }))),
  );
  const several = curves.some(({ runs }) => runs > 1);
  const x = {
    field: 'annotations',
    type: 'quantitative',
    title: 'annotations',
    axis: { format: '~s', tickCount: width < 500 ? 4 : 8 },
  };
  const y = (field: string): object => ({
    field,
    type: 'quantitative',
    title,
    axis: { format },
    scale: { zero: false },
  });
  return {
    ...frame(width),
    encoding: { color: colour(study, width) },
    layer: [
      ...(several
        ? [
            {
              data: { values: single },
              mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1, opacity: 0.3 },
              encoding: { x, y: y('y'), detail: { field: 'id' } },
            },
            {
              data: { values: spread },
              mark: { type: 'area', interpolate: 'step-after', opacity: 0.16 },
              encoding: { x, y: y('low'), y2: { field: 'high' } },
            },
          ]
        : []),
      {
        data: { values: spread },
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2.5 },
        encoding: { x, y: y('middle') },
      },
    ],
  };
}

function frame(width: number): object {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width,
    height: Math.round(Math.max(280, width * 0.5)),
    autosize: { type: 'fit', contains: 'padding' },
    padding: 4,
    config,
  };
}

/** Always the same colour for a series, in every panel. */
function colour({ series, compared }: Study, width: number): object {
  const legend =
    series.length === 1
      ? null
      : { orient: 'bottom', columns: width < 500 ? 1 : Math.min(4, series.length), title: compared };
  return { field: 'series', type: 'nominal', scale: { domain: series, range: PALETTE }, legend };
}

/** What a run claims against what it has: on the diagonal, confidence holds. */
function reliabilityFigure(study: Study): Figure[] {
  const values = study.runs.flatMap((run) => {
    const last = run.steps.at(-1);
    const right = last ? accuracyOf(last) : null;
    return run.claimed === null || right === null ? [] : [{ series: run.series, claimed: run.claimed, right }];
  });
  if (values.length === 0) return [];
  const all = values.flatMap(({ claimed, right }) => [claimed, right]);
  const [low, high] = [Math.max(0, Math.min(...all) - 0.02), Math.min(1, Math.max(...all) + 0.02)];
  const scale = { domain: [low, high], nice: false };
  const axis = { format: '.0%', tickCount: 6 };
  return [
    {
      name: 'reliability',
      title: 'Is confidence to be believed?',
      caption:
        'A point per run: mean confidence of its labels, and the share that is right. On the dashed line the two agree; below it labels are worse than they claim.',
      spec: (width) => ({
        ...frame(Math.min(width, 460)),
        height: Math.min(width, 460),
        layer: [
          {
            data: { values: [{ a: low }, { a: high }] },
            mark: { type: 'line', strokeDash: [4, 3], color: INK, strokeWidth: 1 },
            encoding: {
              x: { field: 'a', type: 'quantitative', scale, axis, title: 'claimed' },
              y: { field: 'a', type: 'quantitative', scale, axis, title: 'right' },
            },
          },
          {
            data: { values },
            mark: { type: 'point', filled: true, size: 60, opacity: 0.75 },
            encoding: {
              x: { field: 'claimed', type: 'quantitative', scale, axis, title: 'claimed' },
              y: { field: 'right', type: 'quantitative', scale, axis, title: 'right' },
              color: colour(study, Math.min(width, 460)),
            },
          },
        ],
      }),
    },
  ];
}

/** What the runs cost. */
function costFigure(study: Study): Figure[] {
  const values = study.runs.flatMap(({ series, panel, steps }) => {
    const last = steps.at(-1);
    return last
      ? [{ series, name: panel === '' ? series : `${panel} · ${series}`, cost: last.annotationsPerItem }]
      : [];
  });
  if (values.length === 0) return [];
  const names = [...new Set(values.map(({ name }) => name))];
  return [
    {
      name: 'cost',
      title: 'Annotations per task at the end',
      caption: `A point per run; the bar is their ${values.length >= ENOUGH_FOR_T ? 'mean' : 'median'}.`,
      spec: (width) => ({
        ...frame(width),
        height: 60 + 26 * names.length,
        data: { values },
        encoding: {
          y: {
            field: 'name',
            type: 'nominal',
            title: null,
            sort: null,
            axis: { labelLimit: Math.round(width * 0.45) },
          },
        },
        layer: [
          {
            mark: { type: 'bar', opacity: 0.25, size: 18 },
            encoding: {
              x: {
                aggregate: values.length >= ENOUGH_FOR_T ? 'mean' : 'median',
                field: 'cost',
                type: 'quantitative',
                stack: null,
                title: 'annotations per task',
              },
              color: { ...colour(study, width), legend: null },
            },
          },
          {
            mark: { type: 'point', filled: true, size: 30 },
            encoding: {
              x: { field: 'cost', type: 'quantitative', title: 'annotations per task' },
              color: { ...colour(study, width), legend: null },
            },
          },
        ],
      }),
    },
  ];
}

function fileName(kind: string, panel: string): string {
  const words = panel.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-|-$/g, '');
  return words === '' ? kind : `${kind}-${words}`;
}
