import { makeRng, Registry, type Rng } from '@quorate/core';
import standard from '@quorate/plugin-standard';
import { describe, expect, it } from 'vitest';
import { Consensus, openAggregator } from './consensus.js';
import { CrowdAnswers } from './crowd-answers.js';
import { honest, simulate, tableOf, type Behaviour } from './crowd.fixture.js';
import { visitPeers } from './peers.js';
import { reportWorkers, type WorkerReport } from './worker-report.js';
import type { AnswerTable } from '@quorate/core';

async function byMajority(table: AnswerTable): Promise<Consensus> {
  const registry = new Registry([standard]);
  const aggregator = await openAggregator({ registry, name: 'majority_vote', options: {}, seed: 0 });
  const consensus = new Consensus({ answers: CrowdAnswers.of(table), aggregator });
  consensus.settle();
  return consensus;
}
const report = async (table: AnswerTable) => reportWorkers(await byMajority(table));
const flagged = (workers: readonly WorkerReport[]) =>
  Object.fromEntries(
    workers.filter((w) => w.flags.length > 0).map((w) => [w.worker, w.flags.map((f) => f.flag).join()]),
  );
const crowd = (n: number, of: Behaviour) => Object.fromEntries(Array.from({ length: n }, (_, j) => [`h${j}`, of]));

describe('what the others say', () => {
  it.each([3, 40])('is the product of the others alone, %i answers a task (brute force)', (perTask) => {
    const rng = makeRng(3);
    const { table } = simulate(crowd(perTask + 2, honest(0.7, 3)), { tasks: 12, perTask, K: 3 });
    const { index } = CrowdAnswers.of(table);
    index.append(index.item[0]!, index.worker[0]!, 2); // the same worker twice on a task
    const [W, K] = [index.workers, 3];
    const probability = Float64Array.from({ length: W * K * K }, () => rng.uniform());
    const classPrior = Float64Array.from([0.2, 0.3, 0.5]);
    const confusions = { workers: W, classes: K, probability };
    let visits = 0;
    visitPeers({ annotations: index, confusions, classPrior, gold: null }, (a, y) => {
      visits++;
      const wanted = classPrior.slice();
      for (let b = 0; b < index.count; b++) {
        if (index.item[b] !== index.item[a] || index.worker[b] === index.worker[a]) continue;
        for (let k = 0; k < K; k++) wanted[k]! *= probability[(index.worker[b]! * K + index.label[b]!) * K + k]!;
      }
      const sum = wanted.reduce((s, x) => s + x, 0);
      for (let k = 0; k < K; k++) expect(y[k]).toBeCloseTo(wanted[k]! / sum, 10);
    });
    expect(visits).toBe(index.count);
  });

  it('without matrices, is the majority of the others; alone on a task, nothing', async () => {
    const workers = await report(
      tableOf([
        ['t', 'A', 'x'],
        ['t', 'B', 'x'],
        ['t', 'C', 'y'],
        ['alone', 'D', 'x'],
      ]),
    );
    expect(workers.map(({ agreement }) => agreement)).toEqual([0.5, 0.5, 0, null]);
    expect(workers[3]).toMatchObject({
      answers: 1,
      compared: 0,
      skill: null,
      skillLow: null,
      skillHigh: null,
      flags: [],
    });
  });
});

describe('skill', () => {
  it('lies in its interval, which covers the accuracy that the worker has', async () => {
    const accuracy = Object.fromEntries(Array.from({ length: 40 }, (_, j) => [`w${j}`, 0.55 + 0.01 * j]));
    const workers = Object.fromEntries(Object.entries(accuracy).map(([name, p]) => [name, honest(p, 4)]));
    // Nearly everyone answers: the consensus of the others is then the truth.
    const { table } = simulate(workers, { tasks: 300, perTask: 30, K: 4 });
    const all = await report(table);
    let covered = 0;
    for (const { worker, skill, skillLow, skillHigh } of all) {
      expect(skill).toBeGreaterThan(skillLow!);
      expect(skill).toBeLessThan(skillHigh!);
      const p = accuracy[worker]!;
      if (skillLow! <= p && p <= skillHigh!) covered++;
    }
    // 95 % of 40 are 38; fewer than 34 hardly ever happen.
    expect(covered).toBeGreaterThanOrEqual(34);
  });
});

describe('flags', () => {
  it('find one of each kind in a crowd of forty, with the one that was copied, and nobody else', async () => {
    const workers = {
      ...crowd(36, honest(0.8, 3)),
      random: honest(1 / 3, 3),
      always: () => 1,
      contrary: honest(0.05, 3),
      copier: ((truth, rng, earlier) => earlier.get('h0') ?? honest(0.8, 3)(truth, rng, earlier)) as Behaviour,
    };
    const { table } = simulate(workers, { tasks: 3000, perTask: 8, K: 3 });
    expect(flagged(await report(table))).toEqual({
      random: 'spammer',
      always: 'constant',
      contrary: 'adversarial',
      copier: 'copier',
      h0: 'copier',
    });
  });

  it('call a worker constant from 95 % of one class on', async () => {
    const mostly =
      (share: number): Behaviour =>
      (truth, rng) =>
        rng.uniform() < share ? 1 : truth;
    const workers = { ...crowd(20, honest(0.8, 3)), nearly: mostly(0.85), nearlyAlways: mostly(0.98) };
    const { table } = simulate(workers, { tasks: 2000, perTask: 8, K: 3 });
    const flags = flagged(await report(table));
    expect(flags['nearlyAlways']).toBe('constant');
    expect(flags['nearly'] ?? 'none').not.toContain('constant');
  });

  it('spare honest crowds, also uneven ones: 40 crowds, two flags at most', async () => {
    let flags = 0;
    for (let seed = 0; seed < 40; seed++) {
      const K = 2 + (seed % 3);
      const workers = Object.fromEntries(
        Array.from({ length: 20 }, (_, j) => [`w${j}`, honest(j < 4 ? 0.97 : 0.68, K)] as const),
      );
      const { table } = simulate(workers, { tasks: 400, perTask: 5, K, seed });
      flags += Object.keys(flagged(await report(table))).length;
    }
    expect(flags).toBeLessThanOrEqual(2);
  });

  /** A copier who answers only where the one they copy did, at four answers a task, in this order at every task. */
  function copied(order: (pair: readonly [string, string], rng: Rng) => readonly string[]): AnswerTable {
    const rng = makeRng(11);
    const rows: [string, string, string][] = [];
    const others = Array.from({ length: 12 }, (_, j) => `h${j}`);
    for (let i = 0; i < 600; i++) {
      const truth = rng.int(3);
      const shares = i % 4 === 0;
      const first = shares || rng.uniform() < 0.3;
      const people = Array.from(rng.choose(others.length, first ? (shares ? 2 : 3) : 4), (j) => others[j]!);
      const said = new Map(people.map((who) => [who, honest(0.8, 3)(truth, rng, new Map())]));
      if (first) said.set('original', honest(0.85, 3)(truth, rng, new Map()));
      if (shares) said.set('thief', said.get('original')!);
      const named = [...said.keys()].filter((who) => who !== 'original' && who !== 'thief');
      const pair = order(['original', 'thief'], rng).filter((who) => said.has(who));
      const at = rng.int(named.length + 1);
      const all = [...named.slice(0, at), ...pair, ...named.slice(at)];
      for (const who of all) rows.push([`t${i}`, who, `c${said.get(who)!}`]);
    }
    return tableOf(rows);
  }

  it('find a copier at four answers a task, and spare the one who was copied', async () => {
    expect(flagged(await report(copied((pair) => pair)))).toEqual({ thief: 'copier' });
    // Without an order, the tasks tell: the copier has none of their own.
    const either = copied((pair, rng) => (rng.uniform() < 0.5 ? pair : [pair[1], pair[0]]));
    expect(flagged(await report(either))).toEqual({ thief: 'copier' });
  });

  it('a task that misleads everybody makes nobody a copier', async () => {
    const misled: Behaviour = (truth, rng) =>
      truth === 0 ? (rng.uniform() < 0.45 ? 1 : 0) : rng.uniform() < 0.9 ? truth : 0;
    const { table } = simulate(crowd(20, misled), { tasks: 500, perTask: 9, K: 3 });
    expect(flagged(await report(table))).toEqual({});
  });

  it('few answers are no evidence', async () => {
    const { table } = simulate(
      { ...crowd(10, honest(0.9, 2)), random: honest(0.5, 2) },
      { tasks: 12, perTask: 4, K: 2 },
    );
    expect(flagged(await report(table))).toEqual({});
  });

  it('with one class there is nothing to flag', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => [`t${i >> 2}`, `w${i % 4}`, 'x'] as const);
    const workers = await report(tableOf(rows));
    expect(workers.map((w) => [w.agreement, w.flags.length, w.worstConfusion])).toEqual(Array(4).fill([1, 0, null]));
  });
});

describe('worst confusion', () => {
  it('names the commonest mistake with its share', async () => {
    const blind: Behaviour = (truth, rng) => (truth === 2 && rng.uniform() < 0.6 ? 0 : truth);
    const { table } = simulate({ ...crowd(9, honest(0.97, 3)), blind }, { tasks: 600, perTask: 6, K: 3 });
    const { worstConfusion } = (await report(table)).find((w) => w.worker === 'blind')!;
    expect(worstConfusion).toMatchObject({ from: 'c2', to: 'c0' });
    expect(worstConfusion!.share).toBeGreaterThan(0.5);
    expect(worstConfusion!.share).toBeLessThan(0.7);
  });
});
