import {
  AnnotationIndex,
  type AggregateRequest,
  type Aggregator,
  type AnyComponent,
  type Inferred,
} from '@quorate/core';

export function build(component: AnyComponent, options: Readonly<Record<string, unknown>> = {}): Aggregator {
  return component.create!(component.options.parse(options)) as Aggregator;
}

export function requestFor(annotations: AnnotationIndex, more: Partial<AggregateRequest> = {}): AggregateRequest {
  const { items, workers, classes } = annotations;
  return {
    annotations,
    workers: { workers, classes, probability: new Float64Array(0) },
    prior: null,
    rows: 'all',
    posterior: new Float64Array(items * classes).fill(NaN),
    ...more,
  };
}

export interface Result {
  readonly posterior: Float64Array;
  readonly inferred: Inferred;
}

export function aggregated(aggregator: Aggregator, request: AggregateRequest): Result {
  aggregator.aggregate(request);
  return { posterior: request.posterior, inferred: aggregator.inferred!() };
}

/** Share of the gold tasks that get their label; t tied classes get 1/t each. */
export function accuracy(posterior: Float64Array, gold: Int32Array, K: number): number {
  let right = 0;
  let judged = 0;
  gold.forEach((g, i) => {
    if (g < 0) return;
    judged++;
    const row = posterior.subarray(i * K, (i + 1) * K);
    const best = row.reduce((max, p) => Math.max(max, p), 0) - 1e-9;
    if (row[g]! >= best) right += 1 / row.filter((p) => p >= best).length;
  });
  return right / judged;
}
