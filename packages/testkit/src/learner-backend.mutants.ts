import type { LearnerBackend, Matrix } from '@quorate/core';
import type { LearnerBackendSubject } from './learner-backend.js';
import type { Mutant } from './mutants.js';
import { referenceBackend } from './reference/learner-backend.js';

function mutant(
  name: string,
  breaks: string,
  change: (right: LearnerBackend) => Partial<LearnerBackend>,
): Mutant<LearnerBackendSubject> {
  const make = (): LearnerBackend => {
    const right = referenceBackend();
    return { ...right, ...change(right) };
  };
  return { name, breaks, subject: { make, capabilities: {} } };
}

let fitsOfAll = 0;

/** A product with other arguments, or with something done to its result. */
const productMutant = (
  name: string,
  change: (right: LearnerBackend['product'], ...given: Parameters<LearnerBackend['product']>) => Promise<void>,
): Mutant<LearnerBackendSubject> =>
  mutant(name, 'L6', (right) => ({ product: (...given) => change((...args) => right.product(...args), ...given) }));

export const learnerBackendMutants: readonly Mutant<LearnerBackendSubject>[] = [
  mutant('sums in an order of the moment', 'L1', (right) => ({
    fit: async (...given) => {
      const params = await right.fit(...given);
      params.biases[0]![0]! += 1e-6 * (fitsOfAll++ % 3);
      return params;
    },
  })),
  mutant('goes on from the weights of the fit before', 'L1', (right) => {
    let warm: readonly Float32Array[] | null = null;
    return {
      fit: async (spec, data, start, batches, size) => {
        const fits = warm?.every((b, l) => b.length === start.biases[l]?.length) && warm.length === start.biases.length;
        const params = await right.fit(spec, data, fits ? { ...start, biases: warm! } : start, batches, size);
        warm = params.biases;
        return params;
      },
    };
  }),
  mutant('decoupled weight decay', 'L2', (right) => ({
    fit: async (spec, data, start, batches, size) => {
      const params = await right.fit({ ...spec, weightDecay: 0 }, data, start, batches, size);
      const shrink = (1 - spec.learningRate * spec.weightDecay) ** (batches.length / size);
      return { ...params, weights: params.weights.map((w) => w.map((x) => x * shrink)) };
    },
  })),
  mutant('tanh in place of every nonlinearity', 'L2', (right) => ({
    predict: ({ weights, biases }, ...given) => right.predict({ weights, biases }, ...given),
  })),
  mutant('forgets the nonlinearities', 'L2', (right) => ({
    fit: async (...given) => {
      const { weights, biases } = await right.fit(...given);
      return { weights, biases };
    },
  })),
  mutant('weights are [out][in]', 'L2', (right) => ({
    predict: (params, data, out) => {
      let width = data.columns;
      const weights = params.weights.map((w, l) => {
        const [from, to] = [width, params.biases[l]!.length];
        width = to;
        return w.map((_, x) => w[(x % to) * from + Math.floor(x / to)]!);
      });
      return right.predict({ ...params, weights }, data, out);
    },
  })),
  mutant('rows by position, not by number', 'L2', (right) => ({
    fit: (spec, data, ...rest) => right.fit(spec, { ...data, rows: data.rows.map((_, x) => x) }, ...rest),
  })),
  mutant('returns probabilities', 'L2', (right) => ({
    predict: async (params, data, out) => {
      await right.predict(params, data, out);
      out.forEach((x, at) => (out[at] = 1 / (1 + Math.exp(-x))));
    },
  })),
  mutant('skips the last minibatch', 'L2', (right) => ({
    fit: (spec, data, start, batches, size) => right.fit(spec, data, start, batches.subarray(size), size),
  })),
  mutant('trains the given weights in place', 'L3', (right) => ({
    fit: async (spec, data, start, ...rest) => {
      const params = await right.fit(spec, data, start, ...rest);
      params.biases.forEach((b, l) => start.biases[l]!.set(b));
      return params;
    },
  })),
  mutant('starts Adam afresh after every look', 'L5', (right) => ({
    fit: async (spec, data, start, batches, size, watch) => {
      if (!watch) return right.fit(spec, data, start, batches, size);
      let params = start;
      const steps = batches.length / size;
      for (let done = 0; done < steps; done += watch.every) {
        const to = Math.min(done + watch.every, steps);
        params = await right.fit(spec, data, params, batches.subarray(done * size, to * size), size);
        if ((await watch.onChunk(to, params)) === false) break;
      }
      return params;
    },
  })),
  mutant('does not show the last steps', 'L5', (right) => ({
    fit: (spec, data, start, batches, size, watch) =>
      right.fit(
        spec,
        data,
        start,
        batches,
        size,
        watch && {
          every: watch.every,
          onChunk: (done, params) => (done % watch.every === 0 ? watch.onChunk(done, params) : undefined),
        },
      ),
  })),
  mutant('shows one and the same array every time', 'L5', (right) => {
    let held: Float32Array | undefined;
    return {
      fit: (spec, data, start, batches, size, watch) =>
        right.fit(
          spec,
          data,
          start,
          batches,
          size,
          watch && {
            every: watch.every,
            onChunk: (done, params) => {
              const bias = params.biases[0]!;
              if (held?.length !== bias.length) held = bias.slice();
              held.set(bias);
              return watch.onChunk(done, { ...params, biases: [held, ...params.biases.slice(1)] });
            },
          },
        ),
    };
  }),
  mutant('cannot be ended', 'L5', (right) => ({
    fit: (spec, data, start, batches, size, watch) =>
      right.fit(
        spec,
        data,
        start,
        batches,
        size,
        watch && {
          every: watch.every,
          onChunk: async (done, params) => void (await watch.onChunk(done, params)),
        },
      ),
  })),
  mutant('swallows what the watcher throws', 'L5', (right) => ({
    fit: (spec, data, start, batches, size, watch) =>
      right.fit(
        spec,
        data,
        start,
        batches,
        size,
        watch && {
          every: watch.every,
          onChunk: async (done, params) => {
            try {
              return await watch.onChunk(done, params);
            } catch {
              return true;
            }
          },
        },
      ),
  })),
  mutant('takes the most probable class for the target', 'L7', (right) => ({
    fit: (spec, data, ...rest) => {
      if (!data.targets) return right.fit(spec, data, ...rest);
      const K = spec.layers.at(-1)!;
      const { probability } = data.targets;
      const hard = probability.map((p, x) => {
        const row = probability.subarray(x - (x % K), x - (x % K) + K);
        return p === Math.max(...row) ? 1 : 0;
      });
      return right.fit(spec, { ...data, targets: { ...data.targets, probability: hard } }, ...rest);
    },
  })),
  mutant('takes the squared loss for cross entropy', 'L7', (right) => ({
    fit: (spec, data, ...rest) => {
      if (!data.targets) return right.fit(spec, data, ...rest);
      const { crossEntropy, squared } = data.targets;
      const all = crossEntropy.map((w, x) => w + squared[x]!);
      const targets = { ...data.targets, crossEntropy: all, squared: squared.map(() => 0) };
      return right.fit(spec, { ...data, targets }, ...rest);
    },
  })),
  mutant('does not know rows that come later', 'L8', (right) => ({
    fit: (spec, data, start, batches, size, watch) =>
      right.fit(
        spec,
        data,
        start,
        batches,
        size,
        watch && {
          every: watch.every,
          onChunk: async (done, params) => (await watch.onChunk(done, params)) !== false,
        },
      ),
  })),
  mutant('frees its memory twice', 'L4', () => {
    let freed = false;
    return {
      dispose: async () => {
        if (freed) throw new Error('double free');
        freed = true;
      },
    };
  }),
  productMutant('never transposes the right side', (product, left, right, out, transpose) =>
    product(left, { ...right, rows: right.columns, columns: right.rows }, out, {
      ...transpose,
      right: !transpose?.right,
    }),
  ),
  productMutant('transposes both or none', (product, left, right, out, transpose) => {
    const both = transpose?.left === true && transpose.right === true;
    const turned = ({ data, rows, columns }: Matrix): Matrix => ({ data, rows: columns, columns: rows });
    return product(
      transpose?.left && !both ? turned(left) : left,
      transpose?.right && !both ? turned(right) : right,
      out,
      both ? transpose : {},
    );
  }),
  productMutant('adds to what is there', async (product, left, right, out, transpose) => {
    const there = out.slice();
    await product(left, right, out, transpose);
    out.forEach((x, at) => (out[at] = x + there[at]!));
  }),
  productMutant('fills the result to its end', async (product, left, right, out, transpose) => {
    out.fill(0);
    await product(left, right, out, transpose);
  }),
  productMutant('leaves a product over nothing as it was', (product, left, right, out, transpose) =>
    (transpose?.left ? left.rows : left.columns) === 0 ? Promise.resolve() : product(left, right, out, transpose),
  ),
  productMutant('loses the last of a long sum', (product, left, right, out, transpose) => {
    if (transpose?.left || transpose?.right || left.columns < 33) return product(left, right, out, transpose);
    const data = left.data.map((x, at) => (at % left.columns === left.columns - 1 ? 0 : x));
    return product({ ...left, data }, right, out, transpose);
  }),
  productMutant('scales its operand in place', async (product, left, right, out, transpose) => {
    await product(left, right, out, transpose);
    left.data.forEach((x, at) => (left.data[at] = 2 * x));
  }),
];
