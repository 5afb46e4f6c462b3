import type { LearnerBackend } from '@quorate/core';
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

export const learnerBackendMutants: readonly Mutant<LearnerBackendSubject>[] = [
  mutant('sums in an order of the moment', 'L1', ({ fit }) => ({
    fit: async (...given) => {
      const params = await fit(...given);
      params.biases[0]![0]! += 1e-6 * (fitsOfAll++ % 3);
      return params;
    },
  })),
  mutant('goes on from the weights of the fit before', 'L1', ({ fit }) => {
    let warm: readonly Float32Array[] | null = null;
    return {
      fit: async (spec, data, start, batches, size) => {
        const fits = warm?.every((b, l) => b.length === start.biases[l]?.length) && warm.length === start.biases.length;
        const params = await fit(spec, data, fits ? { ...start, biases: warm! } : start, batches, size);
        warm = params.biases;
        return params;
      },
    };
  }),
  mutant('decoupled weight decay', 'L2', ({ fit }) => ({
    fit: async (spec, data, start, batches, size) => {
      const params = await fit({ ...spec, weightDecay: 0 }, data, start, batches, size);
      const shrink = (1 - spec.learningRate * spec.weightDecay) ** (batches.length / size);
      return { weights: params.weights.map((w) => w.map((x) => x * shrink)), biases: params.biases };
    },
  })),
  mutant('weights are [out][in]', 'L2', ({ predict }) => ({
    predict: (params, data, out) => {
      let width = data.columns;
      const weights = params.weights.map((w, l) => {
        const [from, to] = [width, params.biases[l]!.length];
        width = to;
        return w.map((_, x) => w[(x % to) * from + Math.floor(x / to)]!);
      });
      return predict({ ...params, weights }, data, out);
    },
  })),
  mutant('rows by position, not by number', 'L2', ({ fit }) => ({
    fit: (spec, data, ...rest) => fit(spec, { ...data, rows: data.rows.map((_, x) => x) }, ...rest),
  })),
  mutant('returns probabilities', 'L2', ({ predict }) => ({
    predict: async (params, data, out) => {
      await predict(params, data, out);
      out.forEach((x, at) => (out[at] = 1 / (1 + Math.exp(-x))));
    },
  })),
  mutant('skips the last minibatch', 'L2', ({ fit }) => ({
    fit: (spec, data, start, batches, size) => fit(spec, data, start, batches.subarray(size), size),
  })),
  mutant('trains the given weights in place', 'L3', ({ fit }) => ({
    fit: async (spec, data, start, ...rest) => {
      const params = await fit(spec, data, start, ...rest);
      params.biases.forEach((b, l) => start.biases[l]!.set(b));
      return params;
    },
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
];
