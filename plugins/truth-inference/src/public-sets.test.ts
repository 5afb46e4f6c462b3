import { AnnotationIndex, AnswerTableBuilder } from '@quorate/core';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accuracy, aggregated, build, requestFor } from './aggregating.fixture.js';
import { answersByItem, voteShares } from './answers-by-item.js';
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

  it('default is nowhere far below majority vote, above it in the mean, and above every single method', () => {
    const mean = (scores: readonly number[]): number => scores.reduce((a, b) => a + b) / scores.length;
    const chosen = names.map((name) => scoreOf('default', name));
    names.forEach((name, x) => expect(chosen[x]! - majority[name], name).toBeGreaterThan(-0.03));
    expect(mean(chosen) - mean(Object.values(majority))).toBeGreaterThan(0.02);
    for (const aggregator of ['wawa', 'zero_based_skill', 'one_coin', 'dawid_skene', 'dawid_skene_map', 'mace']) {
      expect(mean(chosen), aggregator).toBeGreaterThan(mean(names.map((name) => scoreOf(aggregator, name))));
    }
  });
});
