import { QuorateError, type DatasetSource } from '@quorate/core';
import { createHash } from 'node:crypto';

export interface ReferenceSourceOptions {
  readonly items?: number;
  /** False for a source of labels only. */
  readonly features?: boolean;
}

/** Synthetic: classes and features drawn from the stream, one prototype of each class. */
export function referenceSource({ items = 12, features = true }: ReferenceSourceOptions = {}): DatasetSource {
  return {
    load: ({ classes, featuresNeeded, neededBy }, rng) => {
      if (featuresNeeded && !features) {
        throw new QuorateError('DATA_UNAVAILABLE', {
          where: 'dataset',
          expected: `features, for ${neededBy.join(', ')}`,
          got: 'labels only',
          fix: 'Choose another data set.',
        });
      }
      const names = classes ?? ['a', 'b', 'c'];
      const K = names.length;
      const D = 2;
      const classOf = Int32Array.from({ length: items }, () => rng.int(K));
      const data = Float32Array.from({ length: (items + K) * D }, () => rng.normal());
      const hash = createHash('sha256').update(JSON.stringify(names)).update(classOf).update(data).digest('hex');
      const dataset = {
        taskIds: Array.from(classOf, (_, i) => `item-${i}`),
        classes: names,
        features: features ? { data, columns: D } : null,
        prototypes: { ids: names.map((_, k) => `prototype-${k}`), classOf: Int32Array.from(names.keys()) },
      };
      return { dataset, truth: { classOf }, hash, description: `${items} synthetic items of ${K} classes` };
    },
  };
}
