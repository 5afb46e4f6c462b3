import { accuracyOf, type Study, type StudyRun } from './study.js';
import { pointsOf, valueAt } from './curves.js';
import { holm, pairedDifference, type PairedDifference } from './statistics.js';

/** Two series of one panel, run by run with the same seed. */
export interface Comparison extends PairedDifference {
  readonly panel: string;
  readonly a: string;
  readonly b: string;
  /** Annotations at which both are read: as many as the run had that ended first, by pair; their mean. */
  readonly annotations: number;
  /** Corrected for all comparisons of the report (Holm); null with fewer than three pairs. */
  readonly adjusted: number | null;
  readonly verdict: 'a' | 'b' | 'not distinguishable' | 'too few pairs';
}

const LEVEL = 0.05;

/**
 * Every pair of series in every panel: difference of accuracy (a − b), each pair of runs read at the number of annotations of the
 * one that ended first. Paired by seed, so that data and workers are the same.
 */
export function comparisonsOf({ panels, series, runs }: Study): Comparison[] {
  const found = panels.flatMap((panel) =>
    series.flatMap((a, i) =>
      series.slice(i + 1).flatMap((b) => {
        const pairs = pairsOf(runs, panel, a, b);
        if (pairs.length === 0) return [];
        const read = pairs.map(([x, y]) => readBoth(x, y)).filter((one) => one !== null);
        if (read.length === 0) return [];
        const difference = pairedDifference(
          read.map(({ difference: d }) => d),
          `${panel}/${a}/${b}`,
        );
        const annotations = read.reduce((sum, one) => sum + one.annotations, 0) / read.length;
        return [{ panel, a, b, annotations, ...difference }];
      }),
    ),
  );
  const adjusted = holm(found.map(({ p }) => p));
  return found.map((one, n) => {
    const corrected = adjusted[n]!;
    const verdict =
      corrected === null ? 'too few pairs' : corrected >= LEVEL ? 'not distinguishable' : one.mean > 0 ? 'a' : 'b';
    return { ...one, adjusted: corrected, verdict };
  });
}

/** Runs whose labels differ in what is compared alone; of single runs each with each. */
function pairsOf(runs: readonly StudyRun[], panel: string, a: string, b: string): (readonly [StudyRun, StudyRun])[] {
  const of = (name: string): StudyRun[] =>
    runs.filter((run) => run.panel === panel && run.series === name && run.status === 'done');
  const others = of(b);
  return of(a).flatMap((run): (readonly [StudyRun, StudyRun])[] => {
    const partner = others.find((one) => one.names.seed === run.names.seed);
    return partner ? [[run, partner]] : [];
  });
}

function readBoth(x: StudyRun, y: StudyRun): { difference: number; annotations: number } | null {
  const [one, other] = [pointsOf(x, accuracyOf), pointsOf(y, accuracyOf)];
  if (one.length === 0 || other.length === 0) return null;
  const annotations = Math.min(one.at(-1)![0], other.at(-1)![0]);
  const [left, right] = [valueAt(one, annotations), valueAt(other, annotations)];
  return left === null || right === null ? null : { difference: left - right, annotations };
}
