import { createHash } from 'node:crypto';
import { defineComponent, type DatasetSource } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  items: z.int().min(1).default(500).describe('how many items to label'),
  prototypesPerClass: z.int().min(1).default(5).describe('items of every class whose class is given'),
  spread: z.number().positive().default(0.3).describe('standard deviation around the middle of a class'),
});

/**
 * Loads what is to be labelled. THE DATA BELOW ARE YOURS TO REPLACE: read a file, call a service, ...
 *
 * What `load` returns: `dataset` with the N task ids, the K class names, (N+P)×D features (items first, then prototypes;
 * null for labels alone) and the prototypes with their classes; the `truth` of the items where it is known (only
 * simulated workers and metrics get it), else null; a `hash` of all that; one line of `description`.
 *
 * What must hold: shapes agree, features are finite, ids are unique and no item is a prototype; the classes are those of
 * `request.classes` in that order where it names any; the same stream gives the same data; asked for features that it
 * has not, it throws DATA_UNAVAILABLE.
 */
export default defineComponent({
  kind: 'datasetSource',
  name: 'my_part',
  summary: 'points around the corners of a polygon, one corner for each class',
  options,
  create: ({ items: N, prototypesPerClass, spread }): DatasetSource => ({
    load: ({ classes }, rng) => {
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
    },
  }),
});
