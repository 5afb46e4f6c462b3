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
  const notes = ({ index }: Made, options = {}): string =>
    aggregated(build(chosen, options), requestFor(index)).inferred.notes.join('\n');
  const independent = { calibration: { dependence: 'Infinity' } };

  it('models that say more of an answer than the habits of workers do have a vote', () => {
    const unlike = make(
      { items: 600, workers: 20, classes: 4, redundancy: 5 },
      coin((j) => (j % 2 ? 0.95 : 0.4), 4),
    );
    expect(notes(unlike)).toMatch(/^labels by equal votes of vote shares, one_coin, dawid_skene_map\n/);
    const biased = make({ items: 400, workers: 16, classes: 3, redundancy: 6 }, (rng, j, k) =>
      rng.uniform() < 0.85 ? (j % 2 && k === 1 ? 2 : k) : rng.int(3),
    );
    expect(notes(biased, independent)).toMatch(/^labels by dawid_skene_map, taken at its word/);
    expect(notes(unlike, independent)).toMatch(/^labels by one_coin, taken at its word/);
  });

  it.each([30, 60])('vote shares alone where habits explain the answers (%i workers)', (workers) => {
    // Some workers see next to nothing, and these say class 0 nineteen times out of twenty.
    const rng = makeRng('h0');
    const index = new AnnotationIndex(600, workers, 2);
    const truth = Int32Array.from({ length: 600 }, () => rng.int(2));
    for (let i = 0; i < 600; i++) {
      for (const j of rng.choose(workers, 3)) {
        const right = rng.uniform() < 0.5 + (0.25 + 0.05 * Number(workers > 30)) * (j / workers);
        const constant = (j * 7) % 10 < (workers > 30 ? 2 : 3);
        index.append(i, j, constant ? Number(rng.uniform() >= 0.95) : right ? truth[i]! : 1 - truth[i]!);
      }
    }
    const { posterior, inferred } = aggregated(build(chosen), requestFor(index));
    expect(inferred.notes.join('\n')).toMatch(/^labels by equal votes of vote shares\n.*\(no vote\).*\(no vote\)/);
    expect(accuracy(posterior, truth, 2)).toBeGreaterThan(0.6);
    expect(accuracy(aggregated(build(oneCoin), requestFor(index)).posterior, truth, 2)).toBeLessThan(0.53);
  });

  it('says by how much, and the same for the same seed', () => {
    const made = make(
      { items: 100, workers: 10, classes: 3, redundancy: 4 },
      coin((j) => (j % 2 ? 0.95 : 0.4), 3),
    );
    expect(notes(made)).toMatch(/on \d+ held-out answers.*one_coin \+0\.\d{3} ± 0\.\d{3}, dawid_skene_map /);
    expect(notes(made, { seed: 1 })).toBe(notes(made));
    expect(notes(made, { seed: 2 })).not.toBe(notes(made));
  });

  it('does not lean to the frequent class, unless it is told to', () => {
    const rng = makeRng(5);
    const index = new AnnotationIndex(1000, 20, 2);
    for (let i = 0; i < 999; i++) {
      const truth = i % 20 === 0 ? 1 : 0;
      for (const j of rng.choose(20, 5)) index.append(i, j, rng.uniform() < 0.75 ? truth : 1 - truth);
    }
    for (const [j, z] of [1, 1, 0].entries()) index.append(999, j, z);
    const last = (classPrior: string): number =>
      aggregated(build(chosen, { classPrior }), requestFor(index)).posterior[999 * 2 + 1]!;
    expect(last('flat')).toBeGreaterThan(0.5);
    expect(last('estimated')).toBeLessThan(last('flat') - 0.02);
  });

  it('one answer a task is never certain, and neither are many of one worker', () => {
    const alone = new AnnotationIndex(200, 200, 3);
    for (let i = 0; i < 200; i++) alone.append(i, i, i % 3);
    const { posterior, inferred } = aggregated(build(chosen), requestFor(alone));
    expect(inferred.notes[0]).toMatch(/vote shares alone: no task has two answers/);
    expect(Math.max(...posterior)).toBeLessThan(0.8);
    const repeated = new AnnotationIndex(50, 1, 2);
    for (let a = 0; a < 5000; a++) repeated.append(a % 50, 0, a % 2);
    expect(Math.max(...aggregated(build(chosen), requestFor(repeated)).posterior)).toBeLessThan(0.9999);
  });

  it('independent workers are believed: as right as it says, and the calibrated one is careful', () => {
    const made = make(
      { items: 3000, workers: 30, classes: 4, redundancy: 4 },
      coin((j) => 0.5 + 0.45 * (j / 30), 4),
    );
    const confidence = (options: Readonly<Record<string, unknown>>): number => {
      const { posterior } = aggregated(build(chosen, options), requestFor(made.index));
      return meanConfidence(posterior, 4);
    };
    const right = accuracy(aggregated(build(chosen, independent), requestFor(made.index)).posterior, made.truth, 4);
    expect(Math.abs(confidence(independent) - right)).toBeLessThan(0.02);
    expect(confidence({})).toBeLessThan(right - 0.03);
  });

  describe('gold', () => {
    const made = make(
      { items: 2000, workers: 30, classes: 3, redundancy: 4 },
      coin((j) => 0.5 + 0.4 * (j / 30), 3),
    );
    /** @param to What gold says of a task of class k. */
    const withGold = (count: number, to: (k: number) => number) => {
      const gold = Int32Array.from({ length: 2000 }, (_, i) => (i < count ? to(made.truth[i]!) : -1));
      const { posterior, inferred } = aggregated(build(chosen), requestFor(made.index, { gold }));
      const rest = posterior.subarray(count * 3);
      return { rest, posterior, calibrated: inferred.calibrated!, confidence: meanConfidence(rest, 3) };
    };
    const right = (rest: Float64Array): number => accuracy(rest, made.truth.subarray(2000 - rest.length / 3), 3);

    it('makes confidence true, and its interval narrow', () => {
      const [none, some, many] = [0, 50, 1500].map((count) => withGold(count, (k) => k));
      const gaps = [none!, some!, many!].map(({ rest, confidence }) => Math.abs(confidence - right(rest)));
      expect(gaps[1]!).toBeLessThan(gaps[0]!);
      expect(gaps[2]!).toBeLessThan(0.03);
      const widths = [none!, some!, many!].map(
        ({ calibrated }) => calibrated.accuracy!.high - calibrated.accuracy!.low,
      );
      expect(widths[1]!).toBeLessThan(widths[0]!);
      expect(widths[2]!).toBeLessThan(widths[1]! + 0.02);
      expect(some!.calibrated.accuracy!.labels).toBe(1950);
      expect(some!.calibrated.sure[0]).toBe(1);
      expect(Array.from(some!.posterior.subarray(0, 3))).toEqual([0, 1, 2].map((k) => Number(k === made.truth[0])));
    });

    it('that contradicts everything leaves no confidence; of one class only it moves that class', () => {
      const contrary = withGold(200, (k) => (k + 1) % 3);
      expect(contrary.confidence).toBeLessThan(0.5);
      const single = withGold(100, () => 2);
      const count = (rows: Float64Array): number => rows.reduce((n, p, x) => n + (x % 3 === 2 ? p : 0), 0);
      expect(count(single.rest)).toBeGreaterThan(count(withGold(0, () => 0).rest.subarray(300)) + 100);
    });

    it('whose class no worker ever names counts', () => {
      const index = new AnnotationIndex(60, 5, 4);
      for (let i = 0; i < 60; i++) for (let j = 0; j < 3; j++) index.append(i, (i + j) % 5, i % 3);
      const gold = Int32Array.from({ length: 60 }, (_, i) => (i < 20 ? (i % 3 === 0 ? 3 : i % 3) : -1));
      const { posterior } = aggregated(build(chosen), requestFor(index, { gold }));
      for (const p of posterior) expect(p >= 0 && p <= 1).toBe(true);
      const before = aggregated(build(chosen), requestFor(index)).posterior;
      expect(posterior[33 * 4]!).toBeLessThan(before[33 * 4]!);
    });
  });

  it('a thousand classes', () => {
    const made = make({ items: 60, workers: 20, classes: 1000, redundancy: 3 }, (rng, _, k) =>
      rng.uniform() < 0.7 ? k : rng.int(1000),
    );
    const gold = Int32Array.from(made.truth, (k, i) => (i < 10 ? k : -1));
    const { posterior, inferred } = aggregated(build(chosen), requestFor(made.index, { gold }));
    expect(accuracy(posterior, made.truth, 1000)).toBeGreaterThan(0.7);
    expect(inferred.calibrated!.calibration.covariance).toHaveLength(4);
    expect(meanConfidence(posterior, 1000)).toBeGreaterThan(0.3);
  });

  it('a learner is multiplied to the crowd', () => {
    const made = make(
      { items: 100, workers: 10, classes: 3, redundancy: 3 },
      coin(() => 0.7, 3),
    );
    const crowd = aggregated(build(chosen), requestFor(made.index)).posterior;
    const prior = Float64Array.from({ length: 300 }, (_, x) => [0.6, 0.3, 0.1][x % 3]!);
    const { posterior, inferred } = aggregated(build(chosen), requestFor(made.index, { prior }));
    for (let i = 0; i < 100; i++) {
      const row = [0, 1, 2].map((k) => crowd[i * 3 + k]! * prior[i * 3 + k]!);
      const sum = row.reduce((a, b) => a + b);
      row.forEach((p, k) => expect(posterior[i * 3 + k]).toBeCloseTo(p / sum, 9));
      expect(inferred.calibrated!.sure[i]!).toBeLessThan(Math.max(...posterior.subarray(i * 3, i * 3 + 3)));
    }
  });
});

function meanConfidence(posterior: Float64Array, K: number): number {
  let sum = 0;
  for (let x = 0; x < posterior.length; x += K) sum += Math.max(...posterior.subarray(x, x + K));
  return sum / (posterior.length / K);
}

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
    // Majority 0, 1, 0 of items 0..2, so the baseline says 0: right in 2 of 3, as the model is.
    const A = 2 / 3;
    const P = (2 / 3 + 1 + 1) / 3;
    const model = 2 / 3;
    const s = [(1 + 2 + 1) / 5, (1 + 2) / 4, (0 + 2 + 1) / 5];
    const above = (x: number): number => Math.max(1e-6, 1 - (1 - x) / (1 - A));
    const w = s.map(above);
    const wM = above(model) * Math.sqrt(9 / 4);
    const first = (wM * 0.9 + (w[0]! + w[1]!) * P + w[2]! * (1 - P)) / (wM + w[0]! + w[1]! + w[2]!);
    const last = (wM * 0.6 + w[1]! * (1 - P)) / (wM + w[1]!);
    const { posterior, inferred } = aggregated(build(crowdlab), requestFor(index, { prior }));
    expect(posterior[0]).toBeCloseTo(first, 12);
    expect(posterior[6]).toBeCloseTo(last, 12);
    s.forEach((agreement, j) => expect(inferred.skill[j]).toBeCloseTo(agreement, 12));
  });

  it('is as sure of cleanlab’s consensus as cleanlab 2.9.0 is', () => {
    // Rows of labels by worker, -1 for none, and of class probabilities.
    const labels = [
      [-1, -1, 2, 0],
      [0, -1, 0, -1],
      [-1, 0, 0, -1],
      [-1, 1, 2, 0],
      [1, -1, -1, -1],
      [2, 0, 1, -1],
      [1, 1, 1, 1],
      [-1, -1, 1, 2],
    ];
    const prior = [
      [0.04, 0.03, 0.93],
      [0.46, 0.1, 0.44],
      [0.7, 0.23, 0.07],
      [0.56, 0.06, 0.38],
      [0.48, 0.41, 0.11],
      [0.03, 0.57, 0.4],
      [0.14, 0.64, 0.22],
      [0.74, 0.03, 0.23],
    ];
    const consensus = [2, 0, 0, 0, 1, 1, 1, 0];
    const score = [
      0.9299993106371033, 0.47704337880190506, 0.6999998640431759, 0.5599995587585934, 0.4333445361953984,
      0.5236708559559576, 0.6343588372926399, 0.739999302294298,
    ];
    const index = new AnnotationIndex(8, 4, 3);
    labels.forEach((row, i) => row.forEach((z, j) => z >= 0 && index.append(i, j, z)));
    const { posterior } = aggregated(build(crowdlab), requestFor(index, { prior: Float64Array.from(prior.flat()) }));
    consensus.forEach((k, i) => expect(posterior[3 * i + k]).toBeCloseTo(score[i]!, 9));
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
