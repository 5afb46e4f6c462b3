import type { StepRecord } from '@quorate/engine';
import { parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { comparisonsOf } from './comparisons.js';
import { costText, costsOf } from './costs.js';
import { curvesOf } from './curves.js';
import { inPage, pdfOf, pngOf, svgOf } from './render.js';
import { reportOf } from './report.js';
import { accuracyOf, type Study, type StudyRun } from './study.js';
import { latexOf, markdownOf, parquetOf } from './tables.js';

const step = (annotations: number, top1: number | null): StepRecord =>
  ({
    step: annotations / 10,
    annotations,
    annotationsPerItem: annotations / 100,
    valid: 50,
    validShare: 0.5,
    labelled: 1,
    aggregate: top1 === null ? null : { all: { top1, ece: 0.1 }, valid: { top1 }, open: { top1 } },
    learner: null,
  }) as unknown as StepRecord;

function run(series: string, seed: number, ...curve: readonly (number | null)[]): StudyRun {
  return {
    id: `${series}${seed}`,
    labels: [series, String(seed)],
    names: { experiment: null, method: series, simulation: null, seed },
    status: 'done',
    error: null,
    end: null,
    steps: curve.map((top1, n) => step(10 * n, top1)),
    condition: series,
    panel: '',
    series,
    folder: '',
    seconds: 1,
    claimed: 0.9,
  };
}

const study = (...runs: readonly StudyRun[]): Study => ({
  title: 'a <study> & "more"',
  axes: ['method', 'seed'],
  compared: 'method',
  runs,
  panels: [''],
  series: [...new Set(runs.map(({ series }) => series))],
});

it('a curve is a step function, and ends where its shortest run ends', () => {
  const [curve] = curvesOf(study(run('a', 1, 0.5, 0.6, 0.7), run('a', 2, 0.4, 0.8)), accuracyOf);
  expect(curve!.points).toEqual([
    { annotations: 0, middle: 0.45, low: 0.4, high: 0.5 },
    { annotations: 10, middle: 0.7, low: 0.6, high: 0.8 },
  ]);
  expect(curve!.words).toMatch(/median of 2 runs/);
});

it('a run that never gets there is counted, not dropped', () => {
  const runs = [run('a', 1, 0.5, 0.95), run('a', 2, 0.5, 0.6, 0.7), run('a', 3, 0.95, 0.5, 0.6)];
  const [cost] = costsOf(study(...runs), [0.9]);
  expect(cost).toMatchObject({ runs: 3, reached: 1, median: null, moreThan: 20 });
  expect(costText(cost!)).toBe('> 20 (1 of 3 reached)');
  expect(costText(costsOf(study(runs[0]!, run('a', 2, 0.95, 0.95)), [0.9])[0]!)).toBe('5 (0 – 10)');
});

it('compares pairs of one seed, at the annotations of the one that ended first', () => {
  const runs = [1, 2, 3, 4].flatMap((seed) => [
    run('a', seed, 0.5, 0.6 + seed / 100, 0.99),
    run('b', seed, 0.5, 0.5 + seed / 90),
  ]);
  const [one] = comparisonsOf(study(...runs, run('b', 9, 0.1)));
  expect(one).toMatchObject({ a: 'a', b: 'b', pairs: 4, annotations: 10, verdict: 'a' });
  expect(one!.mean).toBeCloseTo(0.0972, 4);
  const alike = [1, 2, 3].flatMap((seed) => [
    run('a', seed, 0.5 + seed / 100),
    run('b', seed, 0.52 - ((seed % 2) - 0.5) / 20),
  ]);
  expect(comparisonsOf(study(...alike))[0]!.verdict).toBe('not distinguishable');
  expect(comparisonsOf(study(run('a', 1, 0.5), run('b', 1, 0.9)))[0]!.verdict).toBe('too few pairs');
});

it('is one page without scripts, without anything from elsewhere, and with failed runs on top', async () => {
  const failed: StudyRun = { ...run('a', 3), status: 'failed', error: '[DATA_INVALID] <x>', steps: [] };
  const { html, figures, tables } = await reportOf(study(run('a', 1, 0.5, 0.6), run('b', 1, 0.4, 0.7), failed), {
    price: 0.05,
    version: '9',
  });
  expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)|url\(|@import|<link/);
  expect(html).toContain('a &lt;study&gt; &amp; &quot;more&quot;');
  expect(html.indexOf('Failed runs: 1')).toBeLessThan(html.indexOf('At the end of the runs'));
  expect(html).toContain('&lt;x&gt;');
  expect(figures.map(({ name }) => name)).toEqual(['accuracy', 'valid', 'ece', 'reliability', 'cost']);
  expect(tables.map(({ name }) => name)).toEqual(['summary', 'annotations-to', 'comparisons']);
  expect(tables[0]!.columns).toContain('cost');
});

it('is a page also of runs whose truth nobody knows', async () => {
  const { html, tables } = await reportOf(study(run('a', 1, null, null)), { price: null, version: '9' });
  expect(tables.map(({ name }) => name)).toEqual(['summary']);
  expect(html).toContain('–');
});

it('draws the same bytes every time: SVG, PNG and PDF', async () => {
  const spec = {
    width: 200,
    height: 100,
    data: { values: [{ a: 1 }] },
    mark: 'point',
    encoding: { x: { field: 'a', type: 'quantitative' } },
  };
  const svg = await svgOf(spec);
  expect(svg).toMatch(/^<svg/);
  expect(inPage(svg, 'a "b"')).toMatch(/role="img" aria-label="a &quot;b&quot;"/);
  const [png, pdf] = [await pngOf(svg), await pdfOf(svg, 'x')];
  expect(Buffer.from(png).subarray(1, 4).toString()).toBe('PNG');
  expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  expect(Buffer.from(await pngOf(await svgOf(spec))).equals(Buffer.from(png))).toBe(true);
  expect(Buffer.from(await pdfOf(svg, 'x')).equals(Buffer.from(pdf))).toBe(true);
});

it('tables: what LaTeX and Markdown take for their own is escaped, Parquet keeps numbers and what is not known', async () => {
  const table = { name: 't', title: 'T', columns: ['a_b', 'share', 'n'], shares: ['share'], rows: [['50 % & #1 | $x', 0.123, 1234], [null, null, 0.5]] }; // prettier-ignore
  expect(latexOf(table)).toContain('a\\_b & share & n \\\\');
  expect(latexOf(table)).toContain('50 \\% \\& \\#1 | \\$x & 12.3~\\% & 1,234 \\\\');
  expect(latexOf(table)).toContain('\\begin{tabular}{lrr}');
  expect(markdownOf(table)).toContain('50 % & #1 \\| $x');
  const bytes = await parquetOf(table);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  expect(await parquetReadObjects({ file })).toEqual([
    { a_b: '50 % & #1 | $x', share: 0.123, n: 1234 },
    { a_b: null, share: null, n: 0.5 },
  ]);
});
