import {
  QuorateError,
  defineComponent,
  T,
  type AnyComponent,
  type Questions,
  type Rng,
  type WorkerKnowledge,
  type WorkerSimulator,
} from '@quorate/core';
import { TruthToken, type Truth } from '@quorate/core/truth';
import { z } from 'zod';
import { pooledCounts, spreadErrors, spreadOutside, structuredConfusion } from './confusion.js';
import { PUBLISHED_WORKERS, publishedPicks } from './published-draw.js';
import { readStudy, studyOn, type Draw, type ErrorShape, type StudyOnClasses } from './study.js';

const options = z.strictObject({
  workers: z.int().min(1).default(50).describe('how many workers'),
  path: z
    .string()
    .nullable()
    .default(null)
    .describe('group_workers.json or its folder, groups.txt beside it; null: the published files'),
  draw: z
    .enum(['seeded', 'published'])
    .default('seeded')
    .describe("which real workers they are made of: drawn from the run's seed, or the 50 of the published runs"),
  noise: z
    .number()
    .min(0)
    .max(1)
    .default(0.03)
    .describe("share of a worker's answers that names a class of another group"),
});

/** Confusion matrices of W workers, K×K `[true][observed]`; a worker i that is drawn is from `rng.fork('worker/<i>')`. */
export function drawConfusions(
  { groups, groupOf }: StudyOnClasses,
  shape: ErrorShape,
  workers: number,
  noise: number,
  rng: Rng,
  draw: Draw = 'seeded',
): Float64Array[] {
  const K = groupOf.length;
  return Array.from({ length: workers }, (_, i) => {
    const stream = rng.fork(`worker/${i}`);
    // All groups are drawn from, so that worker i is the same person in every experiment of one seed.
    const drawn = groups.map((group) => stream.int(group.workers.length));
    const picks = draw === 'published' && i < PUBLISHED_WORKERS ? publishedPicks(shape, i, groups) : drawn;
    const confusion = structuredConfusion(groups, picks, K);
    if (shape === 'uniform') spreadErrors(confusion, K);
    spreadOutside(confusion, groupOf, noise);
    return confusion;
  });
}

/** Workers who answer by a confusion matrix each. */
class ConfusedWorkers implements WorkerSimulator {
  readonly workerIds: readonly string[];
  readonly knowledge: WorkerKnowledge;
  readonly #confusions: readonly Float64Array[];
  readonly #classOf: Int32Array;
  readonly #classes: number;

  constructor(confusions: readonly Float64Array[], pooled: Float64Array, classOf: Int32Array, classes: number) {
    const digits = Math.max(2, String(confusions.length - 1).length);
    this.workerIds = confusions.map((_, i) => `w${String(i).padStart(digits, '0')}`);
    this.knowledge = { pooledCounts: pooled, confusion: (worker) => confusions[worker] ?? null };
    this.#confusions = confusions;
    this.#classOf = classOf;
    this.#classes = classes;
  }

  answer({ count, item, worker }: Questions, labels: Int32Array, rng: Rng): void {
    for (let a = 0; a < count; a++) {
      const j = worker[a]!;
      const truth = this.#classOf[item[a]!]!;
      const u = rng.fork(this.workerIds[j]!).uniform();
      labels[a] = answerAt(this.#confusions[j]!, truth * this.#classes, this.#classes, u);
    }
  }
}

/** The class at which the running sum of a row passes `u` in [0, 1); the last possible one where rounding eats it. */
function answerAt(confusion: Float64Array, start: number, classes: number, u: number): number {
  let last = 0;
  for (let z = 0; z < classes; z++) {
    const p = confusion[start + z]!;
    if (p === 0) continue;
    last = z;
    u -= p;
    if (u < 0) break;
  }
  return last;
}

/** The component of one shape. */
export function amtWorkers(name: string, shape: ErrorShape, summary: string): AnyComponent {
  return defineComponent({
    kind: 'workerSimulator',
    name,
    summary,
    options,
    needs: () => ['truth'],
    inject: [TruthToken, T.Dataset, T.Files, T.Rng],
    create: async (
      { workers, path, draw, noise },
      truth: Truth | null,
      dataset,
      files,
      rng,
    ): Promise<WorkerSimulator> => {
      if (truth === null) throw withoutTruth(name);
      const K = dataset.classes.length;
      const study = studyOn(await readStudy(files, path), dataset.classes);
      const confusions = drawConfusions(study, shape, workers, noise, rng, draw);
      return new ConfusedWorkers(confusions, pooledCounts(study.groups, K), truth.classOf, K);
    },
  });
}

function withoutTruth(name: string): QuorateError {
  return new QuorateError('DATA_INVALID', {
    where: `workers.use=${name}`,
    expected: 'a dataset whose true classes are known, since the answers are simulated',
    got: 'one without truth',
    fix: 'Label the tasks that are to be simulated; or set simulation=none, which asks nobody and labels from the prototypes.',
  });
}
