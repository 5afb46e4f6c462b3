import { Registry, makeRng, type AnswerTable } from '@quorate/core';
import standard from '@quorate/plugin-standard';
import truthInference from '@quorate/plugin-truth-inference';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Consensus, openAggregator } from './consensus.js';
import { honest, simulate, tableOf } from './crowd.fixture.js';
import { CrowdAnswers } from './crowd-answers.js';
import { goldOf } from './gold.js';
import { labelsOf } from './labels.js';
import { ledgerOf } from './ledger.js';
import { decodeState, encodeState, type ConsensusState } from './state.js';
import { reportWorkers } from './worker-report.js';

const registry = new Registry([standard, truthInference]);
const names = [
  'majority_vote',
  'wawa',
  'zero_based_skill',
  'one_coin',
  'dawid_skene',
  'dawid_skene_map',
  'glad',
  'mace',
  'default',
];

async function consensusOf(answers: CrowdAnswers, name: string, gold?: Int32Array): Promise<Consensus> {
  const aggregator = await openAggregator({ registry, name, options: {}, seed: 0 });
  const consensus = new Consensus({ answers, aggregator, ...(gold ? { gold } : {}) });
  consensus.settle();
  return consensus;
}
const labelled = async (table: AnswerTable, name = 'majority_vote') => {
  const consensus = await consensusOf(CrowdAnswers.of(table), name);
  return { consensus, labels: labelsOf(consensus, 0.8), workers: reportWorkers(consensus) };
};

it('one class that everybody names is not certain, and one answer less so than two', async () => {
  const { labels } = await labelled(
    tableOf([
      ['t', 'w', 'a'],
      ['t', 'v', 'a'],
      ['u', 'w', 'a'],
    ]),
  );
  expect([...labels.confidence]).toEqual([3 / 4, 2 / 3]);
  expect([...labels.needsReview]).toEqual([1, 1]);
});

describe('edges, with every aggregator', () => {
  const tables: Record<string, AnswerTable> = {
    'one answer': tableOf([['t', 'w', 'a']]),
    'one class': tableOf([
      ['t', 'w', 'a'],
      ['t', 'v', 'a'],
      ['u', 'w', 'a'],
    ]),
    'nothing but skips': tableOf([
      ['t', 'w', null],
      ['u', 'v', null],
    ]),
    'a task of skips among others': tableOf([
      ['t', 'w', 'a'],
      ['u', 'v', null],
      ['t', 'v', 'b'],
      ['v', 'w', 'b'],
    ]),
    'the same worker again and again': tableOf([
      ['t', 'w', 'a'],
      ['t', 'w', 'b'],
      ['t', 'w', 'b'],
      ['u', 'w', 'a'],
      ['t', 'v', 'a'],
    ]),
    'everybody once': tableOf([0, 1, 2, 3, 4, 5].map((n) => ['t', `w${n}`, n % 2 === 0] as const)),
    'as many classes as answers': tableOf([0, 1, 2, 3].map((n) => [`t${n % 2}`, `w${n}`, n] as const)),
  };
  it.each(Object.keys(tables).flatMap((what) => names.map((name) => [what, name] as const)))(
    '%s: %s',
    async (what, name) => {
      const { consensus, labels, workers } = await labelled(tables[what]!, name);
      const { items, classes: K, perItem } = consensus.answers.index;
      for (let i = 0; i < items; i++) {
        expect(labels.label[i]! >= 0).toBe(perItem[i]! > 0);
        expect(labels.confidence[i]).toBeGreaterThanOrEqual(0);
        expect(labels.confidence[i]).toBeLessThanOrEqual(1);
        expect(labels.needsReview[i]! === 1 || labels.confidence[i]! >= 0.8).toBe(true);
        expect(labels.label[i]).toBeLessThan(Math.max(1, K));
      }
      for (const { skill, skillLow, skillHigh, agreement, modelSkill, flags } of workers) {
        for (const x of [skill, skillLow, skillHigh, agreement, modelSkill])
          expect(x === null || (x >= 0 && x <= 1 + 1e-12)).toBe(true);
        expect(flags).toEqual([]);
      }
    },
  );
});

describe('labels', () => {
  it('ties are for the lowest class, have no margin and need review', async () => {
    const { labels } = await labelled(
      tableOf([
        ['t', 'w', 'a'],
        ['t', 'v', 'b'],
      ]),
    );
    expect([labels.label[0], labels.runnerUp[0], labels.margin[0], labels.needsReview[0]]).toEqual([0, 1, 0, 1]);
  });

  it('of gold tasks are gold, whatever the answers say, also of a class that nobody named', async () => {
    const answers = CrowdAnswers.of(
      tableOf([
        ['t', 'w', 'a'],
        ['t', 'v', 'a'],
        ['u', 'w', 'b'],
        ['u', 'v', 'b'],
        ['x', 'w', null],
      ]),
    );
    const { classOf, known, elsewhere } = goldOf(
      answers,
      [
        ['t', 'b'],
        ['u', 'new'],
        ['x', 'a'],
        ['gone', 'a'],
      ],
      true,
    );
    expect([known, elsewhere]).toEqual([3, 1]);
    for (const name of names) {
      const { label, confidence, gold, needsReview } = labelsOf(await consensusOf(answers, name, classOf), 0.8);
      expect([...label], name).toEqual([1, 2, 0]);
      expect([...confidence, ...gold, ...needsReview]).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0]);
    }
  });

  it('do not depend on the names or the order of tasks, workers and classes', async () => {
    const { table } = simulate(Object.fromEntries([0, 1, 2, 3, 4].map((j) => [`w${j}`, honest(0.5 + j / 10, 3)])), {
      tasks: 40,
      perTask: 3,
      K: 3,
    });
    const rows = Array.from(
      { length: table.count },
      (_, a) => [table.item[a]!, table.worker[a]!, table.label[a]!] as const,
    );
    const order = makeRng(5).permutation(rows.length);
    const turned = tableOf(
      [...order].map((a) => [`x${99 - rows[a]![0]}`, `v${rows[a]![1]}`, `k${(rows[a]![2] + 1) % 3}`] as const),
    );
    const [one, other] = [await labelled(table, 'dawid_skene_map'), await labelled(turned, 'dawid_skene_map')];
    const { taskIds, classes } = other.consensus.answers;
    for (const [i, id] of taskIds.entries()) {
      const same = 99 - Number(id.slice(1));
      const twin = one.consensus.answers.taskIds.indexOf(`t${same}`);
      expect(other.labels.confidence[i]).toBeCloseTo(one.labels.confidence[twin]!, 9);
      if (one.labels.margin[twin]! > 1e-9) {
        expect(classes[other.labels.label[i]!]).toBe(`k${(one.labels.label[twin]! + 1) % 3}`);
      }
    }
  });
});

describe('answers of several tables', () => {
  const arbRows = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 4 }), fc.integer({ min: -1, max: 2 })),
    { minLength: 1, maxLength: 40 },
  );
  const named = (rows: readonly (readonly [number, number, number])[]) =>
    tableOf(rows.map(([i, j, k]) => [`t${i}`, `w${j}`, k < 0 ? null : `c${k}`] as const));

  it('added one by one are those of all in one table', () =>
    fc.assert(
      fc.property(arbRows, fc.nat(), (rows, at) => {
        const cut = 1 + (at % rows.length);
        const grown = CrowdAnswers.of(named(rows.slice(0, cut)));
        grown.makeRoom(0.3);
        for (const row of rows.slice(cut)) grown.add(named([row]));
        expect(grown.data()).toEqual(CrowdAnswers.of(named(rows)).data());
        const [one, other] = [grown.index, CrowdAnswers.of(named(rows)).index];
        for (const key of ['count', 'items', 'workers', 'classes', 'annotatedCount'] as const)
          expect(one[key]).toBe(other[key]);
        for (let i = 0; i < one.items; i++)
          expect(listOf(one.firstOfItem, one.nextOfItem, i)).toEqual(listOf(other.firstOfItem, other.nextOfItem, i));
        for (let j = 0; j < one.workers; j++)
          expect(listOf(one.firstOfWorker, one.nextOfWorker, j)).toEqual(
            listOf(other.firstOfWorker, other.nextOfWorker, j),
          );
      }),
    ));

  it.each(names)(
    '%s: absorbed, they give every row a distribution; settled, what a refit gives, byte for byte',
    async (name) => {
      const workers = Object.fromEntries([0, 1, 2, 3, 4, 5].map((j) => [`w${j}`, honest(0.6 + j / 20, 3)]));
      const { table } = simulate(workers, { tasks: 60, perTask: 3, K: 3 });
      const part = (from: number, to: number): AnswerTable => ({
        ...table,
        count: to - from,
        item: table.item.subarray(from, to),
        worker: table.worker.subarray(from, to),
        label: table.label.subarray(from, to),
      });
      const cut = Math.floor(table.count / 2);
      const answers = CrowdAnswers.of(part(0, cut));
      const before = await consensusOf(answers, name);
      const { aggregator, posterior } = before.snapshot();
      const state: ConsensusState = {
        aggregator: { name, options: {}, seed: 0 },
        answers: ledgerOf(part(0, cut)),
        gold: [],
        snapshot: aggregator,
        posterior,
        settled: true,
        wrote: {},
      };
      const back = decodeState(encodeState(state), 'a file');
      expect(back).toEqual(state);
      const again = CrowdAnswers.of(back.answers);
      const consensus = new Consensus({
        answers: again,
        aggregator: await openAggregator({ registry, name, options: {}, seed: 0 }),
      });
      consensus.restore({ aggregator: back.snapshot, posterior: back.posterior });
      for (let at = cut; at < table.count; at += 5) {
        const { first } = again.add(part(at, Math.min(table.count, at + 5)));
        consensus.absorb(first);
        const K = again.classes.length;
        for (let i = 0; i < again.taskIds.length; i++) {
          const row = consensus.posterior.subarray(i * K, (i + 1) * K);
          const sum = row.reduce((s, p) => s + p, 0);
          if (again.index.perItem[i]! > 0) expect(sum).toBeCloseTo(1, 9);
        }
      }
      consensus.settle();
      const refit = await consensusOf(CrowdAnswers.of(part(0, table.count)), name);
      expect(consensus.posterior).toEqual(refit.posterior);
      expect(reportWorkers(consensus)).toEqual(reportWorkers(refit));
    },
  );
});

describe('the state file', () => {
  it('is refused when damaged, of another version or something else', () => {
    const table = tableOf([['t', 'w', 'a']]);
    const { posterior } = { posterior: new Float64Array(1) };
    const good = encodeState({
      aggregator: { name: 'majority_vote', options: {}, seed: 0 },
      answers: ledgerOf(table),
      gold: [],
      snapshot: null,
      posterior,
      settled: true,
      wrote: {},
    });
    const flipped = Buffer.from(good);
    flipped[flipped.length - 3]! ^= 1;
    const newer = Buffer.concat([Buffer.from('quorate-consensus 9 x\n'), good]);
    for (const bytes of [
      flipped,
      newer,
      good.subarray(0, good.length - 1),
      Buffer.from('task,worker\n'),
      Buffer.alloc(0),
    ]) {
      expect(() => decodeState(bytes, 's.state')).toThrow(/CHECKPOINT_DAMAGED.*s\.state/);
    }
  });
});

function listOf(first: Int32Array, next: Int32Array, n: number): number[] {
  const list: number[] = [];
  for (let a = first[n]!; a >= 0; a = next[a]!) list.push(a);
  return list;
}
