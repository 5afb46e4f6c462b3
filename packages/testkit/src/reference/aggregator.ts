import { softmax, type Aggregator } from '@quorate/core';

const TINY = 1e-12;

/** The contract's equation, row by row: y_i(k) ∝ prior_i(k) Π_a P_j(z_a | k). */
export function referenceAggregator(): Aggregator {
  return {
    emptyRows: false,
    aggregate: ({ annotations, workers, prior, rows, posterior }) => {
      const { items, classes: K, firstOfItem, nextOfItem, worker, label } = annotations;
      const fill = (i: number): void => {
        for (let k = 0; k < K; k++) {
          let log = prior ? Math.log(prior[i * K + k]! + TINY) : 0;
          for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
            log += Math.log(workers.probability[(worker[a]! * K + label[a]!) * K + k]! + TINY);
          }
          posterior[i * K + k] = log;
        }
        softmax(posterior, i * K, K);
      };
      if (rows === 'all') for (let i = 0; i < items; i++) fill(i);
      else for (let x = 0; x < annotations.annotatedCount; x++) fill(annotations.annotated[x]!);
    },
  };
}

/** Shares of the votes; an item without votes keeps a row of zeros. */
export function referenceMajority(): Aggregator {
  return {
    emptyRows: true,
    aggregate: ({ annotations, posterior }) => {
      const { items, classes: K, firstOfItem, nextOfItem, perItem, label } = annotations;
      posterior.fill(0, 0, items * K);
      for (let i = 0; i < items; i++) {
        for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) posterior[i * K + label[a]!]! += 1 / perItem[i]!;
      }
    },
  };
}
