import { softmax } from '@quorate/core/numbers';
import { type AggregateRequest, type Aggregator, type Snapshot } from '@quorate/core';

const TINY = 1e-12;

/** The contract's equation, row by row: y_i(k) ∝ prior_i(k) Π_a P_j(z_a | k). */
export function referenceAggregator(): Aggregator {
  return {
    emptyRows: false,
    aggregate: ({ annotations, workers, prior, rows, gold, posterior }) => {
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
      fixGold(K, gold, posterior);
    },
  };
}

/** Shares of the votes; an item without votes keeps a row of zeros. */
export function referenceMajority(): Aggregator {
  return {
    emptyRows: true,
    aggregate: ({ annotations, gold, posterior }) => {
      const { items, classes: K, firstOfItem, nextOfItem, perItem, label } = annotations;
      posterior.fill(0, 0, items * K);
      for (let i = 0; i < items; i++) {
        for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) posterior[i * K + label[a]!]! += 1 / perItem[i]!;
      }
      fixGold(K, gold, posterior);
    },
  };
}

function fixGold(K: number, gold: Int32Array | null | undefined, posterior: Float64Array): void {
  gold?.forEach((g, i) => {
    if (g >= 0) posterior.fill(0, i * K, (i + 1) * K)[i * K + g] = 1;
  });
}

/**
 * Votes weighted by each worker's share of answers that most others gave too; the plainest that has everything which a
 * contract allows. It takes new answers in at the cost of starting over.
 */
export function referenceWeighted(): Aggregator {
  let skill: Float64Array | null = null;
  let absorbed = 0;
  const learn = ({ annotations, ...request }: AggregateRequest): void => {
    const { items, workers, classes: K, firstOfItem, nextOfItem, perWorker, worker, label } = annotations;
    const shares = new Float64Array(items * K);
    referenceMajority().aggregate({ ...request, annotations, posterior: shares });
    skill = new Float64Array(workers);
    for (let i = 0; i < items; i++) {
      for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
        skill[worker[a]!]! += shares[i * K + label[a]!]! / perWorker[worker[a]!]!;
      }
    }
    skill.forEach((s, j) => (skill![j] = Math.min(1, s)));
  };
  const write = ({ annotations, gold, posterior }: AggregateRequest, item: number): void => {
    const { classes: K, firstOfItem, nextOfItem, worker, label } = annotations;
    const row = posterior.subarray(item * K, (item + 1) * K).fill(0);
    let sum = 0;
    for (let a = firstOfItem[item]!; a >= 0; a = nextOfItem[a]!) {
      row[label[a]!]! += skill![worker[a]!]!;
      sum += skill![worker[a]!]!;
    }
    for (let k = 0; k < K; k++) row[k] = sum > 0 ? row[k]! / sum : 1 / K;
    if ((gold?.[item] ?? -1) >= 0) row.fill(0)[gold![item]!] = 1;
  };
  const aggregator: Aggregator = {
    emptyRows: false,
    aggregate: (request) => {
      learn(request);
      absorbed = 0;
      for (let i = 0; i < request.annotations.items; i++) write(request, i);
    },
    inferred: () => ({
      skill: skill!.slice(),
      confusions: null,
      classPrior: null,
      objective: new Float64Array(0),
      iterations: 1,
      converged: absorbed === 0,
      notes: [],
    }),
    absorb: (request, first) => {
      const { count, item, label, items, perItem } = request.annotations;
      if (!skill || label.subarray(first, count).some((z) => z < 0)) return aggregator.aggregate(request);
      learn(request);
      absorbed += count - first;
      new Set(item.subarray(first, count)).forEach((i) => write(request, i));
      for (let i = 0; i < items; i++) if (perItem[i] === 0) write(request, i);
    },
    snapshot: () => ({ skill: skill?.slice() ?? null, absorbed }),
    restore: (saved: Snapshot) => {
      const old = saved as { skill: Float64Array | null; absorbed: number };
      skill = old.skill && Float64Array.from(old.skill);
      absorbed = old.absorbed;
    },
  };
  return aggregator;
}
