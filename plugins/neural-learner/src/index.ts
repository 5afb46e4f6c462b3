import { definePlugin, type OptionsOf } from '@quorate/core';
import auto from './backend-auto.js';
import reference from './backend-reference.js';
import none from './calibrator-none.js';
import temperature from './calibrator-temperature.js';
import { mlp, softmaxRegression } from './learners.js';
import { annotated, mixmatch, pseudolabel } from './selectors.js';

const components = [
  mlp,
  softmaxRegression,
  temperature,
  none,
  annotated,
  pseudolabel,
  mixmatch,
  auto,
  reference,
] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-neural-learner',
  apiVersion: '^0.1.0',
  components,
});
