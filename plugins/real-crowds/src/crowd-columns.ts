import type { CalibrateRequest } from '@quorate/core';
import type { CrowdColumns } from '@quorate/core/numbers';

/** Answers sorted by item; the prototypes are the items from N on. */
export interface CrowdColumnsWithPrototypes extends CrowdColumns {
  /** Length P. */
  readonly prototypeClass: Int32Array;
}

/** The answers that count, as `Urn` reads them. O(M + N). */
export function columnsOf({ annotations, prototypes, prototypeClass }: CalibrateRequest): CrowdColumnsWithPrototypes {
  const { items: N, classes, live, firstOfItem, nextOfItem, perItem } = annotations;
  const P = prototypes ? prototypeClass.length : 0;
  const start = new Int32Array(N + P + 1);
  for (let i = 0; i < N; i++) start[i + 1] = start[i]! + perItem[i]!;
  for (let a = 0; a < (prototypes?.count ?? 0); a++) start[N + prototypes!.prototype[a]! + 1]!++;
  for (let p = 0; p < P; p++) start[N + p + 1]! += start[N + p]!;
  const count = live + (prototypes?.count ?? 0);
  const worker = new Int32Array(count);
  const label = new Int32Array(count);
  for (let i = 0; i < N; i++) {
    let at = start[i]!;
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      worker[at] = annotations.worker[a]!;
      label[at++] = annotations.label[a]!;
    }
  }
  const next = start.slice(N, N + P);
  for (let a = 0; a < (prototypes?.count ?? 0); a++) {
    const at = next[prototypes!.prototype[a]!]!++;
    worker[at] = prototypes!.worker[a]!;
    label[at] = prototypes!.label[a]!;
  }
  return { items: N + P, workers: annotations.workers, classes, start, worker, label, prototypeClass };
}
