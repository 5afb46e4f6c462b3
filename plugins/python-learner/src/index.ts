import { defineComponent, definePlugin, T } from '@quorate/core';
import { z } from 'zod';
import { PythonLearner } from './python-learner.js';

const options = z.strictObject({
  script: z
    .string()
    .min(1)
    .describe('Python file that calls serve() of quorate_learner, which is on its path; from the config file’s folder'),
  python: z.string().min(1).default('python3').describe('command that runs the script'),
  folds: z
    .int()
    .min(2)
    .max(50)
    .default(5)
    .describe('models per step; each speaks only about items that it was fitted without'),
  timeoutSeconds: z.number().positive().max(86_400).default(600).describe('longest time for one fit'),
});

export default definePlugin({
  name: '@quorate/plugin-python-learner',
  apiVersion: '^0.1.0',
  components: [
    defineComponent({
      kind: 'learner',
      name: 'python',
      summary: 'your own model in Python: scikit-learn, torch, anything with fit and predict_proba',
      options,
      inject: [T.Files],
      create: (chosen, files) => new PythonLearner({ ...chosen, script: files.resolve(chosen.script) }),
    }),
  ],
});
