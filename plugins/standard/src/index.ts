import { definePlugin, type OptionsOf } from '@quorate/core';
import bayes from './aggregator-bayes.js';
import majorityVote from './aggregator-majority-vote.js';
import learnerNone from './learner-none.js';
import em from './optimizer-em.js';
import greedyTaskAssignment from './sampler-greedy-task-assignment.js';
import random from './sampler-random.js';
import nobody from './simulator-none.js';
import perfect from './simulator-perfect.js';
import { simulations } from './simulator-presets.js';
import structured from './simulator-structured.js';
import uniform from './simulator-uniform.js';
import budget from './stopping-rule-budget.js';
import earlyStop from './stopping-rule-early-stop.js';
import risk from './stopping-rule-risk.js';
import dirichlet from './worker-model-dirichlet.js';

const components = [
  random,
  greedyTaskAssignment,
  nobody,
  perfect,
  uniform,
  structured,
  bayes,
  majorityVote,
  dirichlet,
  em,
  learnerNone,
  risk,
  budget,
  earlyStop,
] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-standard',
  apiVersion: '^0.1.0',
  components,
  presets: simulations,
});
