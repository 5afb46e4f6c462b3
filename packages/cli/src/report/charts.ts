import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import columnsOf from 'string-width';
import type { Labels, WorkerReport } from '@quorate/consensus';
import { shown } from '../terminal/answers-text.js';

export const WIDTH = 720;
/** Both stand out from white and from the paper of the dark. */
export const BLUE = '#2f76c4';
export const RED = '#d33f3f';

/** An SVG as text, drawn without a browser: the types of the DOM, which nothing else here needs, are left out. */
export function svg(ariaLabel: string, options: Plot.PlotOptions & { readonly width: number }): string {
  const { document } = parseHTML('<html></html>') as unknown as { document: unknown };
  const plot = Plot.plot as unknown as (options: unknown) => {
    setAttribute: (name: string, value: string) => void;
    readonly outerHTML: string;
  };
  // Smaller than that nobody could read it: on a narrow page it is scrolled.
  const narrowest = options.width > 480 ? 480 : Math.min(330, options.width);
  const drawn = plot({ ...options, ariaLabel, document });
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('style', `min-width: ${narrowest}px`);
  return `<div class="chart" tabindex="0">${drawn.outerHTML}</div>`;
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** A count of at most six characters: `812`, `9,999`, `12.3K`. */
const short = (n: number): string => (n < 10_000 ? n.toLocaleString('en-US') : compact.format(n));

/**
 * How sure the labels are: tasks by confidence, twenty bins; those below the threshold of review in red. Every bar has its
 * count, since a few doubtful tasks among many are no bar that can be seen.
 */
export function confidenceChart({ label, confidence, gold }: Labels, reviewBelow: number): string {
  const bins = new Float64Array(20);
  for (let i = 0; i < label.length; i++) {
    if (label[i]! >= 0 && gold[i] === 0) bins[Math.min(19, Math.floor(confidence[i]! * 20))]!++;
  }
  const data = [...bins].map((tasks, b) => ({ tasks, from: b / 20, to: (b + 1) / 20 }));
  const low = data.reduce((sum, { tasks, to }) => (to <= reviewBelow + 1e-9 ? sum + tasks : sum), 0);
  return svg(`Histogram of the confidence of labels, ${low} tasks in the red bars`, {
    width: WIDTH,
    height: 260,
    marginTop: 30,
    x: { label: 'confidence', domain: [0, 1] },
    y: { label: 'tasks', grid: true, nice: true },
    marks: [
      Plot.rectY(data, {
        x1: 'from',
        x2: 'to',
        y: 'tasks',
        inset: 0.5,
        fill: (d: (typeof data)[number]) => (d.to <= reviewBelow + 1e-9 ? RED : BLUE),
        title: (d: (typeof data)[number]) => `${d.tasks} tasks, ${d.from.toFixed(2)} to ${d.to.toFixed(2)}`,
      }),
      Plot.text(
        data.filter(({ tasks }) => tasks > 0),
        {
          x: (d: (typeof data)[number]) => (d.from + d.to) / 2,
          y: 'tasks',
          text: (d: (typeof data)[number]) => short(d.tasks),
          dy: -6,
          fontSize: 10,
        },
      ),
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
  const answers = data.map((d) => d.answers);
  const [fewest, most] = [Math.min(...answers), Math.max(...answers)];
  // Over a narrow range a logarithmic axis has no round numbers to show.
  const type = most > 20 * fewest ? 'log' : 'linear';
  const across = (n: number): number => {
    const place = type === 'log' ? Math.log : (x: number): number => x;
    return most > fewest ? (place(n) - place(fewest)) / (place(most) - place(fewest)) : 0.5;
  };
  const colour = (d: (typeof data)[number]): string => (d.flags.length > 0 ? RED : BLUE);
  return svg(`Skill of ${data.length} workers against their answers, ${flagged.length} flagged`, {
    width: WIDTH,
    height: 340,
    x: {
      type,
      label: 'answers',
      grid: true,
      ticks: 6,
      tickFormat: (n: number) => (Number.isInteger(n) ? n.toLocaleString('en-US') : ''),
    },
    y: { label: 'skill', domain: [0, 1], grid: true },
    marks: [
      Plot.ruleX(data, { x: 'answers', y1: 'skillLow', y2: 'skillHigh', stroke: colour, strokeOpacity: 0.35 }),
      Plot.dot(data, { x: 'answers', y: 'skill', fill: colour, r: 3, title: 'text' }),
      Plot.text(
        apart(flagged, (d) => [across(d.answers) * WIDTH, d.skill! * 290]),
        {
          x: 'answers',
          y: 'skill',
          text: (d: (typeof data)[number]) => shown(d.worker, 16),
          dx: 6,
          textAnchor: 'start',
          fill: RED,
        },
      ),
    ],
  });
}

/** Those of the marks whose names would not lie on the name of one before. @param at Where a mark is, in pixels. */
function apart<T>(marks: readonly T[], at: (mark: T) => readonly [number, number]): T[] {
  const [wide, high] = [110, 12];
  const named: (readonly [number, number])[] = [];
  return marks.filter((mark) => {
    const [x, y] = at(mark);
    // At the right edge a name would be cut off.
    if (x > WIDTH - wide || named.some(([u, v]) => Math.abs(u - x) < wide && Math.abs(v - y) < high)) return false;
    return named.push([x, y]);
  });
}

/**
 * A confusion matrix as a heat map: rows what tasks are, columns what was said, shares of the row.
 * @param counts K×K row-major, expected numbers of answers.
 */
export function confusionChart(counts: Float64Array, names: readonly string[], whose: string): string {
  const K = names.length;
  const labels = distinct(names);
  const cells = names.flatMap((_, k) => {
    const row = counts.subarray(k * K, (k + 1) * K);
    const total = row.reduce((sum, n) => sum + n, 0);
    // A row without answers stays empty.
    return names.map((__, z) => ({
      from: labels[k]!,
      to: labels[z]!,
      share: row[z]! / total,
      title: `${names[k]!} named ${names[z]!}: ${row[z]!.toFixed(1)} of ${total.toFixed(1)} answers`,
    }));
  });
  const side = Math.max(18, Math.min(44, Math.floor(440 / K)));
  const text = side >= 26;
  const longest = 7 * Math.max(...labels.map((name) => columnsOf(name)));
  // Names above the columns lean to the right.
  const [left, right, top] = [14 + longest, 10 + 0.72 * longest, 24 + 0.72 * longest];
  return svg(`Confusion matrix of ${whose}, ${K} classes`, {
    width: left + side * K + right,
    height: top + side * K + 10,
    marginLeft: left,
    marginRight: right,
    marginTop: top,
    marginBottom: 10,
    padding: 0.03,
    x: { domain: labels, label: null, axis: 'top', tickRotate: -45 },
    y: { domain: labels, label: null },
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

/** Names cut to what an axis has room for; those that came out alike are told apart by a number. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let cut = shown(name, 14);
    for (let n = 2; taken.has(cut); n++) cut = `${shown(name, 10)} ${n}`;
    taken.add(cut);
    return cut;
  });
}
