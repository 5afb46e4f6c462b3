import { confusionCounts, type Agreement, type Consensus, type Labels, type WorkerReport } from '@quorate/consensus';
import { figure, tail } from '../terminal/answers-text.js';
import { count, percent } from '../terminal/format.js';
import { confidenceChart, confusionChart, workerChart } from './charts.js';

export interface ReportFacts {
  readonly title: string;
  readonly consensus: Consensus;
  readonly labels: Labels;
  readonly workers: readonly WorkerReport[];
  readonly agreement: Agreement;
  readonly aggregator: string;
  readonly reviewBelow: number;
  readonly notes: readonly string[];
}

/** Most classes of a heat map, of all workers and of one, those of most answers; most workers; most rows of a table. */
const MOST_CLASSES = 25;
const MOST_OF_ONE = 12;
const MOST_MAPS = 6;
const MOST_ROWS = 200;

/** One HTML file with everything in it: no scripts, no fonts, nothing from the network. */
export function reportHtml(facts: ReportFacts): string {
  const { title, consensus, labels, workers, agreement, aggregator, reviewBelow, notes } = facts;
  const { answers } = consensus;
  const review = labels.needsReview.reduce((sum, flag) => sum + flag, 0);
  const sizes: [string, string][] = [
    ['answers', count(answers.index.count)],
    ['tasks', count(answers.taskIds.length)],
    ['workers', count(answers.workerIds.length)],
    ['classes', count(answers.classes.length)],
    ['tasks to review', count(review)],
    ["Krippendorff's alpha", figure(agreement.alpha)],
    ['agreeing answers', percent(agreement.percent)],
  ];
  const main = [
    `<h1>${escape(title)}</h1>`,
    `<p>Aggregator ${escape(aggregator)}.</p>`,
    `<dl>${sizes.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`,
    ...(notes.length > 0 ? [`<ul>${notes.map((note) => `<li>${escape(note)}</li>`).join('')}</ul>`] : []),
    '<h2>How sure the labels are</h2>',
    `<p>Tasks by the confidence of their label. Below ${reviewBelow} (red) a person should look.</p>`,
    confidenceChart(labels, reviewBelow),
    reviewTable(facts),
    '<h2>Workers</h2>',
    ...workerPart(workers),
    workerTable(workers),
    ...confusionMaps(consensus, workers),
  ];
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style></head>\n<body><main>\n${main.join('\n')}\n</main></body></html>\n`;
}

function confusionMaps(consensus: Consensus, workers: readonly WorkerReport[]): string[] {
  const { classes, index } = consensus.answers;
  if (classes.length < 2 || index.count === 0) return [];
  const chosen = [...workers.keys()]
    .filter((j) => workers[j]!.compared > 0)
    .sort((a, b) => workers[b]!.flags.length - workers[a]!.flags.length || workers[b]!.answers - workers[a]!.answers)
    .slice(0, MOST_MAPS);
  if (chosen.length === 0) return [];
  const [all, ...own] = confusionCounts(consensus, chosen);
  const map = (counts: Float64Array, most: number, whose: string): string => {
    const name = (k: number): string => String(classes[k]);
    const some = commonest(counts, classes.length, most).sort((a, b) => natural.compare(name(a), name(b)));
    const names = some.map(name);
    return confusionChart(part(counts, classes.length, some), names, whose);
  };
  const rest = classes.length > MOST_CLASSES;
  return [
    '<h2>What is confused with what</h2>',
    `<p>Rows: what a task is, by the answers of the others. Columns: what was said. Shares of each row.${
      rest ? ` The ${MOST_CLASSES} most frequent of ${count(classes.length)} classes.` : ''
    }</p>`,
    '<h3>All workers</h3>',
    map(all!, MOST_CLASSES, 'all workers'),
    '<h3>Flagged workers, and those with most answers</h3>',
    ...(classes.length > MOST_OF_ONE ? [`<p>For each the ${MOST_OF_ONE} most frequent classes.</p>`] : []),
    '<div class="maps">',
    ...chosen.map((j, n) => {
      const { worker } = workers[j]!;
      return `<figure><figcaption>${escape(worker)}</figcaption>${map(own[n]!, MOST_OF_ONE, worker)}</figure>`;
    }),
    '</div>',
  ];
}

const natural = new Intl.Collator('en', { numeric: true });

/** The classes that are named or true most often. */
function commonest(counts: Float64Array, K: number, most: number): number[] {
  const weight = new Float64Array(K);
  for (let x = 0; x < K * K; x++) {
    weight[Math.floor(x / K)]! += counts[x]!;
    weight[x % K]! += counts[x]!;
  }
  return Array.from({ length: K }, (_, k) => k)
    .sort((a, b) => weight[b]! - weight[a]! || a - b)
    .slice(0, most);
}

function part(counts: Float64Array, K: number, classes: readonly number[]): Float64Array {
  return Float64Array.from(classes.flatMap((k) => classes.map((z) => counts[k * K + z]!)));
}

function reviewTable({ consensus, labels }: ReportFacts): string {
  const { answers } = consensus;
  const name = (k: number): string => (k < 0 ? '–' : escape(String(answers.classes[k])));
  const tasks: number[] = [];
  for (let i = 0; i < labels.label.length; i++) if (labels.needsReview[i] === 1) tasks.push(i);
  if (tasks.length === 0) return '';
  tasks.sort((a, b) => labels.margin[a]! - labels.margin[b]! || a - b);
  const rows = tasks
    .slice(0, MOST_ROWS)
    .map((i) => [
      escape(answers.taskIds[i]!),
      name(labels.label[i]!),
      name(labels.runnerUp[i]!),
      figure(labels.confidence[i]!),
      String(labels.annotations[i]),
    ]);
  return details(
    `The ${count(rows.length)} least certain tasks`,
    htmlTable(['task', 'label', 'runner-up', 'confidence', 'answers'], rows),
  );
}

function workerPart(workers: readonly WorkerReport[]): string[] {
  const chart = workerChart(workers);
  if (chart === '') return ['<p>Nobody can be compared: no task has the answers of two.</p>'];
  const skill = 'Skill: share of the answers that are right, judged by the answers of the others';
  return [`<p>${skill}; the line is the 95 % credible interval. Red: flagged.</p>`, chart];
}

function workerTable(workers: readonly WorkerReport[]): string {
  const order = [...workers].sort((a, b) => b.flags.length - a.flags.length || b.answers - a.answers);
  const rows = order
    .slice(0, MOST_ROWS)
    .map((one) => [
      escape(one.worker),
      count(one.answers),
      figure(one.skill),
      one.skill === null ? '–' : `${figure(one.skillLow)} – ${figure(one.skillHigh)}`,
      one.worstConfusion
        ? escape(
            `${String(one.worstConfusion.from)} → ${String(one.worstConfusion.to)} (${percent(one.worstConfusion.share)})`,
          )
        : '–',
      escape(one.flags.map(({ flag, evidence, p }) => `${flag}: ${evidence} (p ${tail(p)})`).join('; ')),
    ]);
  return details(
    rows.length < workers.length ? `${count(rows.length)} of ${count(workers.length)} workers` : 'All workers',
    htmlTable(['worker', 'answers', 'skill', '95 %', 'worst confusion', 'flags'], rows),
  );
}

function details(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>${content}</details>`;
}

/** Cells are HTML already. */
function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag.slice(0, 2)}>`).join('')}</tr>`;
  return `<table><thead>${line(head, 'th scope="col"')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table>`;
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (c) => entities[c]!);
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1a202c; --faint: #4a5568; --line: #e2e8f0; --paper: white; }
@media (prefers-color-scheme: dark) { :root { --ink: #e2e8f0; --faint: #a0aec0; --line: #4a5568; --paper: #1a202c; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { margin-top: 2.5rem; font-size: 1.2rem; } h3 { font-size: 1rem; }
dl { display: flex; flex-wrap: wrap; gap: 1.5rem; } dl div { display: flex; flex-direction: column-reverse; }
dt { color: var(--faint); font-size: .85rem; } dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0; }
td, th { padding: .15rem .7rem .15rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
td { min-width: 3.5rem; max-width: 18rem; } td, figcaption { unicode-bidi: plaintext; }
summary { cursor: pointer; margin: .5rem 0; } .maps { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; max-width: 100%; } figcaption { font-weight: 600; overflow-wrap: anywhere; }
.chart, details { overflow-x: auto; } .chart svg { max-width: 100%; height: auto; --plot-background: var(--paper); }
`;
