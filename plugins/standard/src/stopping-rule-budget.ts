import { defineComponent, type StopRequest } from '@quorate/core';
import { z } from 'zod';

const options = z
  .strictObject({
    annotations: z.int().min(1).nullable().default(null).describe('annotations at which the run ends; null: no limit'),
    perItem: z.number().gt(0).nullable().default(null).describe('the same, as annotations per task; null: no limit'),
  })
  .refine(({ annotations, perItem }) => annotations !== null || perItem !== null, {
    path: ['annotations'],
    message: 'a number here, or in perItem',
  });

/** Ends a run at the first step that has as many annotations: the last step may pass it, unlike the run's own budget. */
export default defineComponent({
  kind: 'stoppingRule',
  name: 'budget',
  summary: 'ends the run after the step in which a number of annotations, or of annotations per task, is reached',
  options,
  create: ({ annotations, perItem }) => ({
    stop: (request: StopRequest) => {
      const most = Math.min(annotations ?? Infinity, (perItem ?? Infinity) * request.items);
      return request.annotations >= most ? `${request.annotations} annotations reach the limit of ${most}` : null;
    },
  }),
});
