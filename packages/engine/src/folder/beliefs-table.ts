import type { Annotations, Beliefs, Dataset } from '@quorate/core';

/**
 * What is believed after a step, as a Parquet file: a row for each task with `task`, `annotations`, `risk`, the posterior as a
 * column `posterior.<class>` each, and where the run has a learner what it says as `learner.<class>`.
 */
export async function beliefsParquet(dataset: Dataset, view: Annotations, beliefs: Beliefs): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const { taskIds, classes } = dataset;
  const { posterior, risk, learner } = beliefs;
  const K = classes.length;
  const column = (table: ArrayLike<number>, k: number): Float64Array =>
    Float64Array.from({ length: taskIds.length }, (_, i) => table[i * K + k]!);
  const perClass = (name: string, table: ArrayLike<number>) =>
    classes.map((label, k) => ({ name: `${name}.${String(label)}`, data: column(table, k), type: 'DOUBLE' as const }));
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: 'task', data: taskIds.slice(), type: 'STRING' },
      { name: 'annotations', data: Int32Array.from(taskIds, (_, i) => view.perItem[i]!), type: 'INT32' },
      { name: 'risk', data: Float64Array.from(risk), type: 'DOUBLE' },
      ...perClass('posterior', posterior),
      ...(learner ? perClass('learner', learner.probability) : []),
    ],
  });
  return new Uint8Array(buffer);
}
