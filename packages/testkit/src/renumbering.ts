import { AnnotationIndex, type AggregateRequest, type Annotations, type Rng } from '@quorate/core';

export type Renumbering = 'classes' | 'workers' | 'items' | 'arrival';

/** Old index → new index of each kind, the identity where nothing is renumbered. */
export interface Numbers {
  readonly items: Int32Array;
  readonly workers: Int32Array;
  readonly classes: Int32Array;
}

export function numbersFor({ items, workers, classes }: Annotations, kind: Renumbering, rng: Rng): Numbers {
  const to = (n: number, wanted: boolean): Int32Array =>
    wanted ? rng.permutation(n) : Int32Array.from({ length: n }, (_, x) => x);
  return {
    items: to(items, kind === 'items'),
    workers: to(workers, kind === 'workers'),
    classes: to(classes, kind === 'classes'),
  };
}

/** The annotations that count, renumbered; in random order for `arrival`, else in their own. */
export function renumberedAnnotations(old: Annotations, to: Numbers, shuffle: Rng | null): AnnotationIndex {
  const live: number[] = [];
  for (let i = 0; i < old.items; i++) for (let a = old.firstOfItem[i]!; a >= 0; a = old.nextOfItem[a]!) live.push(a);
  live.sort((a, b) => a - b);
  const order = shuffle ? Array.from(shuffle.permutation(live.length), (x) => live[x]!) : live;
  const index = new AnnotationIndex(old.items, old.workers, old.classes);
  for (const a of order) {
    index.append(to.items[old.item[a]!]!, to.workers[old.worker[a]!]!, to.classes[old.label[a]!]!);
  }
  return index;
}

/** N×K rows under new numbers. */
export function renumberedRows(rows: Float64Array, to: Numbers): Float64Array {
  const K = to.classes.length;
  const out = new Float64Array(rows.length);
  for (let i = 0; i < to.items.length; i++) {
    for (let k = 0; k < K; k++) out[to.items[i]! * K + to.classes[k]!] = rows[i * K + k]!;
  }
  return out;
}

/** `[worker][observed][true]` under new numbers. */
export function renumberedConfusions(old: Float64Array, to: Numbers): Float64Array {
  const K = to.classes.length;
  const out = new Float64Array(to.workers.length * K * K);
  for (let j = 0; j < to.workers.length; j++) {
    for (let z = 0; z < K; z++) {
      for (let k = 0; k < K; k++) {
        out[(to.workers[j]! * K + to.classes[z]!) * K + to.classes[k]!] = old[(j * K + z) * K + k]!;
      }
    }
  }
  return out;
}

/** The same request under other numbers, and the way back for its posterior. */
export function renumbered(
  request: AggregateRequest,
  kind: Renumbering,
  rng: Rng,
): { request: AggregateRequest; back: (posterior: Float64Array) => Float64Array } {
  const to = numbersFor(request.annotations, kind, rng);
  const from: Numbers = { items: inverse(to.items), workers: inverse(to.workers), classes: inverse(to.classes) };
  const { prior, workers } = request;
  const rows = prior && renumberedRows(Float64Array.from(prior), to);
  return {
    request: {
      ...request,
      annotations: renumberedAnnotations(request.annotations, to, kind === 'arrival' ? rng : null),
      workers: { ...workers, probability: renumberedConfusions(workers.probability, to) },
      prior: prior instanceof Float32Array && rows ? Float32Array.from(rows) : rows,
      posterior: new Float64Array(request.posterior.length).fill(NaN),
    },
    back: (posterior) => renumberedRows(posterior, from),
  };
}

export function inverse(to: Int32Array): Int32Array {
  const from = new Int32Array(to.length);
  to.forEach((y, x) => (from[y] = x));
  return from;
}
