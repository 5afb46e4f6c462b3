import type { ClassLabel } from '@quorate/core';
import type { CrowdAnswers } from './crowd-answers.js';

/** A task whose true class is known, in the user's words. */
export type GoldLabel = readonly [task: string, label: ClassLabel];

export interface Gold {
  /** Class of task i, -1 where it is not known; length N. */
  readonly classOf: Int32Array;
  /** Tasks with a known class among the answers, and gold tasks that no row names. */
  readonly known: number;
  readonly elsewhere: number;
  /** Known tasks whose class no answer names: no aggregator without gold can be right about them. */
  readonly unheard: number;
}

/** A class that no answer names, where it may not be added. */
export const UNHEARD = -2;

/**
 * Gold in the numbers of the answers. A class that no answer names is added as a class when gold is to inform the
 * aggregator (`addClasses`), and is `UNHEARD` when labels are only held against it. The last label of a task counts.
 */
export function goldOf(answers: CrowdAnswers, labels: Iterable<GoldLabel>, addClasses: boolean): Gold {
  const classOf = new Int32Array(answers.taskIds.length).fill(-1);
  let elsewhere = 0;
  for (const [task, label] of labels) {
    const i = answers.taskNumber(task);
    if (i === undefined) elsewhere++;
    else classOf[i] = answers.classNumber(label) ?? (addClasses ? answers.addClass(label) : UNHEARD);
  }
  let [known, unheard] = [0, 0];
  for (const k of classOf) {
    if (k !== -1) known++;
    if (k === UNHEARD) unheard++;
  }
  return { classOf, known, elsewhere, unheard };
}
