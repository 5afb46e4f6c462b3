import { AnnotationIndex, makeRng, type Dataset, type LearnRequest } from '@quorate/core';
import { bayesRisk, normalizeRows } from '@quorate/core/numbers';
import type { World } from './world.js';

/** What a learner, or a selector of its training rows, is asked in a world. `step` counts the answers that are in. */
export function learnRequest(world: World, step = Infinity): LearnRequest {
  const annotations = step === Infinity ? world.annotations() : world.annotations(3 * step);
  const K = world.plan.classes;
  const posterior = world.posterior();
  const { probability } = world.confusions();
  return {
    dataset: world.dataset(),
    annotations,
    posterior,
    risk: world.risk(posterior),
    riskThreshold: world.plan.riskThreshold,
    annotationLogLikelihood: (item, out) => {
      for (let k = 0; k < K; k++) {
        out[k] = 0;
        for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
          out[k]! += Math.log(probability[(annotations.worker[a]! * K + annotations.label[a]!) * K + k]!);
        }
      }
    },
  };
}

/** The data sets that the contract names: each is a valid request that a careless learner does not survive. */
export function edgeRequests(): { readonly name: string; readonly request: LearnRequest }[] {
  const feature = (x: number, d: number): number => Math.sin(7 * x + 3 * d);
  const constant = (): number => 4;
  return [
    { name: 'one class missing', request: edge({ items: 6, K: 3, D: 2, prototypes: [0, 0, 1, 1], beliefs: 'first' }) },
    { name: 'one item', request: edge({ items: 1, K: 2, D: 2, prototypes: [0, 0, 1, 1] }) },
    { name: 'one item, never asked about', request: edge({ items: 1, K: 2, D: 2, prototypes: [0, 1], asked: false }) },
    { name: 'duplicate rows', request: edge({ items: 8, K: 2, D: 3, prototypes: [0, 1, 0, 1], of: (_x, d) => d }) },
    { name: 'constant columns', request: edge({ items: 8, K: 2, D: 3, prototypes: [0, 1], of: constant }) },
    { name: 'two prototypes', request: edge({ items: 5, K: 2, D: 1, prototypes: [0, 1], of: feature }) },
    { name: 'two prototypes of three classes', request: edge({ items: 5, K: 3, D: 2, prototypes: [2, 1] }) },
    { name: 'no annotations', request: edge({ items: 7, K: 3, D: 2, prototypes: [0, 1, 2], asked: false }) },
    { name: 'certain beliefs', request: edge({ items: 9, K: 3, D: 2, prototypes: [0, 1, 2], beliefs: 'first' }) },
    { name: 'noise features, more columns than rows', request: edge({ items: 6, K: 3, D: 40, prototypes: [0, 1, 2] }) },
    {
      name: 'large values',
      request: edge({ items: 6, K: 2, D: 2, prototypes: [0, 1], of: (x, d) => 1e3 * feature(x, d) }),
    },
  ];
}

interface Edge {
  readonly items: number;
  readonly K: number;
  readonly D: number;
  readonly prototypes: readonly number[];
  /** Value of row x, column d. */
  readonly of?: (x: number, d: number) => number;
  readonly asked?: boolean;
  /** `first`: every item is certain to be of class 0 or 1. */
  readonly beliefs?: 'first';
}

function edge({ items: N, K, D, prototypes, of, asked = true, beliefs }: Edge): LearnRequest {
  const rng = makeRng(`edge/${N}/${K}/${D}`);
  const value = of ?? (() => rng.normal());
  const data = Float32Array.from({ length: (N + prototypes.length) * D }, (_, x) => value(Math.floor(x / D), x % D));
  const dataset: Dataset = {
    taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
    classes: Array.from({ length: K }, (_, k) => `c${k}`),
    features: { data, columns: D },
    prototypes: { ids: prototypes.map((_, p) => `p${p}`), classOf: Int32Array.from(prototypes) },
  };
  const annotations = new AnnotationIndex(N, 2, K);
  if (asked) for (let i = 0; i < N; i++) annotations.append(i, i % 2, i % Math.min(K, 2));
  const posterior = new Float64Array(N * K);
  for (let i = 0; i < N; i++) {
    for (let k = 0; k < K; k++) posterior[i * K + k] = beliefs ? (k === i % 2 ? 1 : 0) : 0.1 + rng.uniform();
  }
  normalizeRows(posterior, K);
  const risk = new Float64Array(N);
  bayesRisk(posterior, K, risk);
  return {
    dataset,
    annotations,
    posterior,
    risk,
    riskThreshold: 0.1,
    annotationLogLikelihood: (_, out) => out.fill(0),
  };
}

/** 90 items of three classes, each about a corner of its own, 5 prototypes of each; every third item is labelled. */
export function farApart(): { readonly request: LearnRequest; readonly truth: Int32Array } {
  const [N, K, D, P] = [90, 3, 4, 15];
  const rng = makeRng('far-apart');
  const classOf = Int32Array.from({ length: P }, (_, p) => p % K);
  const truth = Int32Array.from({ length: N }, () => rng.int(K));
  const data = new Float32Array((N + P) * D);
  [...truth, ...classOf].forEach((k, row) => {
    for (let d = 0; d < D; d++) data[row * D + d] = (d === k ? 6 : 0) + 0.5 * rng.normal();
  });
  const annotations = new AnnotationIndex(N, 3, K);
  const posterior = new Float64Array(N * K).fill(1 / K);
  for (let i = 0; i < N; i += 3) {
    for (let j = 0; j < 3; j++) annotations.append(i, j, truth[i]!);
    posterior.fill(0.005, i * K, (i + 1) * K)[i * K + truth[i]!] = 0.99;
  }
  const risk = new Float64Array(N);
  bayesRisk(posterior, K, risk);
  const dataset: Dataset = {
    taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
    classes: Array.from({ length: K }, (_, k) => `c${k}`),
    features: { data, columns: D },
    prototypes: { ids: Array.from({ length: P }, (_, p) => `p${p}`), classOf },
  };
  const annotationLogLikelihood = (item: number, out: Float64Array): void => {
    for (let k = 0; k < K; k++) out[k] = item % 3 === 0 ? Math.log(posterior[item * K + k]!) : 0;
  };
  return { truth, request: { dataset, annotations, posterior, risk, riskThreshold: 0.1, annotationLogLikelihood } };
}
