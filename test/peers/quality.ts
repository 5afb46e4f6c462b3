import { join } from 'node:path';
import { accuracy, agreementOf, readLabels } from './labels.js';
import { ask } from './python.js';
import { timedCommand as quorate } from '../bench/command.js';
import { table } from './tables.js';

export interface CrowdSet {
  readonly name: string;
  /** With `annotations.csv` (`task,worker,label`) and `gold.csv` (`task,label`). */
  readonly folder: string;
}

/** Models that both have: ours, crowd-kit's. */
const pairs = [
  ['majority_vote', 'MajorityVote'],
  ['wawa', 'Wawa'],
  ['zero_based_skill', 'ZeroBasedSkill'],
  ['one_coin', 'OneCoinDawidSkene'],
  ['dawid_skene', 'DawidSkene'],
  ['mace', 'MACE'],
  ['glad', 'GLAD'],
] as const;
/** Models that only we have. crowd-kit's MMSR is left out: it asks for a terabyte of memory on `cifar10h-500`. */
const ours = ['default', 'dawid_skene_map'] as const;

const percent = (share: number): string => (100 * share).toFixed(1);

/** Accuracy of every model on every set, and the share of tasks on which the two sides' models agree. */
export function compareLabels(
  python: string,
  sets: readonly CrowdSet[],
  folder: string,
): { accuracy: string; labels: string } {
  const header = ['', ...pairs.map(([name]) => `\`${name}\` / ${nameOf(name)}`), ...ours.map((n) => `\`${n}\``)];
  const right: (string | number)[][] = [header];
  const same: (string | number)[][] = [['', ...pairs.map(([, peer]) => peer)]];
  const sums = new Array<number>(2 * pairs.length + ours.length).fill(0);
  for (const set of sets) {
    const answers = join(set.folder, 'annotations.csv');
    const gold = readLabels(join(set.folder, 'gold.csv'));
    const labelled = (name: string): ReturnType<typeof readLabels> => {
      quorate(folder, 'aggregate', answers, '--aggregator', name, '--out', `ours-${name}`, '--force');
      return readLabels(join(folder, `ours-${name}`, 'labels.csv'));
    };
    const peer = (name: string): ReturnType<typeof readLabels> => {
      const out = join(folder, `${name}.csv`);
      ask(python, 'aggregate', name, answers, out);
      return readLabels(out);
    };
    const both = pairs.map(([one, other]) => [labelled(one), peer(other)] as const);
    const figures = [
      ...both.flatMap(([one, other]) => [accuracy(one, gold), accuracy(other, gold)]),
      ...ours.map((name) => accuracy(labelled(name), gold)),
    ];
    figures.forEach((figure, at) => (sums[at]! += figure / sets.length));
    right.push([set.name, ...cells(figures)]);
    same.push([set.name, ...both.map(([one, other]) => percent(agreementOf(one, other)))]);
    console.error(`${set.name}: done`);
  }
  if (sets.length > 0) right.push(['**mean**', ...cells(sums)]);
  return { accuracy: table(right), labels: table(same) };
}

function nameOf(name: string): string {
  return pairs.find(([one]) => one === name)![1];
}

function cells(figures: readonly number[]): string[] {
  const paired = pairs.map((_, at) => `${percent(figures[2 * at]!)} / ${percent(figures[2 * at + 1]!)}`);
  return [...paired, ...figures.slice(2 * pairs.length).map(percent)];
}

/** Krippendorff's alpha and Fleiss' kappa on both sides. */
export function compareAgreement(python: string, sets: readonly CrowdSet[], folder: string): string {
  const rows: (string | number)[][] = [
    ['', 'alpha', 'krippendorff', 'difference', 'kappa', 'statsmodels', 'difference'],
  ];
  for (const set of sets) {
    const answers = join(set.folder, 'annotations.csv');
    const { stdout } = quorate(folder, 'agreement', answers, '--json');
    const { agreement } = JSON.parse(stdout) as { agreement: { alpha: number; fleiss: number | null } };
    const peer = ask<{ alpha: number; fleiss: number | null }>(python, 'agreement', answers);
    const kappa = peer.fleiss === null || agreement.fleiss === null ? null : agreement.fleiss - peer.fleiss;
    rows.push([
      set.name,
      agreement.alpha.toFixed(6),
      peer.alpha.toFixed(6),
      Math.abs(agreement.alpha - peer.alpha).toExponential(0),
      agreement.fleiss === null ? '' : agreement.fleiss.toFixed(6),
      peer.fleiss === null ? 'unequal numbers of answers' : peer.fleiss.toFixed(6),
      kappa === null ? '' : Math.abs(kappa).toExponential(0),
    ]);
  }
  return table(rows);
}
