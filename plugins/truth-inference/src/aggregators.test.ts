import { AnnotationIndex, isQuorateError, makeRng, type Rng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import crowdlab from './aggregator-crowdlab.js';
import chosen from './aggregator-default.js';
import kos from './aggregator-kos.js';
import oneCoin from './aggregator-one-coin.js';
import plugin from './index.js';
import { accuracy, aggregated, build, requestFor } from './aggregating.fixture.js';

interface Made {
  readonly index: AnnotationIndex;
  readonly truth: Int32Array;
}

/** `redundancy` answers to each item by random workers; `answer` says what worker j says of class k. */
function make(
  shape: { items: number; workers: number; classes: number; redundancy: number },
  answer: (rng: Rng, worker: number, truth: number) => number,
): Made {
  const rng = makeRng(JSON.stringify(shape));
  const { items, workers, classes } = shape;
  const index = new AnnotationIndex(items, workers, classes);
  const truth = Int32Array.from({ length: items }, () => rng.int(classes));
  for (let i = 0; i < items; i++) {
    for (const j of rng.choose(workers, shape.redundancy)) index.append(i, j, answer(rng, j, truth[i]!));
  }
  return { index, truth };
}

const coin = (accuracyOf: (j: number) => number, K: number) => (rng: Rng, j: number, k: number) =>
  rng.uniform() < accuracyOf(j) ? k : (k + 1 + rng.int(K - 1)) % K;

const caught = (work: () => void): unknown => {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
};

describe('default', () => {
  const choice = ({ index }: Made, options = {}): string => {
    return aggregated(build(chosen, options), requestFor(index)).inferred.notes[0]!;
  };

  it('takes one accuracy for all where workers are alike, one each where they differ, matrices where they are biased', () => {
    const alike = make(
      { items: 300, workers: 60, classes: 3, redundancy: 5 },
      coin(() => 0.7, 3),
    );
    const unlike = make(
      { items: 600, workers: 20, classes: 4, redundancy: 5 },
      coin((j) => (j % 2 ? 0.95 : 0.4), 4),
    );
    const biased = make({ items: 400, workers: 16, classes: 3, redundancy: 6 }, (rng, j, k) =>
      rng.uniform() < 0.85 ? (j % 2 && k === 1 ? 2 : k) : rng.int(3),
    );
    expect(choice(alike)).toMatch(/^chose majority_vote /);
    expect(choice(unlike)).toMatch(/^chose one_coin /);
    expect(choice(biased)).toMatch(/^chose dawid_skene_map /);
  });

  it.each([
    ['held out, the habits alone explain the answers', 30, 3, /one_coin was left out.*dawid_skene_map was left out/s],
    ['only the fit to all answers does', 60, 2, /majority_vote instead/],
  ])('takes the majority where %s', (_, workers, constantOfTen, told) => {
    // Some workers see next to nothing, and these say class 0 nineteen times out of twenty.
    const rng = makeRng('h0');
    const index = new AnnotationIndex(600, workers, 2);
    const truth = Int32Array.from({ length: 600 }, () => rng.int(2));
    for (let i = 0; i < 600; i++) {
      for (const j of rng.choose(workers, 3)) {
        const right = rng.uniform() < 0.5 + (0.25 + 0.05 * Number(workers > 30)) * (j / workers);
        const constant = (j * 7) % 10 < constantOfTen;
        index.append(i, j, constant ? Number(rng.uniform() >= 0.95) : right ? truth[i]! : 1 - truth[i]!);
      }
    }
    const { posterior, inferred } = aggregated(build(chosen), requestFor(index));
    expect(inferred.notes.join('\n')).toMatch(told);
    expect(accuracy(posterior, truth, 2)).toBeGreaterThan(0.6);
    expect(accuracy(aggregated(build(oneCoin), requestFor(index)).posterior, truth, 2)).toBeLessThan(0.53);
  });

  it('says by how much, and the same for the same seed', () => {
    const made = make(
      { items: 100, workers: 10, classes: 3, redundancy: 4 },
      coin((j) => (j % 2 ? 0.95 : 0.4), 3),
    );
    expect(choice(made)).toMatch(/\d+ held-out answers.*majority_vote -\d\.\d{4}, one_coin -.*, dawid_skene_map -/);
    expect(choice(made, { seed: 1 })).toBe(choice(made));
    expect(choice(made, { seed: 2 })).not.toBe(choice(made));
  });

  it('chooses nothing where no task has two answers', () => {
    const { index } = make(
      { items: 5, workers: 3, classes: 2, redundancy: 1 },
      coin(() => 1, 2),
    );
    expect(choice({ index, truth: new Int32Array(0) })).toMatch(/no task has two answers/);
  });

  it('does not lean to the frequent class, unless it is told to', () => {
    const rng = makeRng(5);
    const index = new AnnotationIndex(1000, 20, 2);
    for (let i = 0; i < 999; i++) {
      const truth = i % 20 === 0 ? 1 : 0;
      for (const j of rng.choose(20, 3)) index.append(i, j, rng.uniform() < 0.7 ? truth : 1 - truth);
    }
    for (const [j, z] of [1, 1, 0].entries()) index.append(999, j, z);
    const last = (classPrior: string): number =>
      aggregated(build(chosen, { classPrior }), requestFor(index)).posterior[999 * 2 + 1]!;
    expect(last('flat')).toBeGreaterThan(0.5);
    expect(last('estimated')).toBeLessThan(0.5);
  });
});

describe('absorb', () => {
  const made = make(
    { items: 400, workers: 20, classes: 4, redundancy: 6 },
    coin((j) => (j % 2 ? 0.9 : 0.5), 4),
  );
  const answers = Array.from({ length: made.index.count }, (_, a) => a);
  const arrivals = makeRng(3).permutation(answers.length);

  for (const name of ['one_coin', 'dawid_skene', 'dawid_skene_map', 'mace', 'wawa', 'default']) {
    it(`${name}: the second half of the answers, one by one, comes near to a refit`, () => {
      const component = plugin.components!.find((one) => one.name === name)!;
      const { item, worker, label } = made.index;
      const index = new AnnotationIndex(400, 20, 4);
      const append = (a: number): number => index.append(item[a]!, worker[a]!, label[a]!);
      arrivals.subarray(0, 1200).forEach(append);
      const aggregator = build(component);
      const request = requestFor(index);
      aggregator.aggregate(request);
      for (const a of arrivals.subarray(1200)) {
        append(a);
        aggregator.absorb!(request, index.count - 1);
      }
      const refit = aggregated(build(component), requestFor(index));
      const skill = aggregator.inferred!().skill;
      refit.inferred.skill.forEach((s, j) => expect(Math.abs(skill[j]! - s), `worker ${j}`).toBeLessThan(0.1));
      const loss = accuracy(refit.posterior, made.truth, 4) - accuracy(request.posterior, made.truth, 4);
      // What maximum likelihood made of the first answers, too few for its matrices, stays in the rows of their items.
      expect(loss).toBeLessThan(name === 'dawid_skene' ? 0.1 : 0.02);
    });
  }
});

describe('gold', () => {
  for (const { name } of plugin.components!.filter((one) => !['crowdlab', 'glad', 'default'].includes(one.name))) {
    it(`${name}: one who contradicts it is trusted less than one who agrees`, () => {
      const index = new AnnotationIndex(40, 4, 2);
      for (let i = 0; i < 40; i++) for (let j = 0; j < 4; j++) index.append(i, j, j < 2 ? i % 2 : 1 - (i % 2));
      const gold = Int32Array.from({ length: 40 }, (_, i) => (i < 10 ? i % 2 : -1));
      const component = plugin.components!.find((one) => one.name === name)!;
      const { skill } = aggregated(build(component), requestFor(index, { gold })).inferred;
      expect(skill[0]).toBeGreaterThan(skill[3]! + 0.1);
    });
  }
});

describe('kos', () => {
  it('refuses three classes, and knows what one class is', () => {
    const three = caught(() => build(kos).aggregate(requestFor(new AnnotationIndex(1, 1, 3))));
    expect(isQuorateError(three) && three.code).toBe('AGGREGATOR_UNSUITED');
    const one = aggregated(build(kos), requestFor(new AnnotationIndex(2, 1, 1)));
    expect(Array.from(one.posterior)).toEqual([1, 1]);
  });

  it('turns the answers of an adversary around', () => {
    const right = (j: number): number => (j < 6 ? 0.9 : 0.05);
    const { index, truth } = make({ items: 200, workers: 9, classes: 2, redundancy: 6 }, coin(right, 2));
    const { posterior, inferred } = aggregated(build(kos), requestFor(index));
    expect(accuracy(posterior, truth, 2)).toBeGreaterThan(0.97);
    expect(Math.max(...inferred.skill.subarray(6))).toBeLessThan(0.3);
  });
});

describe('crowdlab', () => {
  it('needs class probabilities', () => {
    const thrown = caught(() => build(crowdlab).aggregate(requestFor(new AnnotationIndex(1, 1, 2))));
    expect(isQuorateError(thrown) && thrown.code).toBe('AGGREGATOR_UNSUITED');
  });

  it('weighs as the paper says', () => {
    // Items 0 and 1 have three answers, item 2 two, item 3 one.
    const index = new AnnotationIndex(4, 3, 2);
    for (const [i, j, z] of [
      [0, 0, 0],
      [0, 1, 0],
      [0, 2, 1],
      [1, 0, 1],
      [1, 1, 1],
      [1, 2, 1],
      [2, 0, 0],
      [2, 2, 0],
      [3, 1, 1],
    ]) {
      index.append(i!, j!, z!);
    }
    const prior = Float64Array.of(0.9, 0.1, 0.2, 0.8, 0.3, 0.7, 0.6, 0.4);
    // Majority 0, 1, 0 of items 0..2. Labels: 4 times 0, 5 times 1, so the baseline says 1: right in 1 of 3.
    const A = 1 / 3;
    const P = (2 / 3 + 1 + 1) / 3;
    const model = 2 / 3;
    const s = [(1 + 2 + 1) / 5, (1 + 2) / 4, (0 + 2 + 1) / 5];
    const above = (x: number): number => 1 - (1 - x) / (1 - A);
    const w = s.map(above);
    const wM = above(model) * Math.sqrt(9 / 4);
    const first = (wM * 0.9 + (w[0]! + w[1]!) * P + w[2]! * (1 - P)) / (wM + w[0]! + w[1]! + w[2]!);
    const last = (wM * 0.6 + w[1]! * (1 - P)) / (wM + w[1]!);
    const { posterior, inferred } = aggregated(build(crowdlab), requestFor(index, { prior }));
    expect(posterior[0]).toBeCloseTo(first, 12);
    expect(posterior[6]).toBeCloseTo(last, 12);
    s.forEach((agreement, j) => expect(inferred.skill[j]).toBeCloseTo(agreement, 12));
  });
});

describe('a prior of a learner', () => {
  it('takes the place of the class shares', () => {
    const index = new AnnotationIndex(2, 2, 2);
    index.append(0, 0, 0);
    index.append(0, 1, 1);
    const { posterior } = aggregated(
      build(oneCoin),
      requestFor(index, { prior: Float32Array.of(0.1, 0.9, 0.75, 0.25) }),
    );
    expect(posterior[1]).toBeGreaterThan(0.5);
    expect(Array.from(posterior.subarray(2))).toEqual([0.75, 0.25]);
  });
});
