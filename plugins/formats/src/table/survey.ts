import { defineComponent, type AnswerFormat } from '@quorate/core';
import { isLayout, layoutOf } from '../layout/layout.js';
import { columnsGiven, csvOptions } from './csv-options.js';
import { openDelimited, sampledText } from './open-delimited.js';
import { readTable } from './read-table.js';

/** What survey tools export: one row a respondent, one column a question. */
export const survey = defineComponent({
  kind: 'answerFormat',
  name: 'survey',
  summary: 'CSV of Google Forms, Qualtrics, SurveyMonkey and others: a row a worker, a column a task; read only',
  options: csvOptions,
  create: (options): AnswerFormat => ({
    detect: (head) => {
      const sample = sampledText(head, options.delimiter);
      const found = sample && layoutOf(sample, columnsGiven(options), null, {});
      return found && isLayout(found) && found.shape === 'survey' ? (options.columns === null ? 0.8 : 0.97) : 0;
    },
    read: async (input, table) =>
      readTable(input, table, await openDelimited(input, options.delimiter), {
        given: columnsGiven(options),
        shape: 'survey',
      }),
  }),
});
