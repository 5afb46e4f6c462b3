import { logSumExp } from '@quorate/core/numbers';
import { type HeldOut, type LearnerBackend, type MlpParams, type MlpSpec, type Rows } from '@quorate/core';

export interface ValidatedFitRequest {
  readonly spec: MlpSpec;
  readonly training: Rows;
  readonly validation: Rows & { readonly labels: Int32Array };
  readonly start: MlpParams;
  readonly batches: Int32Array;
  readonly batchSize: number;
  /** The rows of the step after one, made with its weights; without it all steps draw from `training`. */
  readonly next?: (params: MlpParams) => Promise<Rows>;
  /** Steps between two looks at the validation rows; there is one after the last step, too. */
  readonly validateEvery: number;
}

export interface ValidatedFit {
  /** The weights with the lowest validation loss, the first of equals; null when no loss was a number. */
  readonly best: { readonly params: MlpParams; readonly heldOut: HeldOut } | null;
  /** Mean cross entropy of the validation rows at `best`, in nats; infinite without one. */
  readonly loss: number;
  /** Loss of every look. The fit ends at the first that is not finite. */
  readonly losses: readonly number[];
  readonly diverged: boolean;
}

/** Trains, looks at the validation rows every so often and keeps the weights that did best on them. */
export async function fitValidated(backend: LearnerBackend, request: ValidatedFitRequest): Promise<ValidatedFit> {
  const { spec, training, validation, start, batches, batchSize, next, validateEvery } = request;
  const steps = Math.floor(batches.length / batchSize);
  const classes = spec.layers.at(-1)!;
  const { labels } = validation;
  const losses: number[] = [];
  let logits = new Float32Array(labels.length * classes);
  let bestLogits = new Float32Array(logits.length);
  let bestParams: MlpParams | null = null;
  let loss = Infinity;
  await backend.fit(spec, training, start, batches, batchSize, {
    every: next ? 1 : validateEvery,
    onChunk: async (done, params) => {
      const goOn = (): true | Promise<Rows> => (next && done < steps ? next(params) : true);
      if (done % validateEvery !== 0 && done < steps) return goOn();
      await backend.predict(params, validation, logits);
      const now = meanCrossEntropy({ logits, labels, classes });
      losses.push(now);
      if (now < loss) {
        loss = now;
        bestParams = params;
        [logits, bestLogits] = [bestLogits, logits];
      }
      return Number.isFinite(now) && goOn();
    },
  });
  return {
    best: bestParams && { params: bestParams, heldOut: { logits: bestLogits, labels, classes } },
    loss,
    losses,
    diverged: losses.some((one) => !Number.isFinite(one)),
  };
}

/** -mean ln softmax(logits)[label], in nats. */
export function meanCrossEntropy({ logits, labels, classes: K }: HeldOut): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += logSumExp(logits, i * K, K) - logits[i * K + labels[i]!]!;
  return sum / labels.length;
}

/**
 * By how many standard errors the held-out labels are more probable under softmax(logits) than under equal
 * probabilities: mean over rows of ln(K · p_label), over its standard error. Infinite where all rows gain the same.
 */
export function gainOverChance({ logits, labels, classes: K }: HeldOut): number {
  const n = labels.length;
  const gains = Float64Array.from(labels, (label, i) => {
    return Math.log(K) + logits[i * K + label]! - logSumExp(logits, i * K, K);
  });
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / n;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / Math.max(1, n - 1);
  if (variance === 0) return mean > 0 ? Infinity : -Infinity;
  return mean / Math.sqrt(variance / n);
}
