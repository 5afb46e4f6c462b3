/** What `quorate init` asks about. */
export interface InitChoices {
  readonly experiment: string | null;
  readonly method: string | null;
  readonly simulation: string | null;
  readonly seed: number;
  /** The user's own files, in place of an experiment; null for an experiment. */
  readonly data: OwnData | null;
}

export interface OwnData {
  /** File of ids and, where they are known, labels. */
  readonly labels: string;
  /** File of features; null for none. */
  readonly features: string | null;
  /** Class names; null where the labels say them. */
  readonly classes: readonly string[] | null;
}

export const CONFIG_FILE = 'quorate.config.yaml';
export const SCHEMA_FILE = 'quorate.schema.json';

/** A configuration file that explains itself. Keys that are left at their default stand in comments. */
export function configTemplate({ experiment, method, simulation, seed, data }: InitChoices): string {
  const preset = (key: string, name: string | null): string => `${key}: ${name ?? 'null'}`;
  return `# yaml-language-server: $schema=./${SCHEMA_FILE}

# Configuration of a Quorate run. Start it with:   npx quorate run
# Change any key for one run on the command line:  npx quorate run seed=2 sampler.hitSize=20
# What can be chosen, and every option:            npx quorate plugins [NAME]

# What is labelled: the tasks, their classes, and how many questions one step asks.
${data ? dataSection(data) : preset('experiment', experiment)}

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

function dataSection({ labels, features, classes }: OwnData): string {
  const quoted = (text: string): string => JSON.stringify(text);
  return `dataset:
  use: files
  # Ids and, where they are known, labels: CSV, JSON Lines, Parquet, Arrow. Rows without a label are what is to be labelled.
  labels: ${quoted(labels)}
  # What the columns are called, where it is not id and label:
  # columns: { id: filename, label: category }
  # One row of features per id: .npy, .npz, HDF5, Parquet, Arrow, CSV. "quorate features FOLDER" makes them out of photos.
  ${features === null ? '# features: features.npy' : `features: ${quoted(features)}`}
  # Rows of each class whose label is given from the start, to learn from; or a file of ids and labels that names them.
  # prototypesPerClass: 10
  # prototypes: prototypes.csv
${classes === null ? '# Classes in an order of your own; without them they are the labels, sorted.\n# classes: [cat, dog]' : `\nclasses: ${JSON.stringify(classes)}`}`;
}
