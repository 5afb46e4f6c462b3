import type { Problem } from './problems.js';

/** One `a.b=c` of the command line. */
export interface Assignment {
  readonly path: readonly string[];
  readonly text: string;
  readonly origin: string;
}

/** What a word of the published program comes to: our words, or why there is none. */
type Meaning = readonly (readonly [key: string, text: string])[] | { readonly dropped: string };

/** All words of a command line, to look up the others. */
type Lookup = (...keys: readonly string[]) => string | undefined;

const same =
  (key: string) =>
  (text: string): Meaning => [[key, text]];

const oneOf =
  (key: string, values: Readonly<Record<string, string>>) =>
  (text: string): Meaning => [[key, values[text] ?? text]];

const HITS_PER_STEP = { imagenet_100_classes: 50 } as const;

/**
 * The configuration of the published program [Liao21] in our words. What is spelt alike (`experiment`, `simulation`, `seed`,
 * `optimizer.criterion`) is not here.
 */
const meanings: Readonly<Record<string, (text: string, word: Lookup) => Meaning>> = {
  learner_method: oneOf('method', { good_practices_semi: 'efficient_annotation', online_ds: 'ds_model' }),
  exp_name: same('name'),
  early_stop: same('earlyStop'),
  risk_thres: same('riskThreshold'),
  n_jobs: () => ({ dropped: 'the backend takes the threads that help' }),
  wnids: (text) => [['classes', JSON.stringify(text.trim().split(/[\s,]+/))]],
  n_classes: () => ({ dropped: 'the classes are counted' }),
  n_data_per_class: same('dataset.itemsPerClass'),
  n_prototype_per_class: same('dataset.prototypesPerClass'),
  n_data_distraction_per_class: same('dataset.distractorsPerClass'),
  'online.hit_size': same('sampler.hitSize'),
  'online.n_hits_per_step': same('sampler.hitsPerStep'),
  'online.budget': (text, word) => {
    const usual = HITS_PER_STEP[word('experiment') as keyof typeof HITS_PER_STEP] ?? 5;
    const hits = Number(word('online.n_hits_per_step', 'sampler.hitsPerStep') ?? usual);
    const annotations = Number(text) * hits;
    return [['budget', Number.isInteger(annotations) ? String(annotations) : text]];
  },
  'aggregator.algo': oneOf('aggregator.use', { mj: 'majority_vote' }),
  'optimizer.max_em_steps': same('optimizer.maxEmSteps'),
  'optimizer.likelihood_epsilon': same('optimizer.likelihoodEpsilon'),
  'learner.algo': oneOf('learner.use', { dummy: 'none' }),
  'learner.features': (text) => [['dataset.features', text.includes('/') ? text : `features/${text}`]],
  'learner.risk_thres': (text, word) =>
    word('learner.semi_supervised') === 'none'
      ? { dropped: 'without pseudo-labels it does nothing' }
      : [['trainingSet.riskThreshold', text]],
  'learner.n_hidden_layer': same('learner.hiddenLayers'),
  'learner.hidden_size': same('learner.hiddenSize'),
  'learner.batch_size': same('learner.batchSize'),
  'learner.max_epochs': same('learner.steps'),
  'learner.lr_ratio': same('learner.learningRatePerRoot'),
  'learner.weight_decay': same('learner.weightDecay'),
  'learner.early_stop_scope': same('learner.scope'),
  'learner.semi_supervised': oneOf('trainingSet.use', { none: 'annotated' }),
  'learner.calibrate': (text) => {
    const folds = /^cv_(\d+)$/.exec(text)?.[1];
    const calibrator = [['calibrator.use', folds === undefined ? text : 'temperature']] as const;
    const released = [...calibrator, ['calibrator.optimizer', 'released']] as const;
    if (folds !== undefined) return [['learner.validation', 'folds'], ['learner.folds', folds], ...released];
    return text === 'temperature' ? released : calibrator;
  },
  'learner.prototype_as_val': (text, word) => {
    const folds = word('learner.calibrate')?.startsWith('cv_') ?? word('learner_method', 'method') === 'lean';
    if (folds) return { dropped: 'folds validate' };
    return [['learner.validation', /^true$/i.test(text) ? 'prototypes' : 'holdout']];
  },
  'learner.mixmatch.mu': same('trainingSet.mu'),
  'learner.mixmatch.alpha': same('trainingSet.alpha'),
  'learner.mixmatch.mixmatch_w': same('trainingSet.weight'),
  'sampler.algo': same('sampler.use'),
  'sampler.max_annotation_per_example': same('sampler.maxAnnotationsPerItem'),
  'sampler.max_annotation_per_worker': (text, word) =>
    word('sampler.algo', 'sampler.use') === 'greedy_task_assignment'
      ? [['sampler.maxAnnotationsPerWorker', text]]
      : { dropped: 'the random sampler knows no such limit' },
  'worker.type': oneOf('workers.use', { structured_noise: 'amt_structured_noise', uniform_noise: 'amt_uniform_noise' }),
  'worker.known': same('optimizer.known'),
  'worker.n': same('workers.workers'),
  'worker.prior.type': same('workerModel.prior'),
  'worker.prior.strength': same('workerModel.strength'),
  'worker.prior.predefined_params.pos_count': same('workerModel.posCount'),
  'worker.prior.predefined_params.neg_count': same('workerModel.negCount'),
};

/** Every word of the published program, for the docs and for tests. */
export const publishedWords: readonly string[] = Object.keys(meanings);

/**
 * Words of the published program become ours: its command line runs as it is typed. A word of ours for the same thing wins.
 * What became of each is said in one note.
 */
export function inOurWords(
  assignments: readonly Assignment[],
  problems: Problem[],
): { readonly assignments: readonly Assignment[]; readonly note: string | null } {
  const texts = new Map(assignments.map(({ path, text }) => [path.join('.'), text]));
  const word: Lookup = (...keys) => keys.map((key) => texts.get(key)).find((text) => text !== undefined);
  const said: string[] = [];
  const kept = assignments.flatMap((assignment): readonly Assignment[] => {
    const key = assignment.path.join('.');
    if (assignment.path[0] === 'hydra') {
      const fix = 'Leave it out; --out DIR names the folder of the run.';
      problems.push({
        where: `${assignment.origin}: ${key}`,
        expected: 'a key of the configuration',
        got: 'one of Hydra',
        fix,
      });
      return [];
    }
    const meaning = Object.hasOwn(meanings, key) ? meanings[key]!(normal(assignment.text), word) : null;
    if (meaning === null) return [assignment];
    if ('dropped' in meaning) {
      said.push(`${key} does nothing here (${meaning.dropped})`);
      return [];
    }
    said.push(`${key} is ${meaning.map(([ours, text]) => `${ours}=${text}`).join(' ')}`);
    return meaning
      .filter(([ours]) => !texts.has(ours))
      .map(([ours, text]) => ({ ...assignment, path: ours.split('.'), text }));
  });
  return { assignments: kept, note: said.length > 0 ? `Words of the published program: ${said.join('; ')}.` : null };
}

/** How YAML writes what JSON writes otherwise. */
function normal(text: string): string {
  return /^(true|false)$/i.test(text) ? text.toLowerCase() : text;
}

/** What a key of the published program is called here; undefined for any other. */
export function ourWordFor(key: string): string | undefined {
  if (!Object.hasOwn(meanings, key)) return undefined;
  const meaning = meanings[key]!('', () => undefined);
  return 'dropped' in meaning ? undefined : meaning[0]?.[0];
}
