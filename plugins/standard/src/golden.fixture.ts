import { AnnotationIndex, type Dataset } from '@quorate/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One optimizer step of the reference implementation, as the README of the golden files describes it. */
export interface EmGolden {
  readonly n_classes: number;
  readonly n_images: number;
  readonly n_workers: number;
  readonly criterion: 'soft' | 'hard';
  readonly max_em_steps: number;
  readonly likelihood_epsilon: number;
  readonly annotations: readonly (readonly [number, number, number])[];
  /** [true][observed], times the strength: one for all workers, or one each. */
  readonly prior_alpha_shared: readonly (readonly number[])[] | null;
  readonly prior_alpha: readonly (readonly (readonly number[])[])[] | null;
  readonly learner_prob: readonly (readonly number[])[] | null;
  readonly e_step_y_posterior: readonly (readonly (readonly number[])[])[];
  /** Per iteration and worker: [true, observed, count]. */
  readonly m_step_posterior_alpha: readonly (readonly (readonly (readonly [number, number, number])[])[])[];
  readonly z_likelihood: readonly number[];
  readonly z_likelihood_tie_sensitive: readonly boolean[];
  readonly n_iterations: number;
  readonly converged: boolean;
  readonly final_y_posterior: readonly (readonly number[])[];
  readonly final_risk: readonly number[];
  readonly majority_vote: readonly (readonly number[])[];
}

/** Folder of the golden files: below QUORATE_SHARED, else below `shared` beside the repository; null when not there. */
const folder = ((): string | null => {
  const beside = fileURLToPath(new URL('../../../../shared', import.meta.url));
  const golden = `${process.env['QUORATE_SHARED'] ?? beside}/golden`;
  return existsSync(golden) ? golden : null;
})();

/** Names of the golden files that begin so; empty where the folder is not there. */
export function goldenFiles(prefix: string): readonly string[] {
  if (folder === null) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith('.json'))
    .sort();
}

export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as T;
}

/** Ends the name of a test that is skipped without the golden files. */
export const whySkipped = folder === null ? ' [skipped: no golden files; set QUORATE_SHARED]' : '';
export const hasGolden = folder !== null;

export function annotationsOf(
  triples: readonly (readonly [number, number, number])[],
  items: number,
  workers: number,
  classes: number,
): AnnotationIndex {
  const index = new AnnotationIndex(items, workers, classes);
  for (const [i, j, z] of triples) index.append(i, j, z);
  return index;
}

/** A data set without features: N tasks and K classes. */
export function plainDataset(items: number, classes: number): Dataset {
  return {
    taskIds: Array.from({ length: items }, (_, i) => `t${i}`),
    classes: Array.from({ length: classes }, (_, k) => `c${k}`),
    features: null,
    prototypes: { ids: [], classOf: new Int32Array(0) },
  };
}
