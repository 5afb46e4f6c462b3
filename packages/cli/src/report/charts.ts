import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Labels, WorkerReport } from '@quorate/consensus';
import { shown } from '../terminal/answers-text.js';

const WIDTH = 720;
const BLUE = '#2b6cb0';
const RED = '#c53030';

/** An SVG as text, drawn without a browser: the types of the DOM, which nothing else here needs, are left out. */
function svg(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<html></html>') as unknown as { document: unknown };
  const plot = Plot.plot as unknown as (options: unknown) => { readonly outerHTML: string };
  return plot({ ...options, document }).outerHTML;
}

/** How sure the labels are: tasks by confidence, twenty bins; those below the threshold of review in red. */
export function confidenceChart({ label, confidence, gold }: Labels, reviewBelow: number): string {
  const bins = new Float64Array(20);
  for (let i = 0; i < label.length; i++) {
    if (label[i]! >= 0 && gold[i] === 0) bins[Math.min(19, Math.floor(confidence[i]! * 20))]!++;
  }
  const data = [...bins].map((tasks, b) => ({ tasks, from: b / 20, to: (b + 1) / 20 }));
  return svg({
    width: WIDTH,
    height: 260,
    x: { label: 'confidence', domain: [0, 1] },
    y: { label: 'tasks', grid: true },
    marks: [
      Plot.rectY(data, {
        x1: 'from',
        x2: 'to',
        y: 'tasks',
        inset: 0.5,
        fill: (d: (typeof data)[number]) => (d.to <= reviewBelow + 1e-9 ? RED : BLUE),
        title: (d: (typeof data)[number]) => `${d.tasks} tasks, ${d.from.toFixed(2)} to ${d.to.toFixed(2)}`,
      }),
      Plot.ruleX([reviewBelow], { strokeDasharray: '4,3' }),
      Plot.ruleY([0]),
    ],
  });
}

/** Workers that a plot shows, flagged ones first, then those with most answers. */
const MOST_WORKERS = 400;

/** Skill with its interval against the number of answers. Empty where nobody can be compared. */
export function workerChart(workers: readonly WorkerReport[]): string {
  const data = workers
    .filter(({ skill }) => skill !== null)
    .sort((a, b) => b.flags.length - a.flags.length || b.answers - a.answers)
    .slice(0, MOST_WORKERS)
    .map((one) => ({
      ...one,
      state: one.flags.length > 0 ? 'flagged' : 'not flagged',
      text: `${one.worker}: ${one.answers} answers, skill ${one.skill!.toFixed(2)} ${one.flags.map(({ flag }) => flag).join(' ')}`,
    }));
  if (data.length === 0) return '';
  const flagged = data.filter(({ flags }) => flags.length > 0);
  const colour = (d: (typeof data)[number]): string => (d.flags.length > 0 ? RED : BLUE);
  return svg({
    width: WIDTH,
    height: 340,
    x: { type: 'log', label: 'answers', grid: true, ticks: 6, tickFormat: (n: number) => n.toLocaleString('en-US') },
    y: { label: 'skill', domain: [0, 1], grid: true },
    marks: [
      Plot.ruleX(data, { x: 'answers', y1: 'skillLow', y2: 'skillHigh', stroke: colour, strokeOpacity: 0.35 }),
      Plot.dot(data, { x: 'answers', y: 'skill', fill: colour, r: 3, title: 'text' }),
      Plot.text(flagged.slice(0, 30), {
        x: 'answers',
        y: 'skill',
        text: (d: (typeof data)[number]) => shown(d.worker, 16),
        dx: 6,
        textAnchor: 'start',
        fill: RED,
      }),
    ],
  });
}

/**
 * A confusion matrix as a heat map: rows what tasks are, columns what was said, shares of the row.
 * @param counts K×K row-major, expected numbers of answers.
 */
export function confusionChart(counts: Float64Array, names: readonly string[]): string {
  const K = names.length;
  const labels = distinct(names.map((name) => shown(name, 14)));
  const cells = names.flatMap((_, k) => {
    const row = counts.subarray(k * K, (k + 1) * K);
    const total = row.reduce((sum, n) => sum + n, 0);
    return names.map((__, z) => ({
      from: labels[k]!,
      to: labels[z]!,
      share: total > 0 ? row[z]! / total : 0,
      title: `${names[k]!} named ${names[z]!}: ${row[z]!.toFixed(1)} of ${total.toFixed(1)} answers`,
    }));
  });
  const side = Math.max(18, Math.min(44, Math.floor(440 / K)));
  const text = side >= 26;
  return svg({
    width: side * K + 120,
    height: side * K + 110,
    marginLeft: 110,
    marginTop: 90,
    padding: 0.03,
    x: { domain: labels, label: 'named', axis: 'top', tickRotate: -45 },
    y: { domain: labels, label: 'is' },
    color: { type: 'linear', domain: [0, 1], scheme: 'blues' },
    marks: [
      Plot.cell(cells, { x: 'to', y: 'from', fill: 'share', title: 'title' }),
      ...(text
        ? [
            Plot.text(cells, {
              x: 'to',
              y: 'from',
              text: (d: (typeof cells)[number]) => (d.share >= 0.005 ? d.share.toFixed(2).replace(/^0/, '') : ''),
              fill: (d: (typeof cells)[number]) => (d.share > 0.55 ? 'white' : 'black'),
              fontSize: 10,
            }),
          ]
        : []),
    ],
  });
}

/** Names that were cut to the same text are told apart by a number. */
function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}
