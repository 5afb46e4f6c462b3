import { createHash } from 'node:crypto';
import { defineComponent, T, type DatasetSource, type LoadedDataset, type LoadRequest, type Rng } from '@quorate/core';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnDatasetSource implements DatasetSource {
  readonly #own: z.output<typeof options>;

  constructor(@inject(Options) own: z.output<typeof options>) {
    this.#own = own;
  }

  load({ classes }: LoadRequest, rng: Rng): LoadedDataset {
    const { items: N, prototypesPerClass, spread } = this.#own;
    const names = classes ?? ['a', 'b', 'c', 'd'];
    const K = names.length;
    const P = K * prototypesPerClass;
    const classOf = Int32Array.from({ length: N }, () => rng.int(K));
    const prototypes = Int32Array.from({ length: P }, (_, p) => p % K);
    const data = new Float32Array((N + P) * 2);
    for (let row = 0; row < N + P; row++) {
      const angle = (2 * Math.PI * (row < N ? classOf[row]! : prototypes[row - N]!)) / K;
      data[2 * row] = Math.cos(angle) + spread * rng.normal();
      data[2 * row + 1] = Math.sin(angle) + spread * rng.normal();
    }
    const hash = createHash('sha256').update(JSON.stringify(names)).update(classOf).update(data).digest('hex');
    return {
      dataset: {
        taskIds: Array.from(classOf, (_, i) => `item-${i}`),
        classes: names,
        features: { data, columns: 2 },
        prototypes: { ids: Array.from(prototypes, (_, p) => `prototype-${p}`), classOf: prototypes },
      },
      truth: { classOf },
      hash,
      description: `${N} points of ${K} classes`,
    };
  }
}
