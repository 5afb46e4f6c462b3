import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { T, defineComponent, definePlugin, makeRng, type Dataset } from '@quorate/core';

const [N, K, P, D] = [60, 4, 24, 5];

/** A small data set with features whose truth can be shuffled without a change to anything else. */
const blobs = defineComponent({
  kind: 'datasetSource',
  name: 'blobs',
  summary: 'for the blindfold law',
  options: z.strictObject({ shuffleTruth: z.boolean().default(false) }),
  create: ({ shuffleTruth }) => ({
    load: () => {
      const rng = makeRng('blobs');
      const truth = Int32Array.from({ length: N }, () => rng.int(K));
      const prototypes = Int32Array.from({ length: P }, (_, p) => p % K);
      const data = new Float32Array((N + P) * D);
      [...truth, ...prototypes].forEach((k, row) => {
        for (let d = 0; d < D; d++) data[row * D + d] = rng.normal() + (d === k ? 2.5 : 0);
      });
      const dataset: Dataset = {
        taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
        classes: ['a', 'b', 'c', 'd'],
        features: { data, columns: D },
        prototypes: { ids: Array.from({ length: P }, (_, p) => `p${p}`), classOf: prototypes },
      };
      const order = makeRng('other truth').permutation(N);
      const classOf = shuffleTruth ? truth.map((_, i) => truth[order[i]!]!) : truth;
      return { dataset, truth: { classOf }, hash: 'blobs', description: 'blobs' };
    },
  }),
});

/** Gives the answers of an `annotations.csv` again. */
const replayed = defineComponent({
  kind: 'workerSimulator',
  name: 'replayed',
  summary: 'for the blindfold law',
  options: z.strictObject({ file: z.string() }),
  inject: [T.Dataset],
  create: ({ file }, dataset) => {
    const workerIds = Array.from({ length: 12 }, (_, j) => `w${String(j).padStart(2, '0')}`);
    const answers = new Map<string, string[]>();
    for (const line of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
      const [task, worker, label] = line.split(',');
      const key = `${task}/${worker}`;
      answers.set(key, [...(answers.get(key) ?? []), label!]);
    }
    return {
      workerIds,
      knowledge: { pooledCounts: null, confusion: () => null },
      answer: ({ count, item, worker }, labels) => {
        for (let a = 0; a < count; a++) {
          const label = answers.get(`${dataset.taskIds[item[a]!]}/${workerIds[worker[a]!]}`)?.shift();
          if (label === undefined) throw new Error(`nobody recorded an answer to question ${a}`);
          labels[a] = dataset.classes.indexOf(label);
        }
      },
    };
  },
});

export default definePlugin({ name: 'replay-plugin', apiVersion: '*', components: [blobs, replayed] });
