import { defineComponent } from '@quorate/core';
import { z } from 'zod';

export default defineComponent({
  kind: 'stoppingRule',
  name: 'risk',
  summary: 'goes on until the sampler has nothing left to ask (every task is done, full, or beyond the budget)',
  options: z.strictObject({}),
  // The empty plan of the sampler is the stop; a second opinion here could only disagree with it.
  create: () => ({ stop: () => null }),
});
