import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf } from './agreement.js';
import { tableOf } from './crowd.fixture.js';
import { CrowdAnswers } from './crowd-answers.js';
import { pairwiseKappa } from './pairwise-kappa.js';

type Row = [string, string, string];
const agreement = (rows: readonly Row[]) => agreementOf(CrowdAnswers.of(tableOf(rows)).index);

/** Krippendorff's example: 3 coders, 15 units, `*` missing. */
const krippendorff = ['*****34121133*3', '1*213343*******', '**21344*21133*4'];

/** Fleiss' example: 10 subjects, 14 raters, 5 categories. */
const fleiss = [
  [0, 0, 0, 0, 14],
  [0, 2, 6, 4, 2],
  [0, 0, 3, 5, 6],
  [0, 3, 9, 2, 0],
  [2, 2, 8, 1, 1],
  [7, 7, 0, 0, 0],
  [3, 2, 6, 3, 0],
  [2, 5, 3, 2, 2],
  [6, 5, 2, 1, 0],
  [0, 2, 2, 3, 7],
];
const fleissRows = fleiss.flatMap((counts, i) =>
  counts.flatMap((n, c) => Array.from({ length: n }, (_, r): Row => [`s${i}`, `r${c}-${r}`, `c${c}`])),
);

describe('the textbooks', () => {
  it("Krippendorff's 3 coders × 15 units", () => {
    const rows = krippendorff.flatMap((values, coder) =>
      [...values].flatMap((value, unit): Row[] => (value === '*' ? [] : [[`u${unit}`, `c${coder}`, value]])),
    );
    expect(agreement(rows).alpha).toBeCloseTo(0.691358, 6);
  });

  it("Fleiss' 10 × 14 × 5", () => {
    const { fleiss: kappa, answersPerTask, percent } = agreement(fleissRows);
    expect(kappa).toBeCloseTo(0.20993, 5);
    expect(percent).toBeCloseTo(0.378, 3);
    expect(answersPerTask).toBe(14);
  });

  it("Cohen's kappa of 20+5+10+15 (the two readers of 50 proposals)", () => {
    const cells = [
      ['yes', 'yes', 20],
      ['yes', 'no', 5],
      ['no', 'yes', 10],
      ['no', 'no', 15],
    ] as const;
    let unit = 0;
    const rows = cells.flatMap(([a, b, n]) =>
      Array.from({ length: n }, () => unit++).flatMap((u): Row[] => [
        [`u${u}`, 'A', a],
        [`u${u}`, 'B', b],
      ]),
    );
    const { pairs, mean } = pairwiseKappa(CrowdAnswers.of(tableOf(rows)).index, { maxWorkers: 50, minTasks: 2 });
    expect(pairs).toEqual([{ workers: [0, 1], tasks: 50, percent: 0.7, kappa: expect.closeTo(0.4, 10) as number }]);
    expect(mean).toBeCloseTo(0.4, 10);
  });
});

const arbRows = fc.array(
  fc.tuple(fc.integer({ max: 6, min: 0 }), fc.integer({ max: 4, min: 0 }), fc.integer({ max: 2, min: 0 })),
  {
    maxLength: 40,
  },
);
const named = (rows: readonly (readonly [number, number, number])[]): Row[] =>
  rows.map(([i, j, k]) => [`t${i}`, `w${j}`, `c${k}`]);

/** The first answer of each worker to each task. */
function firsts<R extends readonly unknown[]>(rows: readonly R[]): R[] {
  const seen = new Set<string>();
  return rows.filter(
    ([task, worker]) => !seen.has(`${String(task)} ${String(worker)}`) && seen.add(`${String(task)} ${String(worker)}`),
  );
}

/** Disagreement counted pair by pair, as the definition has it. */
function byPairs(rows: readonly Row[]): { alpha: number | null; percent: number | null } {
  const units = new Map<string, string[]>();
  for (const [task, , label] of rows) units.set(task, [...(units.get(task) ?? []), label]);
  const lists = [...units.values()].filter((values) => values.length > 1);
  const all = lists.flat();
  const share = (values: readonly string[], differ: boolean): number => {
    let [hits, pairs] = [0, 0];
    values.forEach((x, a) => values.forEach((y, b) => a !== b && (pairs++, (x !== y) === differ && hits++)));
    return hits / pairs;
  };
  if (lists.length === 0) return { alpha: null, percent: null };
  const observed = lists.reduce((sum, values) => sum + values.length * share(values, true), 0) / all.length;
  const expected = share(all, true);
  const percent = lists.reduce((sum, values) => sum + share(values, false), 0) / lists.length;
  return { alpha: expected > 0 ? 1 - observed / expected : null, percent };
}

describe('agreement', () => {
  it('is what counting every pair gives', () =>
    fc.assert(
      fc.property(arbRows, (rows) => {
        const { alpha, percent } = agreement(named(rows));
        const wanted = byPairs(firsts(named(rows)));
        if (wanted.alpha === null) expect(alpha).toBeNull();
        else expect(alpha).toBeCloseTo(wanted.alpha, 10);
        if (wanted.percent === null) expect(percent).toBeNull();
        else expect(percent).toBeCloseTo(wanted.percent, 10);
      }),
    ));

  it('does not care for the order of rows or the names of tasks, workers and classes', () =>
    fc.assert(
      fc.property(arbRows.map(firsts), (rows) => {
        const { perClass: _, ...one } = agreement(named(rows));
        const turned = [...rows].reverse().map(([i, j, k]): Row => [`x${9 - i}`, `y${(j * 3) % 5}`, `z${(k + 1) % 3}`]);
        const { perClass: __, ...other } = agreement(turned);
        for (const [key, value] of Object.entries(one)) {
          const same = other[key as keyof typeof other];
          if (value === null) expect(same).toBeNull();
          else expect(same).toBeCloseTo(value, 10);
        }
      }),
    ));

  it('hears a worker once at a task: a lone coder who repeats agrees with nobody', () => {
    const alone = agreement([
      ['t', 'ann', 'x'],
      ['t', 'ann', 'x'],
      ['u', 'ann', 'y'],
      ['u', 'ann', 'y'],
    ]);
    expect(alone).toMatchObject({ alpha: null, percent: null, tasks: 0, repeats: 2 });
    const two = agreement([
      ['t', 'ann', 'x'],
      ['t', 'ann', 'y'],
      ['t', 'bob', 'y'],
      ['u', 'ann', 'y'],
      ['u', 'bob', 'y'],
    ]);
    expect(two).toMatchObject({ percent: 0.5, tasks: 2, answers: 4, answersPerTask: 2, repeats: 1 });
  });

  it('with two classes, each against the other is the whole', () => {
    const rows = named([
      [0, 0, 0],
      [0, 1, 1],
      [1, 0, 1],
      [1, 2, 1],
      [2, 0, 0],
      [2, 1, 0],
      [2, 2, 1],
    ]);
    const { alpha, perClass } = agreement(rows);
    for (const one of perClass) expect(one.alpha).toBeCloseTo(alpha!, 12);
  });

  it('is not defined where nothing varies, and never NaN', () => {
    for (const rows of [
      [],
      [['t', 'w', 'a']],
      [
        ['t', 'w', 'a'],
        ['t', 'v', 'a'],
      ],
    ] as Row[][]) {
      const { alpha, fleiss, perClass } = agreement(rows);
      expect([alpha, fleiss]).toEqual([null, null]);
      expect(perClass.every((one) => one.alpha === null)).toBe(true);
    }
  });
});

describe('pairwise kappa', () => {
  it('compares the most active workers, and takes the first of several answers to a task', () => {
    const rows: Row[] = [];
    for (let u = 0; u < 10; u++) rows.push([`u${u}`, 'A', `${u % 2}`], [`u${u}`, 'A', 'x'], [`u${u}`, 'B', `${u % 2}`]);
    rows.push(['u0', 'C', '0']);
    const { pairs, workers } = pairwiseKappa(CrowdAnswers.of(tableOf(rows)).index, { maxWorkers: 2, minTasks: 1 });
    expect(workers).toBe(2);
    expect(pairs).toEqual([{ workers: [0, 1], tasks: 10, percent: 1, kappa: 1 }]);
  });

  it('two who always say the same one class have none', () => {
    const rows = [0, 1, 2].flatMap((u): Row[] => [
      [`u${u}`, 'A', 'a'],
      [`u${u}`, 'B', 'a'],
    ]);
    expect(
      pairwiseKappa(CrowdAnswers.of(tableOf(rows)).index, { maxWorkers: 5, minTasks: 1 }).pairs[0]?.kappa,
    ).toBeNull();
  });
});
