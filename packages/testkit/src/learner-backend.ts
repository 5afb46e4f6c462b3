import { makeRng, type FitWatch, type LearnerBackend, type Matrix, type MlpParams, type Rows } from '@quorate/core';
import fc from 'fast-check';
import type { Make } from './setup.js';
import { anyCase, anyTargets, certain, training, withTargets, type Case, type Training } from './trainings.js';
import { fingerprint, firstDifference } from './fingerprint.js';
import { describeLaws, forAll, must, type Law, type SuiteOptions } from './law.js';
import { referenceBackend } from './reference/learner-backend.js';
import { World } from './world.js';

export type LearnerBackendCapabilities = SuiteOptions;

export interface LearnerBackendSubject {
  readonly make: Make<LearnerBackend>;
  readonly capabilities: LearnerBackendCapabilities;
}

function mustBeCloseParams(got: MlpParams, want: MlpParams, tolerance = 2e-3): void {
  must(
    (got.activations ?? []).join() === (want.activations ?? []).join(),
    'the nonlinearities are not those of the start weights',
  );
  got.weights.forEach((w, l) => mustBeClose(w, want.weights[l]!, tolerance, `weights of layer ${l}`));
  got.biases.forEach((b, l) => mustBeClose(b, want.biases[l]!, tolerance, `biases of layer ${l}`));
}

/** Two trainings one after the other in one matrix: rows of the second follow those of the first. */
function joined(first: Rows, second: Rows): Rows {
  const above = first.features.length / first.columns;
  const both = (one: Float32Array, two: Float32Array): Float32Array => Float32Array.of(...one, ...two);
  const [t, u] = [first.targets, second.targets];
  return {
    features: both(first.features, second.features),
    columns: first.columns,
    rows: Int32Array.of(...first.rows, ...second.rows.map((row) => row + above)),
    ...(first.labels && second.labels ? { labels: Int32Array.of(...first.labels, ...second.labels) } : {}),
    ...(t && u
      ? {
          targets: {
            probability: both(t.probability, u.probability),
            crossEntropy: both(t.crossEntropy, u.crossEntropy),
            squared: both(t.squared, u.squared),
          },
        }
      : {}),
  };
}

const fit = (
  backend: LearnerBackend,
  { spec, data, start, batches, batchSize }: Training,
  watch?: FitWatch,
): Promise<MlpParams> => backend.fit(spec, data, start, batches, batchSize, watch);

async function logitsOf(backend: LearnerBackend, params: MlpParams, { data, spec }: Training): Promise<Float32Array> {
  const out = new Float32Array(data.rows.length * spec.layers.at(-1)!).fill(NaN);
  await backend.predict(params, { features: data.features, columns: data.columns, rows: data.rows }, out);
  return out;
}

/** Adam's steps are of the size of the rate whatever the gradient, so rounding shows more than in the forward pass. */
function mustBeClose(got: Float32Array, want: Float32Array, tolerance: number, what: string): void {
  must(got.length === want.length, `${what}: ${got.length} numbers, expected ${want.length}`);
  const bad = want.findIndex((x, at) => !(Math.abs(x - got[at]!) <= tolerance * (1 + Math.abs(x))));
  must(bad < 0, () => `${what}: number ${bad} is ${got[bad]}, the reference has ${want[bad]}`);
}

const blank = { items: 1, workers: 1, classes: 2, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 };
const setup = () => new World({ ...blank, answers: [], retracted: [], beliefs: [], classNames: null }).setup();

/** Checks `law` on one backend for random trainings; the backend is disposed of. */
function withBackend(
  subject: LearnerBackendSubject,
  law: (backend: LearnerBackend, one: Case) => Promise<void>,
): Promise<void> {
  return withBackendAnd(anyCase, subject, law);
}

async function withBackendAnd<C>(
  cases: fc.Arbitrary<C>,
  { make, capabilities }: LearnerBackendSubject,
  law: (backend: LearnerBackend, one: C) => Promise<void>,
): Promise<void> {
  const backend = await make(setup());
  try {
    await forAll(cases, capabilities.runs ?? 30, (one) => law(backend, one));
  } finally {
    await backend.dispose();
  }
}

interface Factors {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transpose: { readonly left: boolean; readonly right: boolean };
  readonly seed: number;
}

const size = fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 90 }));
const anyFactors: fc.Arbitrary<Factors> = fc.record({
  rows: size,
  inner: size,
  columns: size,
  transpose: fc.record({ left: fc.boolean(), right: fc.boolean() }),
  seed: fc.nat(9999),
});

/** Numbers of a matrix beyond its end, and of a result: nobody reads the first or writes the second. */
const BEYOND = 3;

async function mustMultiply(backend: LearnerBackend, one: Factors): Promise<void> {
  const { rows, inner, columns, transpose, seed } = one;
  const rng = makeRng(`product/${seed}`);
  const matrix = (n: number, m: number): Matrix => ({
    data: Float32Array.from({ length: n * m + BEYOND }, () => rng.normal()),
    rows: n,
    columns: m,
  });
  const left = transpose.left ? matrix(inner, rows) : matrix(rows, inner);
  const right = transpose.right ? matrix(columns, inner) : matrix(inner, columns);
  const before = fingerprint([left, right]);
  const product = async (): Promise<Float32Array> => {
    const out = new Float32Array(rows * columns + BEYOND).fill(NaN);
    // Without a transposition half of the calls leave the argument out.
    const plain = !transpose.left && !transpose.right && seed % 2 === 0;
    await (plain ? backend.product(left, right, out) : backend.product(left, right, out, transpose));
    return out;
  };
  const out = await product();
  must(fingerprint([left, right]) === before, 'a product wrote to its operands');
  must(out.subarray(rows * columns).every(Number.isNaN), 'wrote beyond the end of the product');
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let [sum, size] = [0, 0];
      for (let x = 0; x < inner; x++) {
        const a = left.data[transpose.left ? x * rows + r : r * inner + x]!;
        const b = right.data[transpose.right ? c * inner + x : x * columns + c]!;
        sum += a * b;
        size += Math.abs(a * b);
      }
      const got = out[r * columns + c]!;
      must(Math.abs(got - sum) <= 1e-5 * size, () => `row ${r}, column ${c} is ${got}, expected ${sum}`);
    }
  }
  must(fingerprint(await product()) === fingerprint(out), 'the same product twice gave other bytes');
}

export const learnerBackendLaws: readonly Law<LearnerBackendSubject>[] = [
  {
    id: 'L1',
    text: 'fit with the same arguments returns the same bytes',
    check: (subject) =>
      withBackend(subject, async (backend, one) => {
        const first = fingerprint(await fit(backend, training(one)));
        await fit(backend, training({ ...one, seed: one.seed + 1 }));
        const again = fingerprint(await fit(backend, training(one)));
        must(first === again, () => `two fits differ: ${firstDifference(first, again)}`);
      }),
  },
  {
    id: 'L2',
    text: 'agrees with the reference backend within float32 rounding',
    check: (subject) =>
      withBackend(subject, async (backend, one) => {
        const reference = referenceBackend();
        const given = training(one);
        const untrained = await logitsOf(backend, given.start, given);
        mustBeClose(untrained, await logitsOf(reference, given.start, given), 1e-5, 'logits before training');
        const [got, want] = [await fit(backend, given), await fit(reference, given)];
        mustBeCloseParams(got, want);
        const trained = await logitsOf(backend, got, given);
        mustBeClose(trained, await logitsOf(reference, got, given), 1e-5, 'logits after training');
      }),
  },
  {
    id: 'L3',
    text: 'inputs are not written to',
    check: (subject) =>
      withBackend(subject, async (backend, one) => {
        const given = training(one);
        const before = fingerprint(given);
        const params = await fit(backend, given);
        await logitsOf(backend, params, given);
        const after = fingerprint(given);
        must(before === after, () => `the arguments changed: ${firstDifference(before, after)}`);
        const held = fingerprint(params);
        await fit(backend, { ...given, start: params });
        must(held === fingerprint(params), 'a later fit wrote to the weights of an earlier one');
      }),
  },
  {
    id: 'L4',
    text: 'dispose may be called twice',
    check: async ({ make }) => {
      const backend = await make(setup());
      must(backend.name.trim() !== '', 'the backend has no name');
      await fit(backend, training({ ...CASE }));
      await backend.dispose();
      await backend.dispose();
    },
  },
  {
    id: 'L5',
    text: 'watching changes nothing; false ends the fit with the weights so far',
    check: (subject) =>
      withBackend(subject, async (backend, one) => {
        const given = training(one);
        const every = 1 + (one.seed % 4);
        const unwatched = fingerprint(await fit(backend, given));
        const seen: { done: number; params: MlpParams; print: string }[] = [];
        const watched = await fit(backend, given, {
          every,
          onChunk: async (done, params) => {
            seen.push({ done, params, print: fingerprint(params) });
            await logitsOf(backend, params, given);
          },
        });
        must(fingerprint(watched) === unwatched, 'a fit that is watched gives other weights');
        const calls = Array.from({ length: Math.ceil(one.steps / every) }, (_, c) =>
          Math.min((c + 1) * every, one.steps),
        );
        const got = seen.map(({ done }) => done).join(', ');
        must(got === calls.join(', '), () => `${one.steps} steps, every ${every}: called after ${got}`);
        must(seen.at(-1)!.print === unwatched, 'the last call did not see the final weights');
        must(
          seen.every(({ params, print }) => fingerprint(params) === print),
          'weights that a call saw changed later',
        );
        const stopAt = calls[one.seed % calls.length]!;
        const ended = await fit(backend, given, { every, onChunk: (done) => done < stopAt });
        const then = seen.find(({ done }) => done === stopAt)!.print;
        must(
          fingerprint(ended) === then,
          () => `ended after ${stopAt} steps, it returned other weights than it showed`,
        );
        const boom = new Error('thrown by the watcher');
        const caught = await fit(backend, given, { every, onChunk: () => Promise.reject(boom) }).catch(
          (thrown: unknown) => thrown,
        );
        must(caught === boom, 'what the watcher threw did not come out of fit');
        must(
          fingerprint(await fit(backend, given)) === unwatched,
          'a fit after one that was ended gives other weights',
        );
      }),
  },
  {
    id: 'L6',
    text: 'product is the matrix product, for every shape and transposition',
    check: (subject) => withBackendAnd(anyFactors, subject, mustMultiply),
  },
  {
    id: 'L7',
    text: 'certain targets train as labels do, all others as those of the reference backend, within float32 rounding',
    check: (subject) =>
      withBackend(subject, async (backend, one) => {
        const given = training(one);
        const hard = await fit(backend, given);
        mustBeCloseParams(await fit(backend, withTargets(given, certain(given))), hard);
        const soft = withTargets(given, anyTargets(given, one.seed));
        const before = fingerprint(soft);
        const got = await fit(backend, soft);
        must(before === fingerprint(soft), 'the targets were written to');
        mustBeCloseParams(got, await fit(referenceBackend(), soft));
        must(fingerprint(got) === fingerprint(await fit(backend, soft)), 'two fits differ');
      }),
  },
  {
    id: 'L8',
    text: 'rows that onChunk returns train as they would have in one matrix with the rows before, to the byte',
    check: (subject) =>
      withBackend(subject, async (backend, one) => {
        for (const kind of ['labels', 'targets'] as const) {
          const of = (seed: number): Training => {
            const given = training({ ...one, seed });
            return kind === 'labels' ? given : withTargets(given, anyTargets(given, seed));
          };
          const first = of(one.seed);
          const second = of(one.seed + 1).data;
          const change = 1 + (one.seed % one.steps);
          const batches = first.batches.map((at, x) => (x < change * one.batchSize ? at : at + one.rows));
          const want = await fit(backend, { ...first, data: joined(first.data, second), batches });
          const got = await fit(backend, first, { every: 1, onChunk: (done) => (done === change ? second : true) });
          must(
            fingerprint(got) === fingerprint(want),
            () => `${kind}: other rows after step ${change} train otherwise`,
          );
        }
      }),
  },
];

const CASE: Case = {
  columns: 2,
  hidden: [3],
  classes: 2,
  rows: 4,
  batchSize: 2,
  steps: 3,
  weightDecay: 0,
  activations: null,
  seed: 1,
};

/** Runs every law of `LearnerBackend` against one implementation. */
export function describeLearnerBackend(
  name: string,
  make: Make<LearnerBackend>,
  capabilities: LearnerBackendCapabilities = {},
): void {
  describeLaws(`${name} keeps the LearnerBackend contract`, learnerBackendLaws, { make, capabilities });
}
