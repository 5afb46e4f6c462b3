/** What `quorate init` asks about. */
export interface InitChoices {
  readonly experiment: string | null;
  readonly method: string | null;
  readonly simulation: string | null;
  readonly seed: number;
}

export const CONFIG_FILE = 'quorate.config.yaml';
export const SCHEMA_FILE = 'quorate.schema.json';

/** A configuration file that explains itself. Keys that are left at their default stand in comments. */
export function configTemplate({ experiment, method, simulation, seed }: InitChoices): string {
  const preset = (key: string, name: string | null): string => `${key}: ${name ?? 'null'}`;
  return `# yaml-language-server: $schema=./${SCHEMA_FILE}

# Configuration of a Quorate run. Start it with:   npx quorate run
# Change any key for one run on the command line:  npx quorate run seed=2 sampler.hitSize=20
# What can be chosen, and every option:            npx quorate plugins [NAME]

# What is labelled: the tasks, their classes, and how many questions one step asks.
${preset('experiment', experiment)}

# How labels are inferred from answers.
${preset('method', method)}

# Who answers: simulated workers and how they err.
${preset('simulation', simulation)}

# Everything random comes from this number: the same seed gives the same bytes.
seed: ${seed}

# A task is done ("valid") when the probability that its label is wrong is at most this.
# riskThreshold: 0.1

# The most answers that a run may ask for.
# budget: 20000

# Stop when the number of valid tasks no longer grows.
# earlyStop: true

# Parts can be chosen and tuned one by one; what is set here wins over the presets above.
# sampler:
#   use: greedy_task_assignment
#   hitSize: 20

# Plugins of your own: packages, or files beside this one.
# plugins: [./my-sampler.js]
`;
}
