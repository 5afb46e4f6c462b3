import { defineComponent } from '@quorate/core';
import { z } from 'zod';

export default defineComponent({
  kind: 'learner',
  name: 'none',
  summary: 'learns nothing: labels come from annotations alone',
  options: z.strictObject({}),
  create: () => ({ fitPredict: () => null }),
});
