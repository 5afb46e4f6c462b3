import { definePreset, type Preset } from '@quorate/core';

/** `simulation=<name>`: the workers, and a worker model that has seen a study of such workers. */
function simulation(name: string, summary: string, prior = 'homogeneous_workers'): Preset {
  return definePreset({
    group: 'simulation',
    name,
    summary,
    config: { workers: { use: name } },
    options: { workerModel: { dirichlet: { prior } } },
  });
}

export const simulations: readonly Preset[] = [
  simulation('none', 'nobody is asked: labels from the prototypes alone', 'predefined_homogeneous'),
  simulation('perfect', '50 workers who are always right'),
  simulation('uniform', '50 workers, right 7 times in 10, who name any wrong class as often'),
  simulation('structured', '50 workers, right 7 times in 10, who confuse the classes that are alike'),
];
