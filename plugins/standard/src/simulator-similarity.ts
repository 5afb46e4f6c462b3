import { QuorateError, type Dataset, type Rng } from '@quorate/core';

/**
 * How alike two classes are, K×K, larger is more alike, symmetric: minus the Euclidean distance of the means of their
 * prototypes' features. A class without prototypes, and every class of a dataset without features, has no mean: its
 * similarities are drawn at random, below all that are known. The items' truth is not used, so that what a worker model
 * may be told of the workers says nothing about the items.
 */
export function classSimilarity(dataset: Dataset, rng: Rng): Float64Array {
  const K = dataset.classes.length;
  const { means, counts } = prototypeMeans(dataset);
  const D = dataset.features?.columns ?? 0;
  const similarity = new Float64Array(K * K);
  let lowest = 0;
  for (let k = 0; k < K; k++) {
    for (let z = 0; z < k; z++) {
      if (counts[k] === 0 || counts[z] === 0) continue;
      let squared = 0;
      for (let d = 0; d < D; d++) squared += (means[k * D + d]! - means[z * D + d]!) ** 2;
      similarity[k * K + z] = similarity[z * K + k] = -Math.sqrt(squared);
      lowest = Math.min(lowest, similarity[k * K + z]!);
    }
  }
  for (let k = 0; k < K; k++) {
    for (let z = 0; z < k; z++) {
      if (counts[k] !== 0 && counts[z] !== 0) continue;
      similarity[k * K + z] = similarity[z * K + k] = lowest - 1 - rng.uniform();
    }
  }
  return similarity;
}

/** A similarity that the user wrote, as one K×K array. Throws CONFIG_INVALID when its shape is not that. */
export function givenSimilarity(rows: readonly (readonly number[])[], classes: number): Float64Array {
  const short = rows.find((row) => row.length !== classes);
  if (rows.length === classes && !short) return Float64Array.from(rows.flat());
  throw new QuorateError('CONFIG_INVALID', {
    where: 'workers.similarity',
    expected: `${classes} rows of ${classes} numbers, one for every class`,
    got: rows.length === classes ? `a row of ${short!.length}` : `${rows.length} rows`,
    fix: 'Give a row and a column for each class, in the order of the classes, or leave the option out.',
  });
}

/** The `count` classes most similar to k, without k, the most similar first; the lowest index wins a tie. */
export function mostSimilar(similarity: Float64Array, classes: number, k: number, count: number): number[] {
  const others = Array.from({ length: classes }, (_, z) => z).filter((z) => z !== k);
  others.sort((a, b) => similarity[k * classes + b]! - similarity[k * classes + a]! || a - b);
  return others.slice(0, count);
}

/** Mean feature row of each class's prototypes, K×D, and how many there are; none at all without features. */
function prototypeMeans({ classes, taskIds, features, prototypes }: Dataset): {
  means: Float64Array;
  counts: Int32Array;
} {
  const counts = new Int32Array(classes.length);
  if (!features) return { means: new Float64Array(0), counts };
  const { data, columns: D } = features;
  const means = new Float64Array(classes.length * D);
  for (const k of prototypes.classOf) counts[k]!++;
  prototypes.classOf.forEach((k, p) => {
    const row = (taskIds.length + p) * D;
    for (let d = 0; d < D; d++) means[k * D + d]! += data[row + d]! / counts[k]!;
  });
  return { means, counts };
}
