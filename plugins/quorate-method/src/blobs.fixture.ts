import { AnnotationIndex, makeRng, type Dataset, type LearnerBackend, type LearnRequest } from '@quorate/core';
import { multiplyMatrices } from '@quorate/core/numbers';

/** The products of a backend in plain loops. */
export const plainProducts = {
  product: async (...args) => multiplyMatrices(...args),
} satisfies Partial<LearnerBackend> as Partial<LearnerBackend> as LearnerBackend;

export interface BlobsOptions {
  readonly items: number;
  readonly classes: number;
  readonly columns: number;
  readonly prototypesPerClass: number;
  /** Distance of the class means from the centre, in standard deviations of a column; 0: the features are noise. */
  readonly separation: number;
  /** Class of item i; without it i mod K. */
  readonly classOfItem?: (item: number) => number;
  readonly seed?: number;
}

export interface Blobs {
  readonly dataset: Dataset;
  /** Class of each item. */
  readonly truth: Int32Array;
}

/** Normal classes around random means. */
export function blobs({
  items,
  classes: K,
  columns: D,
  prototypesPerClass,
  separation,
  classOfItem = (i) => i % K,
  seed = 1,
}: BlobsOptions): Blobs {
  const rng = makeRng(`blobs/${seed}`);
  const means = Float64Array.from({ length: K * D }, () => rng.normal());
  const truth = Int32Array.from({ length: items }, (_, i) => classOfItem(i));
  const classOf = Int32Array.from({ length: K * prototypesPerClass }, (_, p) => p % K);
  const data = new Float32Array((items + classOf.length) * D);
  [...truth, ...classOf].forEach((k, row) => {
    for (let d = 0; d < D; d++) data[row * D + d] = separation * means[k * D + d]! + rng.normal() / (1 + d / D);
  });
  return {
    truth,
    dataset: {
      taskIds: Array.from(truth, (_, i) => `t${i}`),
      classes: Array.from({ length: K }, (_, k) => `c${k}`),
      features: { data, columns: D },
      prototypes: { ids: Array.from(classOf, (_, p) => `p${p}`), classOf },
    },
  };
}

/** Workers who are right with probability `skill` and else name any other class, about items of the caller's choice. */
export function answersTo(
  { dataset, truth }: Blobs,
  items: readonly number[],
  { skill, workers = 5, seed = 1 }: { readonly skill: number; readonly workers?: number; readonly seed?: number },
): AnnotationIndex {
  const rng = makeRng(`answers/${seed}`);
  const K = dataset.classes.length;
  const annotations = new AnnotationIndex(truth.length, workers, K);
  for (const i of items) {
    const right = rng.uniform() < skill;
    annotations.append(i, rng.int(workers), right ? truth[i]! : (truth[i]! + 1 + rng.int(K - 1)) % K);
  }
  return annotations;
}

/** What a learner is asked when workers are known to be right with probability `skill`. */
export function requestOf({ dataset }: Blobs, annotations: AnnotationIndex, skill = 0.7): LearnRequest {
  const [N, K] = [annotations.items, annotations.classes];
  return {
    dataset,
    annotations,
    posterior: new Float64Array(N * K).fill(1 / K),
    risk: new Float64Array(N).fill(1 - 1 / K),
    riskThreshold: 0.1,
    annotationLogLikelihood: (item, out) => {
      out.fill(0);
      for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
        for (let k = 0; k < K; k++) out[k]! += Math.log(k === annotations.label[a] ? skill : (1 - skill) / (K - 1));
      }
    },
  };
}
