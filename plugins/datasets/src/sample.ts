import { T, defineComponent, partOption, type DatasetSource, type LoadedDataset, type Rng } from '@quorate/core';
import { z } from 'zod';
import { datasetHash } from './dataset-hash.js';

/** Some of the tasks of another source, drawn at random: how cost grows with the number of tasks, and pilots. */
export const sample = defineComponent({
  kind: 'datasetSource',
  name: 'sample',
  summary: 'some of the tasks of another source, drawn at random',
  options: z.strictObject({
    of: partOption('datasetSource').default({ use: 'synthetic' }).describe('the source of the tasks'),
    tasks: z.int().min(1).default(1000).describe('how many tasks, or all where there are fewer'),
  }),
  inject: [T.Parts],
  create: async ({ of, tasks }, parts): Promise<DatasetSource> => {
    const source = await parts('datasetSource', of);
    return { load: async (request, rng) => drawn(await source.load(request, rng.fork('all')), tasks, rng) };
  },
});

function drawn({ dataset, truth, description }: LoadedDataset, tasks: number, rng: Rng): LoadedDataset {
  const N = dataset.taskIds.length;
  const chosen = Int32Array.from(rng.fork('sample').choose(N, Math.min(N, tasks))).sort();
  const { features, prototypes } = dataset;
  const some = {
    ...dataset,
    taskIds: Array.from(chosen, (i) => dataset.taskIds[i]!),
    features: features && { columns: features.columns, data: rowsOf(features, chosen, N, prototypes.ids.length) },
  };
  const classOf = truth && { classOf: chosen.map((i) => truth.classOf[i]!) };
  const size = chosen.length.toLocaleString('en-US');
  return {
    dataset: some,
    truth: classOf,
    hash: datasetHash(some, classOf),
    description: `${size} tasks of: ${description}`,
  };
}

/** Rows of the chosen items, then those of the P prototypes. */
function rowsOf(
  { data, columns: D }: { readonly data: Float32Array; readonly columns: number },
  chosen: Int32Array,
  N: number,
  P: number,
): Float32Array {
  const rows = new Float32Array((chosen.length + P) * D);
  chosen.forEach((i, n) => rows.set(data.subarray(i * D, (i + 1) * D), n * D));
  rows.set(data.subarray(N * D, (N + P) * D), chosen.length * D);
  return rows;
}
