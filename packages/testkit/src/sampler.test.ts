import { describeSuite } from './mutants.js';
import { referenceSampler } from './reference/sampler.js';
import { INDULGENT, indulgent, samplerMutants } from './sampler.mutants.js';
import { describeSampler, samplerLaws, type SamplerSubject } from './sampler.js';

const subject = (options: Parameters<typeof referenceSampler>[0], capabilities = {}): SamplerSubject => ({
  make: () => referenceSampler(options),
  capabilities: { ...options, ...capabilities },
});

describeSampler('reference', () => referenceSampler({ maxAnnotationsPerItem: 3 }), { maxAnnotationsPerItem: 3 });

describeSuite(
  'Sampler',
  samplerLaws,
  {
    'a sampler with a cap': subject({ hitSize: 3, hitsPerStep: 2, maxAnnotationsPerItem: 3 }),
    'a sampler without a cap': subject({ hitSize: 3, hitsPerStep: 9 }),
    'a sampler that repeats': subject({ maxAnnotationsPerItem: 2, allowRepeats: true }),
    'a sampler that gives items up': { make: () => indulgent((givenUp) => !givenUp), capabilities: INDULGENT },
    'a sampler that repeats without a cap': subject({ hitSize: 1, allowRepeats: true }),
  },
  samplerMutants,
);
