/** What the other method's cost counts as where it never gets to a level. */
const NEVER = 0.45;

/**
 * What a run's `steps.jsonl` says, one number a step.
 * @param {{ annotationsPerItem: number, aggregate: object }[]} steps
 */
export function figuresOf(steps) {
  const last = steps.at(-1);
  return {
    cost: steps.map((step) => step.annotationsPerItem),
    accuracy: steps.map((step) => step.aggregate.all.top1),
    items: last.aggregate.all.correct + last.aggregate.all.incorrect,
    ece: last.aggregate.all.ece,
    valid: last.validShare,
    precision: last.aggregate.valid.top1,
  };
}

/** Annotations per item at which a curve first has `level`, interpolated between steps; null where it never has. */
export function costOf({ cost, accuracy }, level) {
  const after = accuracy.findIndex((a) => a >= level);
  if (after < 0) return null;
  if (after === 0) return cost[0];
  const t = (level - accuracy[after - 1]) / (accuracy[after] - accuracy[after - 1]);
  return cost[after - 1] + t * (cost[after] - cost[after - 1]);
}

export const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/**
 * Mean cost of `ours` over that of `theirs`, on the seeds where theirs gets to the level; 0.45 where it never does, and
 * null where ours is the one that does not. Runs are in the order of their seeds.
 */
export function ratioOf(ours, theirs, level) {
  const pairs = ours.map((run, s) => [costOf(run, level), costOf(theirs[s], level)]);
  const both = pairs.filter(([, their]) => their !== null);
  const asked = both.length > 0 ? both : pairs;
  if (asked.some(([our]) => our === null)) return null;
  return both.length > 0 ? mean(both.map(([our]) => our)) / mean(both.map(([, their]) => their)) : NEVER;
}

/** Geometric mean of ratios; null when one is missing. A ratio below 1/100 counts as that, or one set would decide all. */
export function geometricMean(ratios) {
  if (ratios.some((ratio) => ratio === null)) return null;
  return Math.exp(mean(ratios.map((ratio) => Math.log(Math.max(ratio, 0.01)))));
}
