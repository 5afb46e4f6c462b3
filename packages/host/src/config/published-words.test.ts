import { describe, expect, it } from 'vitest';
import type { Problem } from './problems.js';
import { ourWordFor, publishedWords } from './published-words.js';
import { wordsLayer } from './words.js';

function read(...words: readonly string[]) {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const tree = wordsLayer(words, problems, (note) => void notes.push(note))?.tree;
  return { tree, problems, notes };
}

describe('the words of the published program', () => {
  it('run as its README has them', () => {
    const { tree, problems, notes } = read(
      'experiment=imagenet_animal',
      'learner_method=efficient_annotation',
      'simulation=amt_structured_noise',
      'sampler.algo=greedy_task_assignment',
      'sampler.max_annotation_per_worker=2000',
    );
    expect(problems).toEqual([]);
    expect(tree).toEqual({
      experiment: 'imagenet_animal',
      method: 'efficient_annotation',
      simulation: 'amt_structured_noise',
      sampler: { use: 'greedy_task_assignment', maxAnnotationsPerWorker: 2000 },
    });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/learner_method is method=efficient_annotation; sampler\.algo is sampler\.use=greedy/);
  });

  it.each<[readonly string[], object]>([
    [['wnids=n02105505 n02086240'], { classes: ['n02105505', 'n02086240'] }],
    [['online.budget=400'], { budget: 2000 }],
    [['online.budget=400', 'online.n_hits_per_step=3'], { budget: 1200, sampler: { hitsPerStep: 3 } }],
    [['experiment=imagenet_100_classes', 'online.budget=10'], { experiment: 'imagenet_100_classes', budget: 500 }],
    [['aggregator.algo=mj'], { aggregator: { use: 'majority_vote' } }],
    [['learner.algo=dummy'], { learner: { use: 'none' } }],
    [
      ['learner.calibrate=cv_3', 'learner.prototype_as_val=false'],
      { learner: { validation: 'folds', folds: 3 }, calibrator: { use: 'temperature', optimizer: 'released' } },
    ],
    [['learner.prototype_as_val=False'], { learner: { validation: 'holdout' } }],
    [['learner_method=lean', 'learner.prototype_as_val=false'], { method: 'lean' }],
    [['learner.semi_supervised=none', 'learner.risk_thres=0.2'], { trainingSet: { use: 'annotated' } }],
    [['learner.risk_thres=0.2'], { trainingSet: { riskThreshold: 0.2 } }],
    [['worker.type=uniform_noise', 'worker.n=10'], { workers: { use: 'amt_uniform_noise', workers: 10 } }],
    [['worker.known=true'], { optimizer: { known: true } }],
    [['worker.prior.predefined_params.pos_count=3'], { workerModel: { posCount: 3 } }],
    [['seed=1', 'sampler.max_annotation_per_worker=10'], { seed: 1 }],
    [['early_stop=true', 'earlyStop=false'], { earlyStop: false }],
    [['seed=1', 'n_classes=13', 'n_jobs=2'], { seed: 1 }],
  ])('%j', (words, tree) => {
    const got = read(...words);
    expect(got.problems).toEqual([]);
    expect(got.tree).toEqual(tree);
    expect(got.notes).toHaveLength(1);
  });

  it('of which there are those of its configuration, each with a word of ours or a reason', () => {
    expect(publishedWords).toHaveLength(42);
    for (const word of publishedWords) expect(read(`${word}=1`).notes[0]).toContain(`${word} `);
  });

  it('say what to write in place of hydra.run.dir, and in a file', () => {
    expect(read('hydra.run.dir=out').problems[0]!.fix).toMatch(/--out/);
    expect(ourWordFor('learner_method')).toBe('method');
    expect(ourWordFor('method')).toBe(undefined);
  });
});

describe('words that nearly are key=value', () => {
  it.each([
    [['--seed', '3'], 'seed=3'],
    [['simulation', 'amt_structured_noise'], 'simulation=amt_structured_noise'],
    [['seed'], 'seed=...'],
  ])('%j', (words, meant) => {
    const { problems } = read(...words);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.fix).toContain(`Write ${meant}`);
  });

  it('a list may lose its quotes to the shell', () => {
    expect(read('plugins=[x]', 'classes=[cat, dog]', 'a=[1, b]', 'b=[]').tree).toEqual({
      plugins: ['x'],
      classes: ['cat', 'dog'],
      a: [1, 'b'],
      b: [],
    });
  });
});
