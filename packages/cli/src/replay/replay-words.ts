import type { AnswerTable } from '@quorate/core';

/** What `quorate replay` is told beside `key=value` words. */
export interface ReplayFiles {
  readonly answers: string;
  readonly gold: string | null;
  readonly features: string | null;
  readonly format: string | null;
  readonly columns: string | null;
  /** Tasks that the gold, as an expert, checks; null: none. */
  readonly audits: number | null;
}

/** HITs of a step, and steps that use up about all answers. */
const [HITS, STEPS] = [5, 100];
const [LEAST_HIT, MOST_HIT] = [10, 400];

/**
 * The configuration of a replay, as words below those of the user: recorded workers, their tasks as data unless the user
 * names data, a method that needs no features where there are none, steps in proportion, no cap but the record.
 */
export function replayWords(files: ReplayFiles, table: AnswerTable, given: readonly string[]): string[] {
  const says = (key: string): boolean => given.some((word) => word.startsWith(`${key}=`));
  const option = (section: string): string[] => [
    `${section}.use=recorded`,
    `${section}.file=${files.answers}`,
    ...(files.format === null ? [] : [`${section}.format=${files.format}`]),
    ...(files.columns === null ? [] : [`${section}.columns=${files.columns}`]),
  ];
  const words = option('workers');
  const ownData = given.some((word) => /^(dataset\.use|experiment)=/.test(word));
  if (!ownData) {
    words.push(...option('dataset'));
    if (files.gold !== null) words.push(`dataset.gold=${files.gold}`);
    if (files.features !== null) words.push(`dataset.features=${files.features}`);
  }
  const featureless =
    !ownData && files.features === null && !given.some((word) => word.startsWith('dataset.features='));
  if (featureless && !says('method') && !says('learner.use')) words.push('learner.use=none');
  if (!says('sampler.use') && !says('method')) {
    // Some of a few tasks may be prototypes, which nobody is asked about.
    const least = Math.min(LEAST_HIT, Math.max(1, Math.floor(table.taskIds.length / 2)));
    const hit = Math.min(MOST_HIT, Math.max(least, Math.ceil(table.count / (HITS * STEPS))));
    words.push(`sampler.hitSize=${hit}`, `sampler.hitsPerStep=${Math.min(HITS, table.workerIds.length)}`);
    words.push(`sampler.maxAnnotationsPerItem=${mostAnswers(table)}`);
  }
  if (files.audits !== null) words.push('stop.use=audits', `stop.audits=${files.audits}`);
  return [...words, ...given];
}

function mostAnswers({ count, item, taskIds }: AnswerTable): number {
  const answers = new Int32Array(taskIds.length);
  for (let a = 0; a < count; a++) answers[item[a]!]!++;
  return answers.reduce((most, n) => Math.max(most, n), 1);
}
