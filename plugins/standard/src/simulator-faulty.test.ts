import { makeRng, T, type Dataset, type WorkerSimulator } from '@quorate/core';
import { buildComponent, describeWorkerSimulator } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import structured from './simulator-structured.js';
import { workerRoles } from './worker-roles.js';

const faults: Record<string, Readonly<Record<string, unknown>>> = {
  'flat hard items': { hardItems: 0.4, hardItemKind: 'flat' },
  'fixed hard items': { hardItems: 0.4, hardItemKind: 'fixed', hardItemError: 0.9 },
  'hard items by features': { hardItems: 0.4, hardItemKind: 'features' },
  spammers: { spammers: 0.3 },
  'constant answerers': { constantAnswerers: 0.3 },
  copiers: { copiers: 0.5 },
  drift: { drift: 0.9 },
  'all at once': { hardItems: 0.2, spammers: 0.2, constantAnswerers: 0.2, copiers: 0.2, drift: 0.9, workers: 10 },
};
for (const [name, options] of Object.entries(faults)) {
  // Not every random world has features.
  if (options['hardItemKind'] === 'features') continue;
  // Hard items and tired workers are what nobody knows of beforehand.
  const faulty = options['hardItems'] !== undefined || options['drift'] !== undefined;
  const known = faulty ? { withoutSanity: 'the knowledge of the workers leaves these faults out' } : {};
  describeWorkerSimulator(`structured, ${name}`, buildComponent(structured, { options }), { runs: 15, ...known });
}

const [N, K, W] = [600, 5, 10];
/** Classes on a line, ten apart; item i is of class i % K and lies off it by less than five. */
const offset = (i: number): number => ((i * 37) % 97) / 20 - 2.4;
const classOf = Int32Array.from({ length: N }, (_, i) => i % K);
const prototypeClass = Int32Array.from({ length: K }, (_, k) => k);
const dataset: Dataset = {
  taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
  classes: Array.from({ length: K }, (_, k) => `c${k}`),
  features: {
    data: Float32Array.from({ length: N + K }, (_, i) => (i < N ? 10 * (i % K) + offset(i) : 10 * (i - N))),
    columns: 1,
  },
  prototypes: { ids: ['p0', 'p1', 'p2', 'p3', 'p4'], classOf: prototypeClass },
};

function build(options: Readonly<Record<string, unknown>>, data = dataset): WorkerSimulator {
  const given = structured.inject.map((id) =>
    id === T.Dataset ? data : (id as unknown) === T.Rng ? makeRng(3) : { classOf },
  );
  return structured.create!(structured.options.parse({ workers: W, ...options }), ...given) as WorkerSimulator;
}

/** Answers W×N: every worker is asked about every item, in order. */
function answers(simulator: WorkerSimulator, seed = 4): Int32Array[] {
  const rng = makeRng(seed);
  return simulator.workerIds.map((_, j) => {
    const labels = new Int32Array(N);
    const item = Int32Array.from({ length: N }, (_, i) => i);
    void simulator.answer({ count: N, item, worker: new Int32Array(N).fill(j) }, labels, rng);
    return labels;
  });
}

const agreement = (a: Int32Array, b: Int32Array): number => a.filter((z, i) => z === b[i]).length / a.length;
const right = (labels: Int32Array): number => agreement(labels, classOf);

describe('roles', () => {
  const roles = (shares: object, workers: number) =>
    workerRoles({ spammers: 0, constantAnswerers: 0, copiers: 0, ...shares }, workers, K, makeRng(1));
  const count = (all: ReturnType<typeof roles>, kind: string) => all.filter((role) => role.kind === kind).length;

  it('are as many as the shares say', () => {
    for (const workers of [1, 7, 50, 100]) {
      const all = roles({ spammers: 0.2, constantAnswerers: 0.1, copiers: 0.29 }, workers);
      expect(count(all, 'spammer')).toBe(Math.round(0.2 * workers));
      expect(count(all, 'constant')).toBe(Math.round(0.1 * workers));
      expect(count(all, 'copier')).toBe(Math.round(0.29 * workers));
    }
    expect(count(roles({ spammers: 1 }, 3), 'spammer')).toBe(3);
  });

  it('let copiers copy the honest, of whom one is left', () => {
    const all = roles({ copiers: 1, spammers: 0 }, 9);
    const honest = all.findIndex(({ kind }) => kind === 'honest');
    expect(all.filter((_, j) => j !== honest)).toEqual(Array(8).fill({ kind: 'copier', source: honest }));
    const mixed = roles({ copiers: 0.5, spammers: 0.3 }, 40);
    for (const role of mixed) if (role.kind === 'copier') expect(mixed[role.source]!.kind).toBe('honest');
    expect(roles({ copiers: 1 }, 1)).toEqual([{ kind: 'honest' }]);
  });
});

describe('structured workers with faults', () => {
  it('answer as before where nothing is asked for', () => {
    const off = { hardItems: 0, spammers: 0, constantAnswerers: 0, copiers: 0, drift: 0 };
    expect(answers(build(off))).toEqual(answers(build({})));
    // Only who drifts remembers anything.
    for (const options of [{}, { spammers: 0.2, copiers: 0.2 }])
      expect(Reflect.get(build(options), 'snapshot')).toBe(undefined);
  });

  it('leave the honest as they were beside spammers and constant answerers', () => {
    const plain = answers(build({}));
    const simulator = build({ spammers: 0.2, constantAnswerers: 0.1 });
    const with3 = answers(simulator);
    const odd = [...plain.keys()].filter((j) => plain[j]!.join() !== with3[j]!.join());
    expect(odd).toHaveLength(3);
    const constants = odd.filter((j) => new Set(with3[j]).size === 1);
    expect(constants).toHaveLength(1);
    for (const j of odd.filter((one) => !constants.includes(one))) {
      // Three standard deviations of a share of 600, and a little more.
      expect(Math.abs(right(with3[j]!) - 1 / K)).toBeLessThan(0.06);
      expect([...simulator.knowledge.confusion(j)!]).toEqual(Array(K * K).fill(1 / K));
    }
  });

  it('copy word for word, whether or not the other one was asked', () => {
    const simulator = build({ copiers: 0.4, hardItems: 0.3, hardItemKind: 'flat' });
    const all = answers(simulator);
    const pairs = all.flatMap((labels, j) => all.slice(0, j).map((other) => agreement(labels, other)));
    expect(pairs.filter((share) => share === 1).length).toBeGreaterThanOrEqual(4);
    const copier = all.findIndex((labels, j) => all.some((other, x) => x !== j && agreement(labels, other) === 1));
    const alone = new Int32Array(N);
    const item = Int32Array.from({ length: N }, (_, i) => i);
    void build({ copiers: 0.4, hardItems: 0.3, hardItemKind: 'flat' }).answer(
      { count: N, item, worker: new Int32Array(N).fill(copier) },
      alone,
      makeRng('another stream'),
    );
    expect(alone).toEqual(all[copier]);
  });

  it('drift from their skill to guessing', () => {
    const tired = answers(build({ accuracy: 0.95, spread: 0, drift: 0.7 }));
    for (const labels of tired) {
      const early = [...labels.subarray(0, 60).keys()].filter((i) => labels[i] === classOf[i]).length / 60;
      const late = labels.subarray(450).filter((z, i) => z === classOf[450 + i]).length / 150;
      expect(early).toBeGreaterThan(0.6);
      expect(late).toBeLessThan(0.35);
    }
    expect(answers(build({ accuracy: 0.95, spread: 0, drift: 1 })).every((labels) => right(labels) < 0.3)).toBe(true);
  });

  it('fail together on fixed hard items, apart on flat ones, as often as asked', () => {
    const wrongOn = (kind: string) => {
      const all = answers(build({ accuracy: 1, spread: 0, hardItems: 0.25, hardItemKind: kind, hardItemError: 1 }));
      const items = [...classOf.keys()].filter((i) => all.some((labels) => labels[i] !== classOf[i]));
      const named = items.map((i) => new Set(all.map((labels) => labels[i])).size);
      return { items, named };
    };
    expect(wrongOn('fixed').items).toHaveLength(150);
    expect(new Set(wrongOn('fixed').named)).toEqual(new Set([1]));
    // "Any class" is the right one now and then, but not for ten workers.
    expect(wrongOn('flat').items).toHaveLength(150);
    expect(Math.min(...wrongOn('flat').named)).toBeGreaterThan(1);
    const half = answers(build({ accuracy: 1, spread: 0, hardItems: 1, hardItemError: 0.5 }));
    for (const labels of half) expect(Math.abs(right(labels) - 0.5)).toBeLessThan(0.08);
  });

  it('take the items that look most like another class for that class', () => {
    const options = { accuracy: 1, spread: 0, hardItems: 0.1, hardItemKind: 'features', hardItemError: 1 };
    const [labels] = answers(build(options));
    const wrong = [...classOf.keys()].filter((i) => labels![i] !== classOf[i]);
    expect(wrong).toHaveLength(60);
    // The classes lie ten apart: an item is hard by how far it lies towards a neighbour that exists.
    const towards = (i: number) => (i % K === 0 ? offset(i) : i % K === K - 1 ? -offset(i) : Math.abs(offset(i)));
    const easiest = Math.min(...wrong.map(towards));
    const others = [...classOf.keys()].filter((i) => !wrong.includes(i)).map(towards);
    // The means of the items are not exactly at the classes' places.
    expect(easiest).toBeGreaterThan(Math.max(...others) - 0.2);
    for (const i of wrong) expect(labels![i]).toBe(classOf[i]! + Math.sign(offset(i)));
    expect(() => build(options, { ...dataset, features: null })).toThrow(/hardItemKind/);
    expect(structured.needs?.(structured.options.parse(options))).toEqual(['truth', 'features']);
  });

  it('cannot be more than there are', () => {
    expect(structured.options.safeParse({ spammers: 0.6, copiers: 0.6 }).success).toBe(false);
    expect(structured.options.safeParse({ spammers: 0.5, constantAnswerers: 0.3, copiers: 0.2 }).success).toBe(true);
  });
});
