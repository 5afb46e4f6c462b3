import { argmax, type TrainingSetSelector } from '@quorate/core';

/** The items with an annotation, each with its most probable class. */
export function referenceSelector(): TrainingSetSelector {
  return {
    select: ({ annotations: { items, classes: K, perItem }, posterior }) => {
      const rows = Int32Array.from({ length: items }, (_, i) => i).filter((i) => perItem[i]! > 0);
      return { rows, labels: rows.map((i) => argmax(posterior, i * K, K)), weights: null };
    },
  };
}
