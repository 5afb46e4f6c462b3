import type { AggregateRequest, Aggregator, Annotations, Inferred, Snapshot } from '@quorate/core';
import { z } from 'zod';
import { answersByItem, answersOf, knowledgeOf, type ItemKnowledge } from './answers-by-item.js';
import { type Ascent, type AscentOptions } from './ascent.js';
import { fillUnanswered, fitByEm, type CrowdModel } from './crowd-model.js';

export const classPriorOption = {
  classPrior: z
    .enum(['estimated', 'flat'])
    .default('estimated')
    .describe(
      'flat: estimated while the workers are, but left out of the labels, which then do not lean to frequent classes',
    ),
};

export interface ModelOptions extends AscentOptions {
  readonly classPrior?: 'estimated' | 'flat';
}

interface State {
  readonly model: CrowdModel;
  /** N of the last call; rows from here on are new. */
  items: number;
  ascent: Ascent;
  absorbed: number;
}

/** How often the rows of new answers and the workers who gave them are brought up to date in turn. */
const SWEEPS = 2;

/** The aggregator of a model: EM over all answers, or new answers taken into its expected counts. */
export function modelAggregator(
  makeModel: (workers: number, classes: number) => CrowdModel,
  options: ModelOptions,
): Aggregator {
  const flat = options.classPrior === 'flat';
  let state: State | null = null;
  const aggregator = {
    emptyRows: false,
    aggregate(request: AggregateRequest): void {
      const { annotations, posterior } = request;
      const answers = answersByItem(annotations);
      const knowledge = knowledgeOf(request);
      const model = makeModel(annotations.workers, annotations.classes);
      const ascent = fitByEm(model, answers, knowledge, posterior, options);
      if (flat && !knowledge.prior) withFlatPrior(model, () => model.expectation(answers, knowledge, posterior));
      fillUnanswered(answers, knowledge, labelPrior(model, flat), posterior);
      state = { model, items: annotations.items, ascent, absorbed: 0 };
    },
    inferred(): Inferred {
      const { model, ascent, absorbed } = known(state);
      return {
        skill: model.skill(),
        confusions: model.confusions(),
        classPrior: model.classPrior.slice(),
        objective: ascent.objective.slice(),
        iterations: ascent.iterations,
        converged: ascent.converged && absorbed === 0,
        notes: notesOf(ascent, absorbed),
      };
    },
    absorb(request: AggregateRequest, first: number): void {
      const touched = state && touchedItems(request.annotations, first);
      if (!state || !touched) {
        aggregator.aggregate(request);
        return;
      }
      const { annotations, posterior } = request;
      state.model.grow(annotations.workers);
      absorbItems(state.model, request, touched, first, flat);
      const K = annotations.classes;
      const prior = labelPrior(state.model, flat);
      for (let i = state.items; i < annotations.items; i++) {
        if (annotations.perItem[i]! > 0) continue;
        const one = Int32Array.of(i);
        const rows = posterior.subarray(i * K, (i + 1) * K);
        const knowledge = knowledgeAt(request, one);
        if ((knowledge.gold?.[0] ?? -1) >= 0) rows.fill(0)[knowledge.gold![0]!] = 1;
        else fillUnanswered(answersOf(annotations, one, 0), knowledge, prior, rows);
      }
      state.items = annotations.items;
      state.absorbed += annotations.count - first;
    },
    snapshot(): Snapshot {
      if (!state) return null;
      const { model, items, ascent, absorbed } = state;
      return {
        classes: model.classes,
        model: model.snapshot(),
        items,
        absorbed,
        ...ascent,
        objective: ascent.objective.slice(),
      };
    },
    restore(saved: Snapshot): void {
      if (saved === null) {
        state = null;
        return;
      }
      const { classes, model: inner, items, absorbed, ...ascent } = saved as unknown as Saved;
      const model = makeModel(0, classes);
      model.restore(inner);
      state = { model, items, absorbed, ascent };
    },
  };
  return aggregator;
}

interface Saved extends Ascent {
  readonly classes: number;
  readonly model: Snapshot;
  readonly items: number;
  readonly absorbed: number;
}

/**
 * Takes the answers from number `first` on into the expected counts: what the touched items said before is taken out, and
 * what they say with the new answers is put in, rows and workers in turn.
 */
function absorbItems(
  model: CrowdModel,
  request: AggregateRequest,
  items: Int32Array,
  first: number,
  flat: boolean,
): void {
  const { annotations, posterior } = request;
  const K = annotations.classes;
  const knowledge = knowledgeAt(request, items);
  const before = answersOf(annotations, items, first);
  const answers = answersOf(annotations, items, Infinity);
  const rows = new Float64Array(items.length * K);
  items.forEach((item, n) => rows.set(posterior.subarray(item * K, (item + 1) * K), n * K));
  const flattened = flat && !knowledge.prior;
  if (flattened) tilt(rows, model.classPrior);
  model.accumulate(before, knowledge, rows, -1);
  const workers = new Set(answers.worker);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    if (sweep > 0) model.accumulate(answers, knowledge, rows, -1);
    model.expectation(answers, knowledge, rows);
    model.accumulate(answers, knowledge, rows, 1);
    // Rows without the class prior are tilted by it when they come back, and so it must be the same then.
    if (sweep + 1 < SWEEPS) model.maximizeWorkers(workers, !flattened);
  }
  if (flattened) withFlatPrior(model, () => model.expectation(answers, knowledge, rows));
  items.forEach((item, n) => posterior.set(rows.subarray(n * K, (n + 1) * K), item * K));
}

/** Multiplies every row by ρ and normalises it: the posterior with the class prior out of the one without. */
function tilt(rows: Float64Array, classPrior: Float64Array): void {
  const K = classPrior.length;
  for (let start = 0; start < rows.length; start += K) {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += rows[start + k]! *= classPrior[k]!;
    if (sum > 0) for (let k = 0; k < K; k++) rows[start + k]! /= sum;
  }
}

function withFlatPrior({ classPrior }: CrowdModel, work: () => void): void {
  const kept = classPrior.slice();
  classPrior.fill(1 / kept.length);
  work();
  classPrior.set(kept);
}

function labelPrior({ classPrior }: CrowdModel, flat: boolean): Float64Array {
  return flat ? classPrior.slice().fill(1 / classPrior.length) : classPrior;
}

/** The learner's rows and the gold of a few items. */
function knowledgeAt(request: AggregateRequest, items: Int32Array): ItemKnowledge {
  const { prior, gold } = knowledgeOf(request);
  const K = request.annotations.classes;
  const rows = prior && new Float64Array(items.length * K);
  if (rows) items.forEach((item, n) => rows.set(prior.subarray(item * K, (item + 1) * K), n * K));
  return { prior: rows, gold: gold && items.map((item) => gold[item] ?? -1) };
}

/**
 * The items that annotations `first`..count-1 name, each once, ascending; null when one of the entries takes an earlier
 * answer back, which no expected count can follow: then everything is inferred again.
 */
export function touchedItems({ count, item, label }: Annotations, first: number): Int32Array | null {
  const touched = new Set<number>();
  for (let a = first; a < count; a++) {
    if (label[a]! < 0) return null;
    touched.add(item[a]!);
  }
  return Int32Array.from(touched).sort();
}

export function known<S>(state: S | null): S {
  if (state === null) throw new Error('inferred() is asked before aggregate()');
  return state;
}

function notesOf({ converged, iterations }: Ascent, absorbed: number): string[] {
  const notes: string[] = [];
  if (!converged) notes.push(`not converged after ${iterations} iterations: raise maxIterations`);
  if (absorbed > 0) notes.push(`${absorbed} answers were taken in since the last full fit`);
  return notes;
}
