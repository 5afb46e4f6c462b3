import { createHash } from 'node:crypto';
import type { Dataset } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';

/** A hash takes no more than 2 GiB at a time. */
const CHUNK = 2 ** 28;

/** SHA-256 (hex) over everything in a data set: names, ids, classes, truth and the bytes of the features. */
export function datasetHash(dataset: Dataset, truth: Truth | null): string {
  const { taskIds, classes, prototypes, features } = dataset;
  const hash = createHash('sha256');
  const lists = { classes, taskIds, prototypes: prototypes.ids, columns: features?.columns ?? null };
  for (const [key, value] of Object.entries(lists)) hash.update(`${key} ${JSON.stringify(value)}\n`);
  for (const column of [prototypes.classOf, truth?.classOf, features?.data]) {
    hash.update(`${column?.length ?? 'none'}\n`);
    if (!column) continue;
    const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    for (let at = 0; at < bytes.length; at += CHUNK) hash.update(bytes.subarray(at, at + CHUNK));
  }
  return hash.digest('hex');
}
