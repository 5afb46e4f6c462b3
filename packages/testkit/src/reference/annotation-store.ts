import { AnnotationIndex, QuorateError, type AnnotationStore, type Dataset } from '@quorate/core';

/** A store without a journal file: core's index, and the checks before every call. */
export function referenceStore(
  dataset: Dataset,
  workerIds: readonly string[],
): AnnotationStore & { view: AnnotationIndex } {
  const view = new AnnotationIndex(dataset.taskIds.length, workerIds.length, dataset.classes.length);
  const workers = [...workerIds];
  const check = (legal: boolean, where: string): void => {
    if (legal) return;
    const detail = { where, expected: 'something that is there', got: 'something else', fix: 'Nothing was stored.' };
    throw new QuorateError('ANNOTATION_INVALID', detail);
  };
  const retract = (sequence: number): void => {
    check(view.counts(sequence), `annotation ${sequence}`);
    for (let a = view.nextOfItem[sequence]!; a >= 0; a = view.nextOfItem[a]!) {
      check(view.worker[a] !== view.worker[sequence], `annotation ${sequence}, before annotation ${a}`);
    }
    view.remove(sequence);
    view.appendSilent(view.item[sequence]!, view.worker[sequence]!);
  };
  return {
    view,
    collect: ({ count, item, worker, label }) => {
      const first = view.count;
      for (let a = 0; a < count; a++) view.append(item[a]!, worker[a]!, label[a]!);
      return first;
    },
    add: (answers) => {
      const first = view.count;
      const known = answers.map(({ task, worker, label }) => {
        return { item: dataset.taskIds.indexOf(task), worker, k: dataset.classes.indexOf(label) };
      });
      known.forEach(({ item, k }, a) => check(item >= 0 && k >= 0, `answer ${a}`));
      for (const { item, worker, k } of known) {
        if (!workers.includes(worker)) {
          workers.push(worker);
          view.addWorker();
        }
        view.append(item, workers.indexOf(worker), k);
      }
      return first;
    },
    retract,
    replace: (sequence, label) => {
      check(label >= 0 && label < view.classes, `label ${label}`);
      retract(sequence);
      return view.append(view.item[sequence]!, view.worker[sequence]!, label);
    },
  };
}
