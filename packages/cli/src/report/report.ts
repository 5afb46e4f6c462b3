import { confusionCounts, type Agreement, type Consensus, type Labels, type WorkerReport } from '@quorate/consensus';
import { figure, tail } from '../terminal/answers-text.js';
import { count, percent, plural } from '../terminal/format.js';
import { auditOf } from '../terminal/honesty-lines.js';
import { confidenceChart, confusionChart, workerChart } from './charts.js';
import { answersChart, answersText, reliabilityChart } from './reliability.js';

export interface ReportFacts {
  readonly title: string;
  readonly consensus: Consensus;
  readonly labels: Labels;
  readonly workers: readonly WorkerReport[];
  readonly agreement: Agreement;
  readonly aggregator: string;
  readonly reviewBelow: number;
  readonly notes: readonly string[];
  /** How far confidence is to be believed, in sentences. */
  readonly honesty: readonly string[];
  /** The day, `2026-11-28`, and the version of the program: they come from the command, so that the rest is the data's. */
  readonly made: { readonly date: string; readonly version: string };
}

/** Most classes of a heat map, of all workers and of one, those of most answers; most workers; most rows of a table. */
const MOST_CLASSES = 25;
const MOST_OF_ONE = 12;
const MOST_MAPS = 6;
const MOST_ROWS = 50;

/**
 * One HTML file with everything in it: no scripts, no fonts, nothing from the network, and nothing that has to be opened
 * to be seen, so that it can be printed.
 */
export function reportHtml(facts: ReportFacts): string {
  const { title, consensus, labels, workers, agreement, aggregator, reviewBelow, notes, honesty, made } = facts;
  const { answers } = consensus;
  const review = labels.needsReview.reduce((sum, flag) => sum + flag, 0);
  const labelled = labels.label.reduce((sum, k) => sum + Number(k >= 0), 0);
  const sizes: [string, string][] = [
    ['answers', count(answers.index.count)],
    ['tasks', count(answers.taskIds.length)],
    ['workers', count(answers.workerIds.length)],
    ['classes', count(answers.classes.length)],
    ['tasks to review', count(review)],
    ["Krippendorff's alpha", figure(agreement.alpha)],
    ['agreeing answers', percent(agreement.percent)],
  ];
  const summary =
    `${plural(answers.index.count, 'answer')} of ${plural(answers.workerIds.length, 'worker')} make ` +
    `${plural(labelled, 'label')} for ${plural(answers.taskIds.length, 'task')}; ${count(review)} of them need review.`;
  const main = [
    `<h1>${escape(title)}</h1>`,
    `<p class="summary">${[summary, ...honesty].map(escape).join(' ')}</p>`,
    `<p class="made">Aggregator ${escape(aggregator)}. quorate ${escape(made.version)}, ${escape(made.date)}.</p>`,
    `<dl>${sizes.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`,
    ...(notes.length > 0 ? [`<ul>${notes.map((note) => `<li>${escape(note)}</li>`).join('')}</ul>`] : []),
    ...classPart(facts),
    together(
      '<h2>How sure the labels are</h2>',
      `<p>Tasks by the confidence of their label. Below ${reviewBelow} (red) a person should look.</p>`,
      confidenceChart(labels, reviewBelow),
    ),
    ...reliabilityPart(consensus),
    ...reviewPart(facts),
    together('<h2>Workers</h2>', ...workerPart(workers)),
    ...workerTable(workers),
    ...confusionMaps(consensus, workers),
  ];
  const viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">';
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">${viewport}
<title>${escape(title)}</title><style>${STYLE}</style></head>\n<body><main>\n${main.join('\n')}\n</main></body></html>\n`;
}

/** A heading and what it is about, on one page. */
function together(...parts: readonly string[]): string {
  return `<section class="together">\n${parts.join('\n')}\n</section>`;
}

/** Tasks of every class, in the order in which people count, the commonest of many. */
function classPart({ consensus, labels }: ReportFacts): string[] {
  const { classes } = consensus.answers;
  if (classes.length === 0) return [];
  const tasks = new Float64Array(classes.length);
  const confidence = new Float64Array(classes.length);
  labels.label.forEach((k, i) => {
    if (k < 0) return;
    tasks[k]!++;
    confidence[k]! += labels.confidence[i]!;
  });
  const name = (k: number): string => String(classes[k]);
  const chosen = [...classes.keys()]
    .sort((a, b) => tasks[b]! - tasks[a]! || a - b)
    .slice(0, MOST_ROWS)
    .sort((a, b) => natural.compare(name(a), name(b)));
  const rows = chosen.map((k) => [
    escape(name(k)),
    count(tasks[k]!),
    percent(labels.label.length > 0 ? tasks[k]! / labels.label.length : null),
    figure(tasks[k]! > 0 ? confidence[k]! / tasks[k]! : null),
  ]);
  const some = rows.length < classes.length ? `<p>The ${rows.length} commonest of ${count(classes.length)}.</p>` : '';
  return ['<h2>Classes</h2>', some, htmlTable(['class', 'tasks', 'share', 'mean confidence'], rows)];
}

/** Claimed confidence against gold. */
function reliabilityPart(consensus: Consensus): string[] {
  if (!consensus.inferred?.calibrated) return [];
  const audit = auditOf(consensus);
  const heading = '<h2>Does confidence hold?</h2>';
  if (!audit) return [heading, '<p>Nobody has checked: there is no gold with answers.</p>'];
  const rows = audit.byAnswers.map((group) => [
    answersText(group),
    count(group.tasks),
    figure(group.claimed),
    figure(group.right),
    `${figure(group.low)} – ${figure(group.high)}`,
  ]);
  return [
    together(
      heading,
      `<p>${plural(audit.tasks, 'gold task')}, each judged by the others: ${figure(audit.claimed)} claimed, ` +
        `${figure(audit.right)} right, expected calibration error ${figure(audit.ece)}. On the dashed line confidence ` +
        'holds; bars are 90 % credible intervals.</p>',
      reliabilityChart(audit),
    ),
    together('<h3>By number of answers</h3>', '<p>Red: claimed. Blue: right.</p>', answersChart(audit)),
    htmlTable(['answers', 'gold tasks', 'claimed', 'right', '90 %'], rows),
  ];
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
    `<section class="together">\n<h2>What is confused with what</h2>`,
    `<p>Rows: what a task is, by the answers of the others. Columns: what was said. Shares of each row.${
      rest ? ` The ${MOST_CLASSES} most frequent of ${count(classes.length)} classes.` : ''
    }</p>`,
    '<h3>All workers</h3>',
    map(all!, MOST_CLASSES, 'all workers'),
    '</section>',
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

function reviewPart({ consensus, labels }: ReportFacts): string[] {
  const { answers } = consensus;
  const name = (k: number): string => (k < 0 ? '–' : escape(String(answers.classes[k])));
  const tasks: number[] = [];
  for (let i = 0; i < labels.label.length; i++) if (labels.needsReview[i] === 1) tasks.push(i);
  if (tasks.length === 0) return [];
  tasks.sort((a, b) => labels.confidence[a]! - labels.confidence[b]! || labels.margin[a]! - labels.margin[b]! || a - b);
  const rows = tasks
    .slice(0, MOST_ROWS)
    .map((i) => [
      escape(answers.taskIds[i]!),
      name(labels.label[i]!),
      name(labels.runnerUp[i]!),
      figure(labels.confidence[i]!),
      String(labels.annotations[i]),
    ]);
  const rest = tasks.length - rows.length;
  return [
    '<h3>Tasks to review, the least certain first</h3>',
    ...(rest > 0 ? [`<p>${count(rows.length)} of ${count(tasks.length)}; labels.csv has them all.</p>`] : []),
    htmlTable(['task', 'label', 'runner-up', 'confidence', 'answers'], rows),
  ];
}

function workerPart(workers: readonly WorkerReport[]): string[] {
  const chart = workerChart(workers);
  if (chart === '') return ['<p>Nobody can be compared: no task has the answers of two.</p>'];
  const skill = 'Skill: share of the answers that are right, judged by the answers of the others';
  return [`<p>${skill}; the line is the 95 % credible interval. Red: flagged.</p>`, chart];
}

function workerTable(workers: readonly WorkerReport[]): string[] {
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
  const rest = workers.length - rows.length;
  return [
    '<h3>Workers, flagged ones first, then those with most answers</h3>',
    ...(rest > 0 ? [`<p>${count(rows.length)} of ${count(workers.length)}; workers.csv has them all.</p>`] : []),
    htmlTable(['worker', 'answers', 'skill', '95 %', 'worst confusion', 'flags'], rows),
  ];
}

/** Cells are HTML already. */
function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag.slice(0, 2)}>`).join('')}</tr>`;
  const body = rows.map((row) => line(row, 'td')).join('');
  return `<div class="table" tabindex="0"><table><thead>${line(head, 'th scope="col"')}</thead><tbody>${body}</tbody></table></div>`;
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
.maps { display: flex; flex-wrap: wrap; gap: 1rem; } .summary { font-size: 1.1rem; } .made { color: var(--faint); }
figure { margin: 0; max-width: 100%; } figcaption { font-weight: 600; overflow-wrap: anywhere; }
.chart, .table { overflow-x: auto; } .chart svg { max-width: 100%; height: auto; --plot-background: var(--paper); }
h1, h2, h3, h2 + p, h3 + p { break-after: avoid; } .together, figure, tr, dl { break-inside: avoid; }
@media (max-width: 30rem) { body { margin: 1rem auto; padding: 0 .6rem; } dl { gap: .8rem 1.2rem; } td { min-width: 0; } }
@media print {
  :root { color-scheme: light; --ink: black; --faint: #4a5568; --line: #cbd5e0; --paper: white; }
  body { margin: 0; max-width: none; font-size: 11pt; } .chart, .table { overflow: visible; }
  .chart svg { min-width: 0 !important; } * { print-color-adjust: exact; }
  thead { display: table-header-group; }
}
`;
