import type { CarriedColumn } from '@quorate/core';
import type { ConsensusState, CrowdAnswers, SourceTable } from '@quorate/consensus';

export type { CarriedColumn };

/**
 * The columns that were asked for, by the numbers of the tasks of all answers; the first source with a value counts, and
 * before a source has one, what a state has kept.
 */
export function carriedBy(
  answers: CrowdAnswers,
  tables: readonly SourceTable[],
  state: Pick<ConsensusState, 'answers' | 'carried'> | null,
): readonly CarriedColumn[] {
  const columns = columnsOf(answers, tables);
  for (const { name, values } of state?.carried ?? []) {
    const all = columns.get(name) ?? Array.from(answers.taskIds, () => '');
    columns.set(name, all);
    values.forEach((value, item) => {
      const task = answers.taskNumber(state!.answers.taskIds[item]!);
      if (task !== undefined && all[task] === '') all[task] = value;
    });
  }
  return [...columns].map(([name, values]) => ({ name, values }));
}

function columnsOf(answers: CrowdAnswers, tables: readonly SourceTable[]): Map<string, string[]> {
  const columns = new Map<string, string[]>();
  for (const { table } of tables) {
    for (const { name, values } of table.carried) {
      const all = columns.get(name) ?? Array.from(answers.taskIds, () => '');
      columns.set(name, all);
      values.forEach((value, item) => {
        const task = answers.taskNumber(table.taskIds[item]!);
        if (task !== undefined && all[task] === '') all[task] = value;
      });
    }
  }
  return columns;
}
