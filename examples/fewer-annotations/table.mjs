import { costOf, geometricMean, mean, ratioOf } from './figures.mjs';

const levels = [0.9, 0.95];
const percent = (x) => (100 * x).toFixed(1);

/** Mean cost of the runs that get to a level, and how many do not. */
function cost(runs, level) {
  const all = runs.map((run) => costOf(run, level));
  const there = all.filter((x) => x !== null);
  if (there.length === 0) return 'never';
  const never = all.length - there.length;
  return `${mean(there).toFixed(3)}${never > 0 ? ` (${never} never)` : ''}`;
}

const ratio = (x) => (x === null ? 'never' : x.toFixed(2));

/** The tables of the README, in Markdown, of runs that are in the order of their seeds. */
export function tableOf(runs) {
  const sets = [...new Set(runs.map(({ set }) => set))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const of = (set, method) => runs.filter((run) => run.set === set && run.method === method).map((run) => run.figures);
  const both = (set) => [of(set, 'quorate'), of(set, 'efficient_annotation')];
  const ratios = (level) => sets.map((set) => ratioOf(...both(set), level));
  const row = (...cells) => `| ${cells.join(' | ')} |`;
  const head = (...cells) => [row(...cells), row(...cells.map(() => '---'))];
  return [
    ...head('annotations per task', ...levels.flatMap((level) => [`to ${100 * level} %`, 'ratio']), 'in all'),
    ...sets.flatMap((set) => {
      const [ours, theirs] = both(set);
      const total = (group) => mean(group.map((run) => run.cost.at(-1))).toFixed(2);
      return [
        row(`${set}, efficient_annotation`, ...levels.flatMap((level) => [cost(theirs, level), '']), total(theirs)),
        row(
          `${set}, quorate`,
          ...levels.flatMap((level) => [cost(ours, level), ratio(ratioOf(ours, theirs, level))]),
          total(ours),
        ),
      ];
    }),
    row('geometric mean', ...levels.flatMap((level) => ['', ratio(geometricMean(ratios(level)))]), ''),
    row('of both levels', '', '', '', ratio(geometricMean(levels.flatMap(ratios))), ''),
    '',
    ...head(
      'at the end',
      'accuracy without annotations, %',
      `accuracy, %, seeds ${seeds.join(', ')}`,
      'ECE (largest)',
      'valid, %',
      'precision of valid, % (lowest)',
    ),
    ...sets.flatMap((set) =>
      ['efficient_annotation', 'quorate'].map((method) => {
        const group = of(set, method);
        const ece = group.map((run) => run.ece);
        const precision = group.map((run) => run.precision);
        return row(
          `${set}, ${method}`,
          percent(mean(group.map((run) => run.accuracy[0]))),
          group.map((run) => percent(run.accuracy.at(-1))).join(', '),
          `${mean(ece).toFixed(3)} (${Math.max(...ece).toFixed(3)})`,
          percent(mean(group.map((run) => run.valid))),
          `${percent(mean(precision))} (${percent(Math.min(...precision))})`,
        );
      }),
    ),
  ].join('\n');
}
