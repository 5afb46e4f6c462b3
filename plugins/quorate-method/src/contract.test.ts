import type { SampleRequest } from '@quorate/core';
import { ExpectedGain, meanConfusion } from '@quorate/core/numbers';
import {
  buildComponent,
  describeLearner,
  describePlugin,
  describeSampler,
  describeWorkerModel,
  type SamplerCapabilities,
} from '@quorate/testkit';
import plugin from './index.js';
import transductive from './learner-transductive.js';
import expectedGain from './sampler-expected-gain.js';
import pooled from './worker-model-pooled.js';

describePlugin(plugin);
describeLearner('transductive', buildComponent(transductive), { runs: 8 });
describeLearner(
  'transductive, few components and no neighbours',
  buildComponent(transductive, { options: { components: 2, neighbours: 0 } }),
  { runs: 8 },
);
describeWorkerModel('pooled', buildComponent(pooled), { pools: true });

const MIN_GAIN = 0.05;
const givesUp = (request: SampleRequest, item: number): boolean => {
  const answers = request.annotations.perItem[item]!;
  const gain = new ExpectedGain(meanConfusion(request.confusions), request.annotations.classes);
  const two = answers + 2 <= 3 ? gain.ofTwo(item, request.posterior) / 2 : 0;
  return answers > 0 && Math.max(gain.of(item, request.posterior), two) < MIN_GAIN;
};
const limits: SamplerCapabilities = { hitSize: 3, maxAnnotationsPerItem: 3 };
const options = { ...limits, hitsPerStep: 2, minAnnotationsPerClass: 0, minGain: 0 };

for (const fillHits of ['reopen', 'shrink'] as const) {
  describeSampler(
    `expected_gain (${fillHits})`,
    buildComponent(expectedGain, { options: { ...options, fillHits } }),
    limits,
  );
  describeSampler(
    `expected_gain that gives items up and does not end at once (${fillHits})`,
    buildComponent(expectedGain, {
      options: { ...options, fillHits, minGain: MIN_GAIN, minAnnotationsPerClass: 2 },
    }),
    { ...limits, givesUp, minAnnotations: ({ annotations }) => 2 * annotations.classes },
  );
}
