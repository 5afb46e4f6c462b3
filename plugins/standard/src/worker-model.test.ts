import { AnnotationIndex, makeRng, QuorateError, type WorkerKnowledge } from '@quorate/core';
import { buildComponent, describeWorkerModel, noKnowledge } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import { priorAliases, priorTypes } from './dirichlet-prior.js';
import { goldenFiles, hasGolden, readGolden, whySkipped } from './golden.fixture.js';
import { mostProbable } from './hard-assignment.js';
import { KnownWorkers } from './known-workers.js';
import dirichlet, { DirichletWorkers, type DirichletOptions } from './worker-model-dirichlet.js';

for (const prior of priorTypes)
  describeWorkerModel(`dirichlet, ${prior}`, buildComponent(dirichlet, { options: { prior } }));
describeWorkerModel('dirichlet, lowest ties', buildComponent(dirichlet, { options: { ties: 'lowest' } }));

const optionsOf = (options: Partial<DirichletOptions>): DirichletOptions => dirichlet.options.parse(options);
const knowing = (pooledCounts: Float64Array | null, confusion: Float64Array | null = null): WorkerKnowledge => ({
  pooledCounts,
  confusion: () => confusion,
});

/** P_j(z | k), as rows of true classes. */
function matrixOf(model: DirichletWorkers | KnownWorkers, worker: number): number[][] {
  const { classes: K, probability } = model.confusions;
  return Array.from({ length: K }, (_, k) =>
    Array.from({ length: K }, (_, z) => probability[(worker * K + z) * K + k]!),
  );
}

function normalized(matrix: readonly (readonly number[])[]): number[][] {
  return matrix.map((row) => row.map((x) => x / row.reduce((a, b) => a + b, 0)));
}

function expectMatrix(got: readonly number[][], want: readonly number[][]): void {
  got.forEach((row, k) => row.forEach((p, z) => expect(p, `true ${k}, answer ${z}`).toBeCloseTo(want[k]![z]!, 9)));
}

interface PriorsGolden {
  readonly n_classes: number;
  readonly strength: number;
  readonly pos_count: number;
  readonly neg_count: number;
  readonly global_cm: number[][];
  readonly worker_cm: number[][];
  readonly posterior_alpha: number[][];
  readonly belief: number[][];
  readonly types: Readonly<
    Record<
      string,
      {
        prior_alpha: number[][];
        p_z_given_y_z2: number[];
        batch_confidence_prior_only: number;
        batch_confidence_with_posterior: number;
      }
    >
  >;
}

/** Mean over items of Σ_k y_i(k) P(k | k): the confidence by which greedy task assignment chooses workers. */
function confidence(belief: readonly (readonly number[])[], matrix: readonly (readonly number[])[]): number {
  const ofItem = belief.map((row) => row.reduce((sum, y, k) => sum + y * matrix[k]![k]!, 0));
  return ofItem.reduce((a, b) => a + b, 0) / belief.length;
}

describe('the seven priors', () => {
  it.skipIf(!hasGolden)(`agree with the reference implementation, alone and with answers${whySkipped}`, () => {
    expect(goldenFiles('priors')).not.toEqual([]);
    for (const name of goldenFiles('priors')) {
      const golden = readGolden<PriorsGolden>(name);
      const K = golden.n_classes;
      const knowledge = knowing(Float64Array.from(golden.global_cm.flat()), Float64Array.from(golden.worker_cm.flat()));
      expect(Object.keys(golden.types).sort()).toEqual([...priorTypes].sort());
      for (const prior of priorTypes) {
        const want = golden.types[prior]!;
        const { strength, pos_count: posCount, neg_count: negCount } = golden;
        const model = new DirichletWorkers(optionsOf({ prior, strength, posCount, negCount }), knowledge, K);
        model.reset(1);
        expectMatrix(matrixOf(model, 0), normalized(want.prior_alpha));
        expect(confidence(golden.belief, matrixOf(model, 0))).toBeCloseTo(want.batch_confidence_prior_only, 7);

        // As many items as answers, each certain of its class: the counts of the file.
        const triples = golden.posterior_alpha.flatMap((row, k) =>
          row.flatMap((count, z) => Array.from({ length: count }, () => [k, z] as const)),
        );
        const index = new AnnotationIndex(triples.length, 1, K);
        const posterior = new Float64Array(triples.length * K);
        triples.forEach(([k, z], item) => {
          index.append(item, 0, z);
          posterior[item * K + k] = 1;
        });
        model.update(index, posterior, makeRng(1));
        const counts = want.prior_alpha.map((row, k) => row.map((x, z) => x + golden.posterior_alpha[k]![z]!));
        expectMatrix(matrixOf(model, 0), normalized(counts));
        expect(confidence(golden.belief, matrixOf(model, 0))).toBeCloseTo(want.batch_confidence_with_posterior, 7);
        expectMatrix([matrixOf(model, 0).map((row) => row[2]!)], [want.p_z_given_y_z2]);
      }
    }
  });

  it("average the classes that the run is about, and spread their errors over the distractors' class too", () => {
    // Classes a, b and the distractors', whose row holds the answers of a hundred other classes.
    const counts = Float64Array.of(6, 2, 90, 4, 8, 70, 300, 500, 9000);
    const model = new DirichletWorkers(optionsOf({ strength: 1 }), knowing(counts), 3, 2);
    model.reset(1);
    // Mean diagonal 7, mean row among a and b (8 + 12) / 2 = 10: an error counts (10 - 7) / 2.
    expectMatrix(matrixOf(model, 0), normalized([0, 1, 2].map((k) => [0, 1, 2].map((z) => (k === z ? 7 : 1.5)))));
    const whole = new DirichletWorkers(optionsOf({ strength: 1 }), knowing(counts), 3);
    whole.reset(1);
    expect(matrixOf(whole, 0)[0]![0]).toBeGreaterThan(0.9);
  });

  it('are what their definition says, on a matrix that can be checked by hand', () => {
    const counts = Float64Array.of(6, 1, 3, 0, 8, 2, 2, 2, 4);
    const own = Float64Array.of(0.8, 0.1, 0.1, 0, 1, 0, 0.5, 0.3, 0.2);
    const want: Record<(typeof priorTypes)[number], number[][]> = {
      predefined_homegeneous: [
        [2, 1 / 3, 1 / 3],
        [1 / 3, 2, 1 / 3],
        [1 / 3, 1 / 3, 2],
      ],
      homegeneous_workers: [
        [6, 5 / 3, 5 / 3],
        [5 / 3, 6, 5 / 3],
        [5 / 3, 5 / 3, 6],
      ],
      homegeneous_workers_diagonal_perfect: [
        [6, 2, 2],
        [1, 8, 1],
        [2, 2, 4],
      ],
      homegeneous_workers_perfect: [
        [6, 1, 3],
        [0, 8, 2],
        [2, 2, 4],
      ],
      heterogeneous_workers: [
        [2 / 3, 1 / 6, 1 / 6],
        [1 / 6, 2 / 3, 1 / 6],
        [1 / 6, 1 / 6, 2 / 3],
      ],
      heterogeneous_workers_diagonal_perfect: [
        [0.8, 0.1, 0.1],
        [0, 1, 0],
        [0.4, 0.4, 0.2],
      ],
      heterogeneous_workers_perfect: [
        [0.8, 0.1, 0.1],
        [0, 1, 0],
        [0.5, 0.3, 0.2],
      ],
    };
    // One item of class 0, one answer 1: it weighs against the strength.
    const index = new AnnotationIndex(1, 1, 3);
    index.append(0, 0, 1);
    for (const prior of priorTypes) {
      const model = new DirichletWorkers(optionsOf({ prior, strength: 4 }), knowing(counts, own), 3);
      model.reset(1);
      model.update(index, Float64Array.of(1, 0, 0), makeRng(1));
      const expected = want[prior].map((row, k) => row.map((x, z) => 4 * x + (k === 0 && z === 1 ? 1 : 0)));
      expectMatrix(matrixOf(model, 0), normalized(expected));
    }
  });

  it('have the usual spelling too', () => {
    const counts = Float64Array.of(6, 1, 2, 9);
    for (const alias of priorAliases) {
      const models = [alias, alias.replace('homogeneous', 'homegeneous') as DirichletOptions['prior']].map((prior) => {
        const model = new DirichletWorkers(optionsOf({ prior }), knowing(counts), 2);
        model.reset(2);
        return model.confusions.probability;
      });
      expect(models[0]).toEqual(models[1]);
    }
    expect(optionsOf({}).prior).toBe('homegeneous_workers');
  });

  it('say what is missing and what to set when nothing is known of the workers', () => {
    for (const prior of priorTypes) {
      const model = new DirichletWorkers(optionsOf({ prior }), noKnowledge, 2);
      if (prior === 'predefined_homegeneous') expect(() => model.reset(3)).not.toThrow();
      else {
        const thrown = refusal(() => model.reset(3));
        expect(thrown.code).toBe('CONFIG_INVALID');
        expect(thrown.detail.where).toBe('workerModel.prior');
        expect(thrown.detail.fix).toContain('predefined_homegeneous');
      }
    }
    const wrongSize = new DirichletWorkers(optionsOf({}), knowing(new Float64Array(9)), 2);
    expect(refusal(() => wrongSize.reset(1)).detail.got).toContain('9 numbers');
  });

  it('leave a true class that nobody speaks of without a preference', () => {
    const model = new DirichletWorkers(
      optionsOf({ prior: 'homegeneous_workers_perfect' }),
      knowing(Float64Array.of(3, 1, 0, 0)),
      2,
    );
    model.reset(1);
    expect(matrixOf(model, 0)).toEqual([
      [0.75, 0.25],
      [0.5, 0.5],
    ]);
  });
});

describe('workers who join', () => {
  it('get the prior, and the others keep theirs', () => {
    const model = new DirichletWorkers(optionsOf({}), knowing(Float64Array.of(6, 1, 2, 9)), 2);
    model.reset(1);
    const first = matrixOf(model, 0);
    for (const workers of [2, 3, 40, 7]) {
      model.reset(workers);
      expect(model.confusions.workers).toBe(workers);
      for (let j = 0; j < workers; j++) expect(matrixOf(model, j)).toEqual(first);
    }
  });

  it('must be known when workers are to be known', () => {
    const own = Float64Array.of(0.7, 0.3, 0.1, 0.9);
    const model = new KnownWorkers({ pooledCounts: null, confusion: (j) => (j < 2 ? own : null) }, 2);
    model.reset(1);
    model.reset(2);
    for (const j of [0, 1]) {
      expect(matrixOf(model, j)).toEqual([
        [0.7, 0.3],
        [0.1, 0.9],
      ]);
    }
    const thrown = refusal(() => model.reset(3));
    expect([thrown.code, thrown.detail.where]).toEqual(['CONFIG_INVALID', 'optimizer.known']);
    expect(thrown.detail.expected).toContain('worker 2');
  });
});

describe('the hard label', () => {
  const rng = makeRng(5);

  it('is the most probable class when no other is within 1e-8, without touching the stream', () => {
    const before = rng.snapshot();
    for (let n = 0; n < 500; n++) {
      const row = Float64Array.from({ length: 7 }, () => rng.fork('rows').uniform());
      const sum = row.reduce((a, b) => a + b, 0);
      const y = row.map((x) => x / sum);
      expect(mostProbable(y, 0, 7, 'random', rng)).toBe(y.indexOf(Math.max(...y)));
    }
    expect(rng.snapshot().words).toEqual(before.words);
  });

  it('takes each of the tied classes equally often, or always the lowest', () => {
    const y = Float64Array.of(0.1, 0.3, 0, 0.3, 0.3);
    const seen = new Int32Array(5);
    for (let n = 0; n < 6000; n++) seen[mostProbable(y, 0, 5, 'random', rng)]!++;
    expect([seen[0], seen[2]]).toEqual([0, 0]);
    for (const k of [1, 3, 4]) expect(Math.abs(seen[k]! - 2000)).toBeLessThan(150);
    expect(mostProbable(y, 0, 5, 'lowest', rng)).toBe(1);
  });

  it('prefers a class that is ahead by part of the noise as often as noise on every class would', () => {
    // y1 - y0 = d: P(u0 - u1 > d) = (1 - d)²/2 in units of the noise.
    const y = Float64Array.of(0.4, 0.4 + 0.5e-8, 0.2 - 0.5e-8);
    let first = 0;
    for (let n = 0; n < 20000; n++) if (mostProbable(y, 0, 3, 'random', rng) === 0) first++;
    expect(first / 20000).toBeCloseTo(0.125, 2);
  });

  it('reads the row that it is told to read', () => {
    const y = Float64Array.of(0.9, 0.1, 0.2, 0.8, 1, 0);
    expect([0, 2, 4].map((start) => mostProbable(y, start, 2, 'lowest', rng))).toEqual([0, 1, 0]);
  });
});

function refusal(action: () => void): QuorateError {
  try {
    action();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(QuorateError);
    return thrown as QuorateError;
  }
  throw new Error('it was not refused');
}
