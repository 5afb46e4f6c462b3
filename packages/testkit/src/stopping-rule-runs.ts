import { AnnotationIndex, type Annotations, type Beliefs, type StopRequest } from '@quorate/core';
import { bayesRisk } from '@quorate/core/numbers';
import fc from 'fast-check';
import { World } from './world.js';

const plan = { items: 40, workers: 5, classes: 3, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 1 };

/** The project that the rules are asked about; the number of its items differs from run to run. */
export const stoppingWorld = new World({ ...plan, answers: [], retracted: [], beliefs: [], classNames: null });

/** A run: valid items rise, fall and stand still, and the annotations grow by one plan per step. */
export const anyRun: fc.Arbitrary<StopRequest[]> = fc
  .record({
    items: fc.constantFrom(1, 2, 40, 1000),
    annotationsPerStep: fc.constantFrom(1, 40, 2000, 9000),
    moves: fc.array(fc.integer({ min: -3, max: 6 }), { minLength: 1, maxLength: 12 }),
    plateau: fc.nat(40),
  })
  .map(({ items, annotationsPerStep, moves, plateau }) => {
    const viewAt = growing(items);
    let valid = 0;
    const steps = [...moves, ...new Array<number>(plateau).fill(0)];
    return steps.map((move, step) => {
      valid = Math.min(items, Math.max(0, valid + move));
      return stopRequest({ valid, items, annotations: step * annotationsPerStep, annotationsPerStep }, viewAt);
    });
  });

type Counts = Pick<StopRequest, 'valid' | 'items' | 'annotations' | 'annotationsPerStep'>;

/**
 * What a rule sees when so many of `items` are valid and so many annotations were made, with beliefs and annotations
 * that fit. Those are made when a rule looks at them: most rules only count, and some runs are long.
 */
export function stopRequest(counts: Counts, viewAt = growing(counts.items)): StopRequest {
  let beliefs: Beliefs | undefined;
  return Object.freeze({
    ...counts,
    riskThreshold: plan.riskThreshold,
    get view() {
      return viewAt(counts.annotations);
    },
    get beliefs() {
      return (beliefs ??= beliefsOf(counts));
    },
  });
}

/** The annotations of a run after so many of them: one index that grows, as in a run. */
function growing(items: number): (annotations: number) => Annotations {
  const { workers, classes } = plan;
  let index = new AnnotationIndex(items, workers, classes);
  return (annotations) => {
    if (index.count > annotations) index = new AnnotationIndex(items, workers, classes);
    for (let a = index.count; a < annotations; a++)
      index.append(a % items, (a + Math.floor(a / items)) % workers, (a % 7) % classes);
    return index;
  };
}

/** The first `valid` items are sure of their class, the others are not. */
function beliefsOf({ valid, items }: Counts): Beliefs {
  const K = plan.classes;
  const posterior = new Float64Array(items * K);
  for (let i = 0; i < items; i++) {
    const sure = i < valid ? 1 - plan.riskThreshold / 2 : 0.5;
    for (let k = 0; k < K; k++) posterior[i * K + k] = k === i % K ? sure : (1 - sure) / (K - 1);
  }
  const risk = new Float64Array(items);
  bayesRisk(posterior, K, risk);
  return { posterior, risk, workers: stoppingWorld.confusions(), learner: null, iterations: 1, converged: true };
}
