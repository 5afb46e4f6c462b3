import type { AnnotationIndex, AnnotationStore } from '@quorate/core';
import type { AnnotationStoreSubject } from './annotation-store.js';
import type { Mutant } from './mutants.js';
import { referenceStore } from './reference/annotation-store.js';

function mutant(
  name: string,
  breaks: string,
  change: (right: AnnotationStore, view: AnnotationIndex) => Partial<AnnotationStore>,
): Mutant<AnnotationStoreSubject> {
  const make: AnnotationStoreSubject['make'] = (dataset, workerIds) => {
    const right = referenceStore(dataset, workerIds);
    // Own properties of `change` win, a getter of `view` included.
    return Object.defineProperties({ ...right }, Object.getOwnPropertyDescriptors(change(right, right.view)));
  };
  return { name, breaks, subject: { make, capabilities: {} } };
}

export const annotationStoreMutants: readonly Mutant<AnnotationStoreSubject>[] = [
  mutant('counts retracted annotations', 'L1', (right, view) => ({
    retract: (sequence, step) => {
      right.retract(sequence, step);
      view.live++;
    },
  })),
  mutant('forgets the count of the worker', 'L1', (right, view) => ({
    retract: (sequence, step) => {
      right.retract(sequence, step);
      view.perWorker[view.worker[sequence]!]!++;
    },
  })),
  mutant('keeps a retracted annotation in the list', 'L1', (right, view) => ({
    retract: (sequence, step) => {
      const first = view.firstOfItem.slice();
      right.retract(sequence, step);
      view.firstOfItem.set(first);
    },
  })),
  mutant('newest first', 'L2', (right, view) => ({
    collect: (answers, step) => {
      const from = right.collect(answers, step);
      for (let i = 0; i < view.items; i++) {
        const list: number[] = [];
        for (let a = view.firstOfItem[i]!; a >= 0; a = view.nextOfItem[a]!) list.push(a);
        if (list.length > 0) view.firstOfItem[i] = list.at(-1)!;
        list.forEach((a, x) => (view.nextOfItem[a] = x > 0 ? list[x - 1]! : -1));
      }
      return from;
    },
  })),
  mutant('an item of which all was taken back is no longer annotated', 'L3', (right, view) => ({
    retract: (sequence, step) => {
      right.retract(sequence, step);
      if (view.perItem[view.item[sequence]!] === 0) view.annotatedCount--;
    },
  })),
  mutant('finishes its work when it is read', 'L4', (_right, view) => ({
    get view() {
      view.annotatedCount += view.count % 2;
      return view;
    },
  })),
  mutant('a replacement keeps the old label', 'L5', (right, view) => ({
    replace: (sequence, label, step) => right.replace(sequence, view.label[sequence] === 0 ? 0 : label, step),
  })),
  mutant('erases what is retracted', 'L5', (right, view) => ({
    retract: (sequence, step) => {
      right.retract(sequence, step);
      view.count--;
    },
  })),
  mutant('stores what comes before the invalid answer', 'L6', (right) => ({
    add: (answers, step) => {
      const [first, ...rest] = answers.map((answer) => right.add([answer], step));
      void rest;
      return first ?? 0;
    },
  })),
  mutant('takes what was taken back back', 'L6', (right, view) => ({
    retract: (sequence, step) => {
      if (view.counts(sequence)) right.retract(sequence, step);
    },
  })),
];
