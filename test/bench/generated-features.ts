import { defineComponent, definePlugin, type LoadedDataset } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  classes: z.int().min(2).describe('number of classes'),
  itemsPerClass: z.int().min(1).describe('tasks of each class'),
  columns: z.int().min(1).describe('feature columns'),
  separation: z.number().min(0).default(6).describe('length of a class mean, in units of half the width of the noise'),
});
const PROTOTYPES_PER_CLASS = 10;

/**
 * Classes around random means in uniform noise, written straight into the one array that a run keeps: the source
 * `synthetic` needs twice as much memory while it draws, which would hide what a step takes.
 */
const generated = defineComponent({
  kind: 'datasetSource',
  name: 'generated',
  summary: 'features of the bench',
  options,
  create: ({ classes: K, itemsPerClass, columns: D, separation }) => ({
    load: (_request, rng): LoadedDataset => {
      const N = K * itemsPerClass;
      const classOf = (count: number, perClass: number): Int32Array =>
        Int32Array.from({ length: count }, (_, row) => Math.floor(row / perClass));
      const truth = classOf(N, itemsPerClass);
      const prototypes = classOf(K * PROTOTYPES_PER_CLASS, PROTOTYPES_PER_CLASS);
      const spread = separation / Math.sqrt(D);
      const means = Float32Array.from({ length: K * D }, () => spread * (2 * rng.uniform() - 1));
      const data = new Float32Array((N + prototypes.length) * D);
      for (let row = 0, x = 0; row < N + prototypes.length; row++) {
        const mean = (row < N ? truth[row]! : prototypes[row - N]!) * D;
        for (let d = 0; d < D; d++, x++) data[x] = 2 * rng.uniform() - 1 + means[mean + d]!;
      }
      const dataset = {
        taskIds: Array.from(truth, (_, i) => `t${i}`),
        classes: Array.from({ length: K }, (_, k) => `c${k}`),
        features: { data, columns: D },
        prototypes: { ids: Array.from(prototypes, (_, p) => `p${p}`), classOf: prototypes },
      };
      const description = `${N} generated tasks of ${K} classes, ${D} columns`;
      return { dataset, truth: { classOf: truth }, hash: description, description };
    },
  }),
});

export default definePlugin({ name: 'generated-features', apiVersion: '*', components: [generated] });
