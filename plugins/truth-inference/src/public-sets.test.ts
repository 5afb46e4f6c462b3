import { AnnotationIndex, AnswerTableBuilder, argmax, makeRng } from '@quorate/core';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accuracy, aggregated, build, requestFor } from './aggregating.fixture.js';
import { answersByItem, voteShares } from './answers-by-item.js';
import chosen from './aggregator-default.js';
import plugin from './index.js';

const folder = join(process.env['QUORATE_SHARED'] ?? join(import.meta.dirname, '../../../../shared'), 'data/crowd');
const names = ['bluebirds', 'music', 'weather-cf', 'adult2'] as const;
type Name = (typeof names)[number];

interface Crowd {
  readonly index: AnnotationIndex;
  readonly gold: Int32Array;
}

function load(name: string): Crowd {
  const rows = (file: string): string[][] =>
    readFileSync(join(folder, name, file), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
  const table = new AnswerTableBuilder();
  for (const [task, worker, label] of rows('annotations.csv')) {
    table.add(table.task(task!), table.worker(worker!), table.class(label!));
  }
  for (const [task, label] of rows('gold.csv')) table.setGold(table.task(task!), table.class(label!));
  const { taskIds, workerIds, classes, count, item, worker, label, gold } = table.build();
  const index = new AnnotationIndex(taskIds.length, workerIds.length, classes.length);
  for (let a = 0; a < count; a++) index.append(item[a]!, worker[a]!, label[a]!);
  return { index, gold: gold! };
}

const published: Readonly<Record<Name, Readonly<Record<string, number>>>> = {
  bluebirds: { dawid_skene: 0.898, glad: 0.722, mace: 0.861 },
  music: { wawa: 0.797, one_coin: 0.793, dawid_skene: 0.767, dawid_skene_map: 0.784 },
  'weather-cf': { dawid_skene_map: 0.89 },
  adult2: { dawid_skene: 0.748 },
};
const majority: Readonly<Record<Name, number>> = { bluebirds: 0.759, music: 0.704, 'weather-cf': 0.882, adult2: 0.76 };

const there = existsSync(folder);
describe.skipIf(!there)(`public sets${there ? '' : ` [skipped: no ${folder}; set QUORATE_SHARED]`}`, () => {
  const crowds = there ? new Map(names.map((name) => [name, load(name)])) : new Map<Name, Crowd>();
  const scoreOf = (aggregator: string, name: Name): number => {
    const { index, gold } = crowds.get(name)!;
    const component = plugin.components!.find((one) => one.name === aggregator)!;
    return accuracy(aggregated(build(component), requestFor(index)).posterior, gold, index.classes);
  };

  for (const name of names) {
    it(`${name}: the published accuracy within a point`, () => {
      const { index, gold } = crowds.get(name)!;
      const shares = new Float64Array(index.items * index.classes);
      voteShares(answersByItem(index), null, shares);
      expect(Math.abs(accuracy(shares, gold, index.classes) - majority[name])).toBeLessThan(0.001);
      for (const [aggregator, want] of Object.entries(published[name])) {
        expect(Math.abs(scoreOf(aggregator, name) - want), aggregator).toBeLessThan(0.01);
      }
    });
  }
});

/** Of `default` without gold: accuracy of the labels, mean confidence, ECE, as the study's prototype has them. */
const honest: Readonly<Record<string, readonly [accuracy: number, confidence: number, ece: number]>> = {
  bluebirds: [0.889, 0.796, 0.093],
  music: [0.796, 0.753, 0.049],
  'weather-cf': [0.893, 0.847, 0.061],
  adult2: [0.781, 0.74, 0.053],
};

const all = there ? readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory()) : [];
describe.skipIf(!there)(`default on real crowds${there ? '' : ` [skipped: no ${folder}; set QUORATE_SHARED]`}`, () => {
  const figures = all.map(({ name }) => {
    const { index, gold } = load(name);
    const K = index.classes;
    const ids = [...gold.keys()].filter((i) => gold[i]! >= 0 && index.perItem[i]! > 0);
    const run = (shown: readonly number[]): { accuracy: number; confidence: number; ece: number } => {
      const given = new Int32Array(index.items).fill(-1);
      for (const i of shown) given[i] = gold[i]!;
      const { posterior } = aggregated(build(chosen), requestFor(index, { gold: shown.length > 0 ? given : null }));
      const judged = ids.filter((i) => given[i]! < 0);
      return scored(posterior, gold, judged, K);
    };
    const draws = ids.length > 100 ? [0, 1, 2] : [];
    const shares = new Float64Array(index.items * K);
    voteShares(answersByItem(index), null, shares);
    return {
      name,
      none: run([]),
      majority: accuracy(shares, gold, K),
      fifty: draws.map((d) => run([...makeRng(`gold ${d}`).choose(ids.length, 50)].map((x) => ids[x]!))),
    };
  });
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

  it('has the figures of the study', () => {
    for (const [name, want] of Object.entries(honest)) {
      const { accuracy, confidence, ece } = figures.find((one) => one.name === name)!.none;
      [accuracy, confidence, ece].forEach((got, x) => expect(Math.abs(got - want[x]!), name).toBeLessThan(0.01));
    }
  });

  it('holds its confidence without gold in the mean, and better with 50 random gold tasks', () => {
    expect(mean(figures.map(({ none }) => none.ece))).toBeLessThan(0.09);
    expect(
      mean(figures.flatMap(({ fifty }) => (fifty.length > 0 ? [mean(fifty.map(({ ece }) => ece))] : []))),
    ).toBeLessThan(0.055);
  });

  it('labels are nowhere far below majority vote, and above it in the mean', () => {
    for (const { name, none, majority } of figures) expect(none.accuracy - majority, name).toBeGreaterThan(-0.02);
    expect(mean(figures.map(({ none, majority }) => none.accuracy - majority))).toBeGreaterThan(0.02);
  });
});

/** ECE over ten bins, and what it is made of. */
function scored(
  posterior: Float64Array,
  gold: Int32Array,
  items: readonly number[],
  K: number,
): { accuracy: number; confidence: number; ece: number } {
  const gap = new Float64Array(10);
  let [right, claimed] = [0, 0];
  for (const i of items) {
    const label = argmax(posterior, i * K, K);
    const p = posterior[i * K + label]!;
    const hit = Number(label === gold[i]);
    gap[Math.min(9, Math.floor(10 * p))]! += p - hit;
    right += hit;
    claimed += p;
  }
  const n = items.length;
  return { accuracy: right / n, confidence: claimed / n, ece: gap.reduce((sum, g) => sum + Math.abs(g), 0) / n };
}
