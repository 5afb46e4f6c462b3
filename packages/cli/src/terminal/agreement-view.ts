import type { Agreement, CrowdAnswers, PairwiseKappa } from '@quorate/consensus';
import { columns, count, percent, plural, wrap } from './format.js';
import { figure, shown, table } from './answers-text.js';

/** Pairs and classes that a table shows at most. */
const MOST_PAIRS = 5;
const MOST_CLASSES = 20;

/** What `quorate agreement` says, 80 columns. */
export function agreementLines(
  title: string,
  answers: CrowdAnswers,
  agreement: Agreement,
  pairwise: PairwiseKappa,
  notes: readonly string[] = [],
): string[] {
  const { classes, workerIds, taskIds, index } = answers;
  const head = `${title}: ${plural(index.count, 'answer')} of ${plural(workerIds.length, 'worker')} to ${plural(taskIds.length, 'task')}`;
  const { repeats } = agreement;
  const told = [
    ...wrap(head, 80),
    ...(repeats > 0
      ? wrap(
          `repeats: ${plural(repeats, 'further answer')} of a worker to the same task, of which the first counts`,
          80,
        )
      : []),
    ...notes.flatMap((note) => columns([['note', note]], 80, 2)),
  ];
  if (agreement.tasks === 0) return [...told, 'no task was answered by two workers: nothing to compare'];
  const { answersPerTask } = agreement;
  const rows = [
    ["Krippendorff's alpha, nominal", figure(agreement.alpha), 'missing answers are no matter'],
    [
      "Fleiss' kappa",
      figure(agreement.fleiss),
      answersPerTask === null ? 'extended to unequal numbers' : `${answersPerTask} answers a task`,
    ],
    [
      "Cohen's kappa, mean of pairs",
      figure(pairwise.mean),
      `${plural(pairwise.pairs.length, 'pair')} of ${plural(pairwise.workers, 'worker')}`,
    ],
    ['agreeing pairs of answers', percent(agreement.percent), 'mean over tasks'],
  ];
  const order = [...agreement.perClass].sort((a, b) => b.answers - a.answers || a.label - b.label);
  const classRows = order
    .slice(0, MOST_CLASSES)
    .map((one) => [shown(String(classes[one.label]), 36), count(one.answers), figure(one.alpha), percent(one.percent)]);
  const rest = order.length - classRows.length;
  return [
    ...told,
    `compared: ${plural(agreement.answers, 'answer')} to ${plural(agreement.tasks, 'task')} with two or more`,
    '',
    table(['agreement', '', 'over'], rows, [2]),
    '',
    table(['class', 'answers', 'alpha', 'named again'], classRows),
    ...(rest > 0 ? [`and ${plural(rest, 'other class').replace('classs', 'classes')}: --json has them all`] : []),
    ...pairLines(answers, pairwise),
    ...(agreement.alpha === null ? ['alpha and kappa are not defined where all answers name one class'] : []),
  ];
}

function pairLines({ workerIds }: CrowdAnswers, { pairs }: PairwiseKappa): string[] {
  const known = pairs.filter(({ kappa }) => kappa !== null).sort((a, b) => a.kappa! - b.kappa!);
  if (known.length === 0) return [];
  const row = ({ workers: [j, l], tasks, percent: share, kappa }: (typeof known)[number]): string[] => [
    shown(workerIds[j]!, 18),
    shown(workerIds[l]!, 18),
    count(tasks),
    percent(share),
    figure(kappa),
  ];
  const some = known.length > 2 * MOST_PAIRS ? [...known.slice(0, MOST_PAIRS), ...known.slice(-MOST_PAIRS)] : known;
  const title = some.length < known.length ? `the ${MOST_PAIRS} pairs that agree least, and most` : 'pairs of workers';
  return ['', title, table(['worker', 'and', 'tasks', 'agree', "Cohen's kappa"], some.map(row), [1])];
}
